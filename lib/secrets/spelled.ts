// A word of an identity in a store's own names: letters, digits, `_` and `-` stay, every other character becomes `=` and two hexadecimal
// digits per byte, `=` itself too. So it can be read back, by people and by us, and is neither empty, `.` nor `..`.

export function spelled(word: string): string {
  if (!word.isWellFormed()) throw new TypeError('an identity is text');
  return word.replace(/[^A-Za-z0-9_-]/gu, (character) =>
    [...Buffer.from(character)].map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );
}

/** Of what `spelled` did not make, it may be anything: spell it again and compare. @throws {URIError} */
export const spelledBack = (text: string): string => decodeURIComponent(text.replaceAll('=', '%'));
