// One line of authorized_keys, read as sshd reads it: sshd(8), AUTHORIZED_KEYS FILE FORMAT.
import { fromBase64 } from '../ssh/bytes.ts';
import { WireReader } from '../ssh/wire.ts';

/** A line that holds a key. Lines are latin1 strings: each character is one byte of the file. */
export interface KeyLine {
  /** The options field as it stands, quotes included; empty for none. */
  readonly options: string;
  /** What SSH itself calls the key, in base64. Equal blobs are equal keys, whatever word stands before them. */
  readonly blob: string;
  /** The comment with the blanks before it. */
  readonly rest: string;
}

/**
 * A key may come first on its line; only if none does, the first field is the options. sshd looks in this order, too.
 * @param line without its line end
 * @returns undefined for a blank line, a comment, and for what sshd skips because it holds no key
 */
export function parseLine(line: string): KeyLine | undefined {
  const [seen = ''] = line.split('\0', 1); // to sshd a line is a C string
  const text = seen.replace(/^[ \t]+/, '');
  if (text === '' || text.startsWith('#')) return undefined;
  const plain = keyAt(text);
  if (plain) return { options: '', ...plain };
  const end = endOfOptions(text);
  const key = keyAt(text.slice(end).replace(/^[ \t]+/, ''));
  return key && { options: text.slice(0, end), ...key };
}

/** Whether sshd runs a command of its own in place of the one that is asked for. The case of option names does not matter. */
export const forcesCommand = (options: string): boolean => optionNames(options).includes('command');

/** Whether the key logs in by itself. A certificate authority's key only vouches for other keys. */
export const logsIn = ({ options }: KeyLine): boolean => !optionNames(options).includes('cert-authority');

/** The key type's name, and two signature algorithms that sshd takes for it. */
const rsaNames = ['ssh-rsa', 'rsa-sha2-256', 'rsa-sha2-512'];

function keyAt(text: string): Pick<KeyLine, 'blob' | 'rest'> | undefined {
  const [, type = '', base64 = '', rest = ''] = /^([^ \t]+)[ \t]+([^ \t]+)(.*)$/s.exec(text) ?? [];
  const bytes = fromBase64(base64.replace(/\s/g, '')); // sshd's decoder skips blanks, a CR among them
  if (!bytes) return undefined;
  const named = typeOf(bytes);
  if (named !== type && !(named === 'ssh-rsa' && rsaNames.includes(type))) return undefined;
  return { blob: bytes.toString('base64'), rest };
}

/** The name that a blob begins with. */
function typeOf(blob: Buffer): string | undefined {
  try {
    return new WireReader(blob).string().toString('latin1');
  } catch {
    return undefined;
  }
}

/** Up to the first blank outside quotes; `\"` neither begins nor ends a quote. */
function endOfOptions(text: string): number {
  let quoted = false;
  let at = 0;
  for (; at < text.length && (quoted || (text[at] !== ' ' && text[at] !== '\t')); at += 1) {
    if (text[at] === '\\' && text[at + 1] === '"') at += 1;
    else if (text[at] === '"') quoted = !quoted;
  }
  return at;
}

/** In lower case, without their values. */
const optionNames = (options: string): string[] =>
  options
    .replace(/\\"/g, '')
    .replace(/"[^"]*"?/g, '')
    .split(',')
    .map((option) => option.split('=', 1)[0]!.toLowerCase());
