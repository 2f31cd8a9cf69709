// Ends a command that cannot do what it was asked.

/** @param code 1 for a command that failed, 2 for one that was not understood */
export function fail(message: string, code: 1 | 2): never {
  process.stderr.write(`keyvend: ${message}\n`);
  process.exit(code);
}
