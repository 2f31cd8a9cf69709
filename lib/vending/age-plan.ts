// When a key pair is rotated because of its age, where the configuration says at which: each at a moment of its own, spread over the last
// part of that age. All at once would double the pairs for as long as the old ones stay valid. The moment is on record, so that
// it stays where it is: whoever is too old already, because the age was set today, gets one in the days that follow.

import { DAY_MS } from '../clock.ts';
import { type Identity, identityKey } from '../identity.ts';
import { sha256 } from '../sha256.ts';

export interface AgePlan {
  /** The version that is old then, and the age in days that it was planned by. Of anything else it says nothing. */
  readonly versionId: string;
  readonly days: number;
  readonly atMs: number;
}

export interface Aging {
  readonly identity: Identity;
  readonly version: { readonly id: string; readonly activatedAtMs: number };
  /** Days. */
  readonly age: number;
  /** The share of the age over which rotations are spread: 0 to 1. */
  readonly spread: number;
}

/**
 * @returns a moment between the beginning of that part and the end of the age, in what is left of it; or, where the age was set long after
 * its end, within as long from now. What has just come to its end was waited for until now, and is due
 */
export function agePlan({ identity, version, age, spread }: Aging, nowMs: number): AgePlan {
  const spreadMs = age * spread * DAY_MS;
  const endMs = version.activatedAtMs + age * DAY_MS;
  const isNew = nowMs > endMs + DAY_MS;
  const fromMs = isNew ? nowMs : Math.min(endMs, Math.max(nowMs, endMs - spreadMs));
  const untilMs = isNew ? nowMs + spreadMs : endMs;
  const atMs = Math.round(untilMs - (untilMs - fromMs) * shareOf(identity));
  return { versionId: version.id, days: age, atMs };
}

/** 0 to 1, always the same for one key pair, and evenly spread over many. */
export const shareOf = (identity: Identity): number => sha256(identityKey(identity)).readUInt32BE() / 2 ** 32;
