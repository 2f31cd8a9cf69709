// A caller's share of the workers. They take messages as they come, and a login on a host that says nothing holds one for as long as
// patience lasts; so each caller may keep only some of them on hosts at a time, and the others stay free for everybody else.

import type { Deadline } from '../../clock.ts';
import { sha256Hex } from '../../sha256.ts';
import type { KeyPairRecord } from '../record.ts';
import { policyOf } from './policy.ts';
import type { CommandPorts } from './rotation-ports.ts';

/** Whose share the work on a key pair counts to; undefined when none of it is on hosts. */
export function callerOf(record: KeyPairRecord, { clock, rotation }: CommandPorts): string | undefined {
  if (policyOf(record, rotation.defaults).hosts.length === 0) return undefined;
  const nowMs = clock.wallMs();
  const due = record.rotations?.find(({ nextTryAtMs = Number.POSITIVE_INFINITY }) => nextTryAtMs <= nowMs);
  if (due === undefined) return undefined;
  // What began by age, or by AWS's schedule, was asked for by whoever has the key pair.
  return due.reason === 'age' || due.driver === 'secrets-manager' ? record.requestedBy : due.requestedBy;
}

/**
 * Nothing that is promised depends on it: a place is free by itself once its time is over, whatever became of its holder.
 * @param share how many workers one caller may have
 * @returns gives the place back; undefined when the caller has all of its own
 */
export async function takeShare(
  { ledger, clock, newId }: CommandPorts,
  caller: string,
  share: number,
  until: Deadline,
): Promise<(() => Promise<void>) | undefined> {
  const holder = newId();
  const whose = sha256Hex(caller);
  for (let place = 1; place <= share; place += 1) {
    const key = `rotation worker ${place} of ${whose}`;
    const nowMs = clock.wallMs();
    if ((await ledger.remember(key, holder, nowMs, until.wallMs)) !== holder) continue;
    return async () => {
      // Once its time is over, somebody else may have it.
      if (clock.wallMs() < until.wallMs) await ledger.restate(key, holder, clock.wallMs());
    };
  }
  return undefined;
}
