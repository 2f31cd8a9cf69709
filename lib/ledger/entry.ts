// What a record is filed under, taken from the record and checked once for every ledger: what one of them would refuse, all of
// them refuse before anything is written.
import { type Identity, identityKey, identityOf } from '../identity.ts';
import type { Due, Indexed } from './ledger.ts';
import { listedAs } from './listing.ts';

/** The most that a record or an attempt may take as JSON, in bytes. DynamoDB holds 400 KB an item, index and all. */
const RECORD_BYTES = 100 * 1024;
const ATTEMPT_BYTES = 10 * 1024;

const dueFields = {
  settle: 'settleAtMs',
  rotate: 'rotateAtMs',
  announce: 'announceAtMs',
} as const satisfies Record<Due, keyof Indexed>;
export const dues = Object.keys(dueFields) as Due[];

export interface Entry {
  readonly key: string;
  /** Its position in a listing. */
  readonly listed: string;
  readonly provider: Identity['provider'];
  readonly state: string;
  /** Moments in milliseconds; what is absent is not in that index. */
  readonly due: Readonly<Partial<Record<Due, number>>>;
  readonly json: string;
}

/** @throws {TypeError} for a record that the port does not allow */
export function entryOf(record: Indexed): Entry {
  const { identity, state } = record;
  if (typeof state !== 'string' || state === '') throw new TypeError('a record needs a state');
  const due: Partial<Record<Due, number>> = {};
  for (const what of dues) {
    const atMs = record[dueFields[what]];
    if (atMs !== undefined) due[what] = milliseconds(atMs);
  }
  const json = jsonOf(record, RECORD_BYTES);
  return { key: keyOf(identity), listed: listedAs(identity), provider: identity.provider, state, due, json };
}

/** @throws {TypeError} for an identity whose key could also be another's */
export function keyOf(identity: Identity): string {
  const key = identityKey(identity);
  identityOf(key); // refuses an empty word, and a slash in one
  return key;
}

/** @throws {TypeError} for an attempt of more than 10 KB */
export const attemptJson = (attempt: unknown): string => jsonOf(attempt, ATTEMPT_BYTES);

/** The revision a writer has read. @throws {TypeError} for what cannot be one */
export function revisionOf(expected: number): number {
  if (!Number.isSafeInteger(expected) || expected < 0) throw new TypeError('not a revision');
  return expected;
}

/** @throws {TypeError} for anything but a whole number: an index orders nothing else */
export function milliseconds(ms: number): number {
  if (!Number.isSafeInteger(ms)) throw new TypeError('a moment is a whole number of milliseconds');
  return ms;
}

/** How many to return at most. @throws {TypeError} */
export function atMost(limit: number, highest: number): number {
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > highest) {
    throw new TypeError(`a limit is a whole number from 1 to ${highest}`);
  }
  return limit;
}

function jsonOf(value: unknown, mostBytes: number): string {
  const json = JSON.stringify(value) as string | undefined;
  if (json === undefined || Buffer.byteLength(json) > mostBytes) {
    throw new TypeError(`the ledger takes JSON data of up to ${mostBytes} bytes`);
  }
  return json;
}
