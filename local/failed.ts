// What is said of a command that failed, and with which code it ends. Loaded when one does.
import type { Command as Program } from 'commander';
import { InvalidRequest, problemOf } from '../lib/contract/problem-of.ts';
import { VendingError } from '../lib/errors.ts';
import { isMisused, misuse } from './commands/misuse.ts';
import { type ExitCode, exitCodeOf } from './exit-codes.ts';

interface Line {
  readonly program: Program;
  readonly words: readonly string[];
  /** Problems are printed as they are. */
  readonly json: boolean;
}

export async function failed(error: unknown, { program, words, json }: Line): Promise<ExitCode> {
  if (isMisused(error)) return say(misuse(error, program, words), 2);
  if (error instanceof VendingError) {
    if (json) process.stderr.write(`${JSON.stringify(problemOf(error))}\n`);
    else process.stderr.write(`keyvend: ${error instanceof InvalidRequest ? fieldsOf(error) : error.message}\n`);
    return exitCodeOf(error.code);
  }
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EEXIST') return say('that file exists already; it was not touched', 5);
  return say(error instanceof TypeError ? error.message : `this failed (${code})`, 1);
}

const fieldsOf = ({ fields }: InvalidRequest): string =>
  fields.map(({ pointer, detail }) => `${pointer.replace('#/', '')} ${detail}`).join('; ');

function say(message: string, code: ExitCode): ExitCode {
  process.stderr.write(`keyvend: ${message}\n`);
  return code;
}
