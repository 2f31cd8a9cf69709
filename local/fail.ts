// How a command ends that cannot do what it was asked.

/** @param code 1 for what the world said no to, 2 for a command that was not understood */
export function fail(message: string, code: 1 | 2): never {
  process.stderr.write(`keyvend: ${message}\n`);
  process.exit(code);
}
