// The canonical text that both Alibaba schemes sign. What was received is decoded and encoded again, because clients leave some
// characters raw on the wire that they encode in the signed text (`( ) * ! ~`).
import { createHash, createHmac } from 'node:crypto';

/** RFC 3986: everything but `A-Z a-z 0-9 - _ . ~` becomes `%XX`. */
export const percentEncode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** `k=v&k=v`, encoded, sorted by name; a name that came twice is ordered by value. */
export const canonicalQuery = (pairs: readonly (readonly [string, string])[]): string =>
  [...pairs]
    .sort(([a, x], [b, y]) => byText(a, b) || byText(x, y))
    .map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`)
    .join('&');

export const sha256Hex = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');

export const hmac = (algorithm: 'sha1' | 'sha256', key: string | Buffer, text: string): Buffer =>
  createHmac(algorithm, key).update(text, 'utf8').digest();
