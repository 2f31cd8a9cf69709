// Idempotency-Key: what a caller's key stands for, remembered for a day.
import { DAY_MS } from '../clock.ts';
import { VendingError } from '../errors.ts';
import type { ApiCall } from './http.ts';
import type { Records } from './runtime.ts';

/**
 * The ledger's key under which it is remembered; undefined where none was sent. It may be quoted or not
 * (draft-ietf-httpapi-idempotency-key).
 */
export function idempotencyKey({ request, caller }: ApiCall): string | undefined {
  const header = request.headers.get('idempotency-key');
  if (header === undefined) return undefined;
  const key = /^"?([\x21\x23-\x7e]{1,128})"?$/.exec(header.trim())?.[1];
  if (key === undefined)
    throw new VendingError('INVALID_REQUEST', 'The Idempotency-Key is not 1 to 128 printable ASCII characters');
  return `idempotency ${caller.id} ${key}`;
}

/** @returns what stands: the given text, or what an earlier request left there */
export async function rememberedFor({ clock, ledger }: Records, key: string, text: string): Promise<string> {
  const nowMs = clock.wallMs();
  return (await ledger()).remember(key, text, nowMs, nowMs + DAY_MS);
}

/** Remembers a text in place of what stands. */
export async function restateFor({ clock, ledger }: Records, key: string, text: string): Promise<void> {
  await (await ledger()).restate(key, text, clock.wallMs() + DAY_MS);
}

export const keyReused = () => new VendingError('KEY_REUSED', 'This Idempotency-Key was used for another request');
