// One entry of the trail, and how entries hang together.

import type { Identity } from '../identity.ts';
import { sha256Hex } from '../sha256.ts';

/** Whose doing a change is. Ids only: no token, no claim, no name of a person. */
export interface Actor {
  readonly door: 'http' | 'queue' | 'command-line' | 'schedule' | 'secrets-manager';
  /** Issuer and subject of a token, a role or user of AWS, a queue's sender; `keyvend` for what it does by itself. */
  readonly who: string;
  /** The request's or message's id, by the gateway or the queue. */
  readonly request?: string;
  /** Why, in the words of whoever did it. */
  readonly reason?: string;
  /** The grant that allowed it, and the digest of the document that has it. */
  readonly grant?: string;
  readonly document?: string;
}

export interface TrailEntry extends Actor {
  readonly v: 1;
  /** Counts the entries of a key pair, from 1. */
  readonly seq: number;
  /** ISO 8601, by the clock of whoever wrote it. */
  readonly at: string;
  readonly did: string;
  /** What changed, and nothing else. */
  readonly before: Facts;
  readonly after: Facts;
  /** The digest of the entry before it; empty for the first. */
  readonly previous: string;
  /** SHA-256, in hex, of the entry's canonical JSON (RFC 8785) without this field. */
  readonly digest: string;
}

export type Facts = Readonly<Record<string, string | number | boolean>>;

export interface Trail {
  readonly seq: number;
  readonly digest: string;
  /** What the last entry says was done. */
  readonly last?: string;
  /** What was not sent on yet. */
  readonly pending?: readonly TrailEntry[];
}

export const digestOf = (entry: Omit<TrailEntry, 'digest'>): string => sha256Hex(canonical(entry));

/** RFC 8785, for what an entry has: texts, whole numbers, booleans and objects of them. */
function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).filter(([, one]) => one !== undefined);
  return `{${fields
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, one]) => `${JSON.stringify(name)}:${canonical(one)}`)
    .join(',')}}`;
}

/** Where an entry is kept. */
export const entryKey = ({ provider, account, region, name }: Identity, seq: number): string =>
  `trail ${provider}/${account}/${region}/${name} ${String(seq).padStart(9, '0')}`;
