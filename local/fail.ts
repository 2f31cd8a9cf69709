// Ends a command that cannot do what it was asked.
import type { ExitCode } from './exit-codes.ts';

export function fail(message: string, code: Exclude<ExitCode, 0>): never {
  process.stderr.write(`keyvend: ${message}\n`);
  process.exit(code);
}

/** @returns the error in a sentence: its own, unless a port is taken, which has a remedy */
export function sentenceOf(error: unknown): string {
  const { code, message = String(error) } = (error ?? {}) as NodeJS.ErrnoException;
  return code === 'EADDRINUSE' ? 'a port is in use; set PORT or KEYVEND_CLOUDS_PORT' : message;
}
