// Reading an answer's fields and checking a request's, before either can do harm.

import { VendingError } from '../errors.ts';
import { regionRule } from '../identity.ts';
import { sha256Hex } from '../sha256.ts';
import { normaliseFingerprint } from '../ssh/fingerprint.ts';
import { parsePublicKey } from '../ssh/public-key.ts';
import { asObject } from '../transport/json.ts';
import { repeatsKey } from './key-echo.ts';
import { type Operation, type Reply, unreadable } from './outcome.ts';
import type { Tags } from './provider.ts';

type Fields = Reply['fields'];

/** A field that must be there. Without it nobody knows what the call did, though it may well have done it. */
export function needed(operation: Operation, reply: Reply, fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw unreadable(operation, `without ${name}`, reply.requestId);
}

/** A pair's id. @throws {VendingError} for anything that is none, however the call ended */
export function idIn(
  operation: Operation,
  { fields, requestId, key }: Reply,
  given: Fields = fields,
  name = 'KeyPairId',
): string {
  const id = given[name];
  if (typeof id === 'string' && /^[A-Za-z0-9-]{1,63}$/.test(id) && !repeatsKey(key, id)) return id;
  throw unreadable(operation, `without a ${name} that is one`, requestId);
}

/**
 * A service's own fingerprint in our spelling: hex, with colons or without, some of it masked; or base64 after its algorithm.
 * @returns undefined for anything else, which proves nothing
 */
export function fingerprintIn(value: unknown, key?: unknown): string | undefined {
  const given = text(value);
  return given !== undefined && fingerprintForm.test(given) && !repeatsKey(key, given)
    ? normaliseFingerprint(given)
    : undefined;
}
const fingerprintForm = /^(?:(?:md5|sha\d+):)?[0-9a-f:*]{1,191}$|^(?:md5|sha\d+):[a-z0-9+/=]{22,88}$/i;

/** An answer about another pair is no answer to this call. */
export function sameName(operation: Operation, reply: Reply, answered: unknown, asked: string): string {
  if (answered === undefined || answered === asked) return asked;
  throw unreadable(operation, 'about another name', reply.requestId);
}

export const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** A part of an access key: printable ASCII without blanks, as it goes into headers. A key that was pasted with its line end is none. */
export const keyPart = (value: unknown): string | undefined =>
  typeof value === 'string' && /^[!-~]+$/.test(value) ? value : undefined;

/** Some services send their numbers as strings. */
export const count = (value: unknown): number | undefined => {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
};

/** `2023-09-04T08:33Z` or `2020-04-26T15:38:27Z`; undefined for anything else, which proves no age. */
export const moment = (value: unknown): Date | undefined =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?Z$/.test(value) && !Number.isNaN(Date.parse(value))
    ? new Date(value)
    : undefined;

/** Evidence that cannot be read is no evidence, which is not the same as evidence against. */
export function publicKeyIn(value: unknown): string | undefined {
  try {
    return parsePublicKey(text(value) ?? '').line;
  } catch {
    return undefined;
  }
}

/** Drops what is undefined, so that an absent field is absent. */
export const present = <T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;

/** A region becomes part of a host name or a header, so nothing else may pass for one. */
export function regionOf(region: string): string {
  if (regionRule.test(region)) return region;
  throw new VendingError('INVALID_REQUEST', 'The region is not a region id such as cn-hangzhou');
}

/** The ids in a list of regions, in its order. @returns undefined for what is no list of them: a region that is not seen is not looked into */
export function regionsIn(rows: unknown, field: string): readonly string[] | undefined {
  const ids = (Array.isArray(rows) ? rows : []).map((row) => asObject(row)?.[field]);
  return ids.length > 0 && ids.every((id): id is string => typeof id === 'string' && regionRule.test(id))
    ? ids
    : undefined;
}

/** Half a surrogate pair cannot be encoded, and what is not sent as given must not be sent. */
export function tagList(tags: Tags = {}): { key: string; value: string }[] {
  const list = Object.entries(tags).map(([key, value]) => ({ key, value }));
  if (list.every(({ key, value }) => key.isWellFormed() && value.isWellFormed())) return list;
  throw new VendingError('TAGS_REFUSED', 'A tag is not well-formed Unicode');
}

/** To know an access key's id again without keeping it. */
export const digestOf = (accessKeyId: string): string => sha256Hex(accessKeyId).slice(0, 32);

/** A delete of what is not there has done what it was sent for. */
export async function removal(deletion: Promise<Reply>): Promise<'removed' | 'absent'> {
  try {
    await deletion;
    return 'removed';
  } catch (error) {
    if (error instanceof VendingError && error.code === 'KEY_PAIR_ABSENT') return 'absent';
    throw error;
  }
}
