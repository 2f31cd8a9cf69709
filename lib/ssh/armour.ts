// Turns a private key's text, in any spelling that the clouds use, into its bytes.
import { fromBase64 } from './bytes.ts';
import { unreadable } from './unreadable.ts';

/** In UTF-16 units: as long as a file that ssh-keygen reads, and as an answer that a cloud may send. */
const longest = 1024 * 1024;

const begin = '-----BEGIN';
/** A block; OpenSSL ends its base64 at any dash. No repeated part can match what follows it, so a long text costs one pass. */
const blocks = /-----BEGIN([A-Z0-9 ]{0,40})-----([^-]*)(?:-+\s+)?-----END[A-Z0-9 ]{0,40}-----/g;
/** No key spelling contains a backslash, so each one is left over from JSON, escaped once, twice or (4) thrice. */
const escaped = /\\{1,4}(?:[rn]|(\/)|u00([0-9a-fA-F]{2}))/g;

/**
 * Takes off what surrounds the key: a BOM and blanks, escapes that JSON left as text (ENS's page shows `\n` like that, PHP
 * writes `\/` and Gson `\u003d`), a base64 layer around a PEM (Tencent SSM), PEM armour, and, as ssh-keygen does, whatever stands before and
 * after it: a cloud hands a key out once. The first block counts that is labelled as a private key, or else the first; which
 * kind of key the label says is ignored, because services mislabel: only the bytes say what they are.
 * @param text PEM, or base64 alone on one line or on many
 * @returns DER, or openssh-key-v1 with its magic
 * @throws {VendingError} KEY_UNREADABLE when there is no key in it, it is encrypted, or above 1 Mi characters
 */
export function keyBytes(text: string): Buffer {
  if (text.length > longest) throw unreadable('The private key is longer than 1,048,576 characters');
  const plain = withoutEscapes(text);
  if (plain.includes(begin)) return base64(withoutArmour(plain));
  const bytes = base64(plain);
  return bytes.includes(begin) ? base64(withoutArmour(withoutEscapes(bytes.toString()))) : bytes;
}

/** `trim` takes a BOM off too. */
const withoutEscapes = (text: string): string =>
  text
    .replace(escaped, (_all, slash?: string, hex?: string) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      return slash ?? '\n';
    })
    .trim();

function withoutArmour(text: string): string {
  const all = [...text.matchAll(blocks)];
  const [, , body] = all.find(([, label]) => label!.includes('PRIVATE')) ?? all[0] ?? [];
  if (body !== undefined) return body;
  if (text.includes('Proc-Type: 4,ENCRYPTED')) throw unreadable('The private key is encrypted'); // RFC 1421 section 4.6
  throw unreadable("The private key's PEM armour is damaged");
}

/** What is no visible ASCII is left out: OpenSSL ignores it at the ends of lines. */
function base64(text: string): Buffer {
  const bytes = fromBase64(text.replace(/[^!-~]+/g, ''));
  if (!bytes) throw unreadable("The private key's base64 is cut short or damaged");
  return bytes;
}
