// What is said of a command that failed, and with which code it ends. Loaded when one does.
import type { Command as Program } from 'commander';
import { InvalidRequest, problemOf } from '../lib/contract/problem-of.ts';
import { VendingError } from '../lib/errors.ts';
import { CommandError } from './command-error.ts';
import { isMisused, misuse } from './commands/misuse.ts';
import { type ExitCode, exitCodeOf } from './exit-codes.ts';
import { plain } from './plain.ts';
import { fieldsIn } from './problem-fields.ts';
import { type Called, lastCalled } from './session/target.ts';

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
  if (error instanceof CommandError) return say(error.message, error.exit);
  if (isAnswer(error)) return answered(error, json, lastCalled());
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EEXIST') return say('that file exists already; it was not touched', 5);
  return say(error instanceof TypeError ? error.message : `this failed (${code})`, 1);
}

/** What a deployment answered, or that it did not. */
interface Answer extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly problem?: Parameters<typeof fieldsIn>[0];
}
/** By its name, so that no command loads the client to see that it has not failed there. */
const isAnswer = (error: unknown): error is Answer => error instanceof Error && error.name === 'KeyvendError';

function answered({ status, code, detail: message, problem }: Answer, json: boolean, to: Called | undefined): ExitCode {
  const exit = exitCodeOf(code, status);
  if (json && problem !== undefined) process.stderr.write(`${JSON.stringify(problem)}\n`);
  else if (code === 'UNREACHABLE' && to !== undefined) say(`${to.url} does not answer; it is meant by ${to.by}`, exit);
  else if (code === 'ROUTE_UNKNOWN')
    say('this deployment does not have that; it may be older than this command line', exit);
  else {
    const fields = fieldsIn(problem).map((line) => `\n  ${line}`);
    say(plain(`${message}${status === 401 ? ' Sign in: keyvend login' : ''}${fields.join('')}`), exit);
  }
  return exit;
}

const fieldsOf = ({ fields }: InvalidRequest): string =>
  fields.map(({ pointer, detail }) => `${pointer.replace('#/', '')} ${detail}`).join('; ');

function say(message: string, code: ExitCode): ExitCode {
  process.stderr.write(`keyvend: ${message}\n`);
  return code;
}
