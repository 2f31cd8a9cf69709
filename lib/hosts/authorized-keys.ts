// Editing authorized_keys: text in, text out. What is not ours stays as it is, byte for byte.
import { VendingError } from '../errors.ts';
import { parsePublicKey } from '../ssh/public-key.ts';
import { type KeyLine, logsIn, parseLine } from './authorized-line.ts';

/** A line of the file that lets a certain key in. */
export interface FoundLine extends KeyLine {
  /** From its first byte to behind its line end. */
  readonly start: number;
  readonly end: number;
  /** LF or CRLF; empty where the file ends without one. */
  readonly lineEnd: string;
}

/**
 * The lines that let a key in, in the order in which sshd tries them: the first whose options admit the client counts.
 * @param text the file in latin1
 * @param publicKey one OpenSSH line; its comment does not matter
 * @throws {VendingError} KEY_UNREADABLE when `publicKey` is not one
 */
export function linesOf(text: string, publicKey: string): FoundLine[] {
  const blob = base64(publicKey);
  const found: FoundLine[] = [];
  for (const { start, end, line, lineEnd } of lines(text)) {
    const parsed = parseLine(line);
    if (parsed?.blob === blob && logsIn(parsed)) found.push({ ...parsed, start, end, lineEnd });
  }
  return found;
}

/**
 * Lets a second key in wherever the first one is, with the same options and comment: directly after each of its lines, so that
 * options such as `from=` are tried in the same order for both.
 * @returns the same text when the second key is there already, wherever that is
 * @throws {VendingError} HOST_LINE_ABSENT when the first is not: it is accepted from elsewhere, or not at all
 */
export function withKeyAdded(text: string, present: string, coming: string): string {
  if (linesOf(text, coming).length > 0) return text;
  const old = linesOf(text, present);
  if (old.length === 0) throw absent();
  const { line: key } = parsePublicKey(coming);
  return spliced(
    text,
    old.map(({ options, rest, end, lineEnd }) => {
      const line = `${options}${options && ' '}${key}${rest}`;
      return { start: end, end, put: lineEnd ? line + lineEnd : usualLineEnd(text) + line };
    }),
  );
}

/**
 * Takes every line of a key out, and nothing else. A file that ended without a line end still does so afterwards: a key that
 * was added and removed again leaves the bytes that were there before.
 */
export function withKeyRemoved(text: string, publicKey: string): string {
  const gone = linesOf(text, publicKey);
  const left = spliced(
    text,
    gone.map(({ start, end }) => ({ start, end, put: '' })),
  );
  return gone.at(-1)?.lineEnd === '' ? left.replace(/\r?\n$/, '') : left;
}

/**
 * Puts back the lines that `withKeyRemoved` took out of `before`, into a file that others have changed since: in front of
 * another key's first line, else at the end.
 */
export function withLinesBack(text: string, before: string, publicKey: string, nextTo: string): string {
  if (linesOf(text, publicKey).length > 0) return text;
  const lineEnd = usualLineEnd(text);
  const back = linesOf(before, publicKey).map((found) => before.slice(found.start, found.end - found.lineEnd.length));
  const at = linesOf(text, nextTo)[0]?.start ?? text.length;
  const open = at === text.length && text !== '' && !text.endsWith('\n');
  return spliced(text, [{ start: at, end: at, put: (open ? lineEnd : '') + back.map((l) => l + lineEnd).join('') }]);
}

export const absent = () => new VendingError('HOST_LINE_ABSENT', 'The key has no line in authorized_keys');

const base64 = (publicKey: string): string => Buffer.from(parsePublicKey(publicKey).blob).toString('base64');

/** The first line's line end, for a place where there is none to copy. */
const usualLineEnd = (text: string): string => /\r?\n/.exec(text)?.[0] ?? '\n';

function* lines(text: string) {
  for (let start = 0; start < text.length; ) {
    const feed = text.indexOf('\n', start);
    const end = feed < 0 ? text.length : feed + 1;
    const lineEnd = /\r?\n$/.exec(text.slice(start, end))?.[0] ?? '';
    yield { start, end, line: text.slice(start, end - lineEnd.length), lineEnd };
    start = end;
  }
}

interface Splice {
  readonly start: number;
  readonly end: number;
  readonly put: string;
}

/** Applied from the back, so that what is in front keeps its position. */
const spliced = (text: string, splices: readonly Splice[]): string =>
  splices.toReversed().reduce((left, { start, end, put }) => left.slice(0, start) + put + left.slice(end), text);
