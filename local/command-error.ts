// A command that cannot go on, with the code that it ends with.
import type { ExitCode } from './exit-codes.ts';

export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exit: Exclude<ExitCode, 0>;

  /** @param message a sentence without its full stop, without input and without key material */
  constructor(message: string, exit: Exclude<ExitCode, 0>) {
    super(message);
    this.exit = exit;
  }
}
