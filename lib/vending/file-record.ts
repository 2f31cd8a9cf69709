// The one way in which a record is written: with its entry in the trail.
import { identityKey } from '../identity.ts';
import type { Filed } from '../ledger/ledger.ts';
import type { Ports } from './ports.ts';
import type { KeyPairRecord } from './record.ts';
import { trailed } from './trail.ts';

/**
 * The place of what is gone, or is another grant's by now. First, so that a place is not lost when this worker dies: then it is given back once more by whoever comes next. What is filed
 * again under the same name claims again.
 */
async function giveBack(
  ledger: Ports['ledger'],
  before: KeyPairRecord | undefined,
  record: KeyPairRecord,
): Promise<void> {
  const group = before?.claimed;
  if (group === undefined) return;
  const isGone = record.state === 'vacant' && record.closing === undefined;
  if (isGone || record.claimed !== group) await ledger.unclaim(group, identityKey(record.identity));
}

/**
 * @param filed the record as it was read, with its revision; undefined where there is none
 * @returns what is on record now, or `conflict` when somebody else was faster; then nothing was written
 */
export async function fileRecord(
  { ledger, clock, actor }: Pick<Ports, 'ledger' | 'clock' | 'actor'>,
  filed: Filed<KeyPairRecord> | undefined,
  record: KeyPairRecord,
): Promise<Filed<KeyPairRecord> | 'conflict'> {
  await giveBack(ledger, filed?.record, record);
  const nowMs = clock.wallMs();
  const notices = record.notices ?? filed?.record.notices; // who makes a record anew need not know of them
  const whole = {
    ...record,
    ...(notices !== undefined && { notices }),
    ...(record.successorOf !== undefined && { aside: true }),
  };
  const written = trailed(filed?.record, whole, actor, nowMs);
  const revision = await ledger.write(written, filed?.revision ?? 0);
  return revision === 'conflict' ? revision : { record: written, revision };
}
