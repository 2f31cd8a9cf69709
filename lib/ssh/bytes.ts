// Buffers for key material, each in memory of its own. `Buffer.from` and `Buffer.concat` cut small buffers from one
// shared slab, and whoever clones or inspects another buffer of that slab (a public blob, say) sees all of it.

/**
 * Exact base64: standard alphabet, padded, no blanks, unused bits zero. Node's decoder skips what it does not know, so the text
 * must be what the decoded bytes encode to; that also finds a text that was cut.
 * @returns undefined when the text is empty or anything else
 */
export function fromBase64(text: string): Buffer | undefined {
  const space = Buffer.alloc(Math.ceil((text.length * 3) / 4));
  const bytes = space.subarray(0, space.write(text, 'base64'));
  return text !== '' && bytes.toString('base64') === text ? bytes : undefined;
}

/** What a JWK's member is written in. */
export function fromBase64Url(text: string): Buffer {
  const bytes = Buffer.alloc(Math.floor((text.length * 3) / 4));
  bytes.write(text, 'base64url');
  return bytes;
}

/** A number that is not negative, as big-endian bytes without leading zeros; 0 is one zero byte. */
export function fromNumber(value: bigint): Buffer {
  const hex = value.toString(16);
  const even = hex.length % 2 === 0 ? hex : `0${hex}`;
  const bytes = Buffer.alloc(even.length / 2);
  bytes.write(even, 'hex');
  return bytes;
}

/** Big-endian bytes as a number; no bytes are 0. */
export const toNumber = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex') || '0'}`);

export function join(parts: readonly Uint8Array[]): Buffer {
  const whole = Buffer.alloc(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
