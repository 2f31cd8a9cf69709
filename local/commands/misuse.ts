// What is wrong with a line that was not understood: the wrong word, and where to read on. Never the whole manual.
import type { Command as Program } from 'commander';
import { nearest, pathOf } from './program.ts';

interface Misused {
  readonly code: string;
  readonly message: string;
}

export const isMisused = (error: unknown): error is Misused =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('commander.');

/** @param words the line, without `keyvend` @returns one sentence, and what to type next */
export function misuse(error: Misused, program: Program, words: readonly string[]): string {
  const { found } = nearest(program, words[0] === 'help' ? words.slice(1) : words);
  const path = pathOf(found);
  const under = found.commands.map((one) => one.name()).filter((name) => name !== 'help');
  const said =
    error.code === 'commander.help'
      ? path === ''
        ? 'a command is needed'
        : `${path} takes one of ${under.join(', ')}`
      : error.message
          .replace(/^error: /, '')
          .replace(/\n\((Did you mean .*)\)$/s, '. $1')
          .replace(/\. Expected (\d+) .*$/s, ': it takes $1')
          .replace(/^missing required argument '(.*)'$/, '$1 is missing');
  const more = `keyvend help${path === '' ? '' : ` ${path}`}`;
  return said.endsWith('?') ? `${said} See: ${more}` : `${said}; see: ${more}`;
}
