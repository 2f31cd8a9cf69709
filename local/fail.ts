// Ends a command that cannot do what it was asked.

/** @param code 1 for a command that failed, 2 for one that was not understood */
export function fail(message: string, code: 1 | 2): never {
  process.stderr.write(`keyvend: ${message}\n`);
  process.exit(code);
}

/** @returns the error in a sentence: its own, unless a port is taken, which has a remedy */
export function sentenceOf(error: unknown): string {
  const { code, message = String(error) } = (error ?? {}) as NodeJS.ErrnoException;
  return code === 'EADDRINUSE' ? 'a port is in use; set PORT or KEYVEND_CLOUDS_PORT' : message;
}
