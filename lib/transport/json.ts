// Reading what a service sent, as far as it can be trusted.

/** The JSON object in a body. A parser's own error would quote the body, and with it the key, so it is not passed on. */
export function jsonObject(body: Buffer): Record<string, unknown> | undefined {
  try {
    return asObject(JSON.parse(body.toString('utf8')));
  } catch {
    return undefined;
  }
}

export const asObject = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;

/** Upstream words that we repeat must look like what they should be; any other text could hold anything. A line of a PEM has 64. */
export const plainWord = (value: unknown): string | undefined => {
  const word = typeof value === 'string' ? value.trim() : '';
  return /^[A-Za-z0-9._-]{1,63}$/.test(word) ? word : undefined;
};
