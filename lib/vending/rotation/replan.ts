// After the configuration's age for keys was changed: each record says when its key pair is due, and still goes by the old age.

import type { Place } from '../../identity.ts';
import { fileRecord } from '../file-record.ts';
import { recordsIn } from '../live-records.ts';
import type { Ports } from '../ports.ts';
import { type AgeDefaults, withSchedule } from './rotation-schedule.ts';

/**
 * Goes through every key pair of a place that is in use. A record that changes meanwhile is planned by whoever changes it.
 * @returns how many are due at another time now
 */
export async function replan(
  ports: Pick<Ports, 'ledger' | 'clock' | 'actor'>,
  place: Place,
  defaults: AgeDefaults,
): Promise<number> {
  const { ledger, clock } = ports;
  let replanned = 0;
  for await (const seen of recordsIn(ledger, place, { state: 'active', own: true })) {
    const { identity } = seen;
    // An age of its own is not the configuration's; and its bounds are not known here.
    if (seen.policy?.maxAgeDays !== undefined) continue;
    if (withSchedule(seen, defaults, clock.wallMs()).rotateAtMs === seen.rotateAtMs) continue;
    const filed = await ledger.read(identity);
    const record = filed && withSchedule(filed.record, defaults, clock.wallMs());
    if (record === undefined || record.rotateAtMs === filed?.record.rotateAtMs) continue;
    if ((await fileRecord(ports, filed, record)) !== 'conflict') replanned += 1;
  }
  return replanned;
}
