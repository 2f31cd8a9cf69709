// Whether a private key got into text that anybody may see.

/** So many characters of base64 are no coincidence. */
const TELLING = 32;

/**
 * Looks for what every private key in PEM begins with, and for the keys that were made in particular: a key without its first line is one, too.
 * @param keys in PEM, as they are stored @returns how many of the texts have one in them
 */
export function withPrivateKeys(texts: readonly string[], keys: readonly string[]): number {
  const telling = keys.flatMap(privateLines);
  return texts.filter((text) => /PRIVATE KEY/.test(text) || telling.some((line) => text.includes(line))).length;
}

/** A key of RSA begins with its modulus, which is public; what is private of it fills the second half. */
function privateLines(key: string): string[] {
  const lines = key.split('\n').filter((line) => /^[\w+/=-]+$/.test(line));
  return lines.slice(Math.floor(lines.length / 2)).filter(({ length }) => length >= TELLING);
}
