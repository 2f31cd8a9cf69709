// The two remote commands: what is sent, and what their answers mean.
import { randomBytes } from 'node:crypto';
import { VendingError } from '../errors.ts';
import { digestKind, digestOf, isDigestKind } from './digest.ts';
import type { KeyFile } from './hosts.ts';
import { notRun, type Unanswered } from './no-answer.ts';
import { neededTools, readScript, replaceScript } from './remote-script.ts';

/** What a host printed in answer to one command, in latin1, and how that ended. */
export interface Printed extends Unanswered {
  /** The connection ended before the command did. */
  readonly lost: boolean;
  /** All of the input was sent while the command ran. */
  readonly sent?: boolean;
}

/** One command: the words for the account's shell, all of its input, and how its output is read. */
export interface RemoteCommand<T> {
  readonly command: string;
  readonly input: Buffer;
  /** What the command prints first, once the shell has come to it. */
  readonly begins: string;
  /** @throws {VendingError} HOST_FILE_UNUSABLE, HOST_TOOL_MISSING, HOST_UNREACHABLE, and what `notRun` makes */
  answer(printed: Printed): T;
}

export function readCommand(): RemoteCommand<KeyFile> {
  const mark = newMark();
  return {
    command: readScript(mark),
    input: Buffer.alloc(0),
    begins: begins(mark),
    answer(printed) {
      const { words, after } = answerOf(printed, mark, 'read');
      const end = printed.text.indexOf(`\n${mark} end\n`, after);
      const [kind] = words;
      if (end < 0 || !isDigestKind(kind)) throw unanswered(printed, mark);
      const text = printed.text.slice(after, end);
      return { text, digest: digestOf(kind, Buffer.from(text, 'latin1')) };
    },
  };
}

/** @param withinMs how long the host may take, milliseconds; rounded up to seconds */
export function replaceCommand(
  expected: string,
  text: string,
  withinMs: number,
): RemoteCommand<'replaced' | 'changed'> {
  const kind = digestKind(expected);
  if (!kind) throw new TypeError('not a digest that was read');
  const mark = newMark();
  const input = Buffer.from(text, 'latin1');
  const [before, coming] = [expected, digestOf(kind, input)].map((digest) => digest.slice(kind.length + 1));
  const withinSeconds = Math.ceil(withinMs / 1000);
  return {
    command: replaceScript(mark, { kind, expected: before!, coming: coming!, withinSeconds }),
    input,
    begins: begins(mark),
    answer(printed) {
      const { word } = answerOf(printed, mark, 'replaced', 'changed', 'busy', 'incomplete', 'late');
      if (word === 'incomplete' && printed.sent && !printed.lost) throw eaten();
      if (word === 'incomplete') throw unreachable('The new file did not reach the host in full');
      if (word === 'late') throw unreachable('The host took too long to begin the edit');
      return word === 'replaced' ? 'replaced' : 'changed'; // busy: others hold the lock, so it is about to change
    },
  };
}

export const unreachable = (what: string): VendingError => new VendingError('HOST_UNREACHABLE', what);

/** What a shell starts with (`~/.bashrc`, to name one) has the same input as the command. */
const eaten = () =>
  new VendingError('HOST_SHELL_UNUSABLE', 'What the login shell starts with read a part of the input');

const begins = (mark: string): string => `${mark} begun\n`;
const newMark = (): string => randomBytes(16).toString('hex');

/** Why a file cannot be edited, by the script's own word for it. */
const reasons = new Map([
  ['home', 'The account has no home directory'],
  ['link', 'authorized_keys is a symbolic link that leads nowhere'],
  ['kind', 'authorized_keys is not a file'],
  ['read', 'The account may not read authorized_keys'],
  ['directory', 'The account may not write to the directory of authorized_keys'],
  ['mode', 'The owner may not write to authorized_keys'],
  ['owner', 'The owner, group or mode of authorized_keys cannot be kept'],
  ['space', 'There was no room to write authorized_keys anew'],
  ['rename', 'authorized_keys cannot be replaced: it is immutable, or a mount point of its own'],
]);

/** The same for a program that is not on the host. */
const missing = new Map(
  [...neededTools, 'readlink', 'mkdir', 'rmdir', 'sleep'].map((tool) => [tool, `The host lacks ${tool}`]),
).set('digest', 'The host has no tool that makes a digest');

/** What comes before the first mark is from rc files and banners. */
function answerOf(printed: Printed, mark: string, ...known: readonly string[]) {
  const found = new RegExp(`${mark} begun\\n${mark} ([a-z]+)((?: [^ \\n]+)*)\\n`).exec(printed.text);
  if (!found) throw unanswered(printed, mark);
  const [all, word = '', rest = ''] = found;
  const words = rest.split(' ').slice(1);
  if (word === 'unusable' && words[0] === 'tool') {
    throw new VendingError('HOST_TOOL_MISSING', missing.get(words[1] ?? '') ?? 'The host lacks a tool for the edit');
  }
  if (word === 'unusable') {
    throw new VendingError('HOST_FILE_UNUSABLE', reasons.get(words[0] ?? '') ?? 'authorized_keys cannot be edited');
  }
  if (!known.includes(word)) throw unanswered(printed, mark);
  return { word, words, after: found.index + all.length };
}

const unanswered = (printed: Printed, mark: string): VendingError => {
  if (printed.lost) return unreachable('The connection was lost before the answer came');
  if (printed.text.includes(begins(mark))) return unreachable('The edit was stopped on the host before it answered');
  return notRun(printed);
};
