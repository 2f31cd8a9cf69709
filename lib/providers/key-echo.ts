// An answer may repeat its private key where something else belongs, and what is an id or a code goes into answers, logs and the
// ledger. A form alone does not tell: the letters of a key are those of an id.

/** Octets in a row; shorter ones are there by chance. */
const RUN = 6;

/** Whether a word has a part of a key in it, in base64 or in hex, wherever it begins. @param key in any spelling; no key has no parts */
export function repeatsKey(key: unknown, word: string): boolean {
  const octets = typeof key === 'string' ? octetsOf(key) : '';
  const hex = word.replace(/[^0-9a-f]/gi, '');
  const readings = [
    ...[0, 1, 2, 3].map((from) => Buffer.from(word.slice(from), 'base64')),
    ...[0, 1].map((from) => Buffer.from(hex.slice(from), 'hex')),
  ];
  return readings.some((read) => {
    const text = read.toString('latin1');
    for (let at = 0; at + RUN <= text.length; at += 1) if (octets.includes(text.slice(at, at + RUN))) return true;
    return false;
  });
}

/** Without its armour and escapes; and without the base64 around both that some services add. */
function octetsOf(key: string): string {
  const octets = Buffer.from(key.replace(/-----[^-]*-----|\\./g, ''), 'base64').toString('latin1');
  return octets.includes('-----BEGIN') ? octetsOf(octets) : octets;
}
