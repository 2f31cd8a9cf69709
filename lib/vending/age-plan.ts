// When a key pair is rotated because of its age, where the configuration says at which: each at a moment of its own, spread over the last
// part of that age. All at once would double the pairs for as long as the old ones stay valid. The moment is on record, so that
// it stays where it is: whoever is too old already, because the age was set today, gets one in the days that follow.
import { createHash } from 'node:crypto';
import { type Identity, identityKey } from '../identity.ts';

export interface AgePlan {
  /** The version that is old then, and the age in days that it was planned by. Of anything else it says nothing. */
  readonly versionId: string;
  readonly days: number;
  readonly atMs: number;
}

export const DAY_MS = 24 * 60 * 60_000;

export interface Aging {
  readonly identity: Identity;
  readonly version: { readonly id: string; readonly activatedAtMs: number };
  /** Days. */
  readonly age: number;
  /** The share of the age over which rotations are spread: 0 to 1. */
  readonly spread: number;
}

/** @returns a moment between the beginning of that part and the end of the age, or, where that has passed, within as long from now */
export function agePlan({ identity, version, age, spread }: Aging, nowMs: number): AgePlan {
  const [ageMs, spreadMs] = [age * DAY_MS, age * spread * DAY_MS];
  const share = shareOf(identity);
  const dueMs = Math.round(version.activatedAtMs + ageMs - spreadMs * share);
  const atMs = dueMs >= nowMs ? dueMs : Math.round(nowMs + spreadMs * share);
  return { versionId: version.id, days: age, atMs };
}

/** 0 to 1, always the same for one key pair, and evenly spread over many. */
export const shareOf = (identity: Identity): number =>
  createHash('sha256').update(identityKey(identity)).digest().readUInt32BE() / 2 ** 32;
