// What a record is filed under, taken from the record and checked once for every ledger: what one of them would refuse, all of
// them refuse before anything is written.
import { type Identity, identityKey, identityOf } from '../identity.ts';
import type { Due, Indexed } from './ledger.ts';
import { listedAs } from './listing.ts';
import { pack } from './packed.ts';

/** A record that takes more than this as JSON, in bytes, is kept packed. */
const PLAIN_BYTES = 100 * 1024;
/** The most that a packed one may take. DynamoDB holds 400 KB an item, index and all. */
const PACKED_BYTES = 390 * 1024;
/** The most that an attempt may take as JSON. */
const ATTEMPT_BYTES = 10 * 1024;

const dueFields = {
  settle: 'settleAtMs',
  rotate: 'rotateAtMs',
  announce: 'announceAtMs',
} as const satisfies Record<Due, keyof Indexed>;
export const dues = Object.keys(dueFields) as Due[];

/** A page of a listing ends with the record with which it comes to so many characters of JSON, if not with its last one. */
export const PAGE_LENGTH = 4_000_000;

export interface Entry {
  readonly key: string;
  /** Its position in a listing. */
  readonly listed: string;
  readonly provider: Identity['provider'];
  readonly state: string;
  readonly aside: boolean;
  /** Moments in milliseconds; what is absent is not in that index. */
  readonly due: Readonly<Partial<Record<Due, number>>>;
  readonly json: string;
  /** What a record with long JSON is kept as where a row is small. */
  readonly packed: Buffer | undefined;
}

/** @throws {TypeError} for a record that the port does not allow */
export function entryOf(record: Indexed): Entry {
  const { identity, state, aside = false } = record;
  if (typeof state !== 'string' || state === '') throw new TypeError('a record needs a state');
  const due: Partial<Record<Due, number>> = {};
  for (const what of dues) {
    const atMs = record[dueFields[what]];
    if (atMs !== undefined) due[what] = milliseconds(atMs);
  }
  const json = jsonOf(record);
  const packed = packedOf(json);
  if (packed !== undefined && packed.length > PACKED_BYTES) throw tooLong();
  const listed = listedAs(identity);
  return { key: keyOf(identity), listed, provider: identity.provider, state, aside, due, json, packed };
}

const packedOf = (json: string) => (Buffer.byteLength(json) > PLAIN_BYTES ? pack(json) : undefined);

/** @throws {TypeError} for an identity whose key could also be another's */
export function keyOf(identity: Identity): string {
  const key = identityKey(identity);
  identityOf(key); // refuses an empty word, and a slash in one
  return key;
}

/** @throws {TypeError} for an attempt of more than 10 KB */
export function attemptJson(attempt: unknown): string {
  const json = jsonOf(attempt);
  if (Buffer.byteLength(json) > ATTEMPT_BYTES) throw tooLong();
  return json;
}

/** The revision a writer has read. @throws {TypeError} for what cannot be one */
export function revisionOf(expected: number): number {
  if (!Number.isSafeInteger(expected) || expected < 0) throw new TypeError('not a revision');
  return expected;
}

/** @throws {TypeError} for anything but a whole number: an index orders nothing else */
export function milliseconds(ms: number): number {
  if (!Number.isSafeInteger(ms)) throw new TypeError('a moment is in whole milliseconds');
  return ms;
}

/** How many to return at most. @throws {TypeError} */
export function atMost(limit: number, highest: number): number {
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > highest) {
    throw new TypeError(`a limit is a whole number from 1 to ${highest}`);
  }
  return limit;
}

function jsonOf(value: unknown): string {
  const json = JSON.stringify(value) as string | undefined;
  if (json === undefined) throw tooLong();
  return json;
}

const tooLong = () => new TypeError('not JSON data, or too much of it');
