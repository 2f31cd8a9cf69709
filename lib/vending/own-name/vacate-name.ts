// Removing the pair that was imported under a key pair's own name. The delete is on record before it is sent; where it goes by name, no
// other pair of ours has the name before it can arrive no more.
import { VendingError } from '../../errors.ts';
import { rowOf } from '../../provider-table.ts';
import { deletingUntilMs } from '../close-attempt.ts';
import type { KeyPairRecord } from '../record.ts';
import { withNextSeq, withSooner } from '../rotation/outgoing.ts';
import { isHeld, type Purger } from '../rotation/purge-version.ts';
import type { Purging } from '../rotation/rotation-record.ts';
import { isImported } from './imported-pair.ts';
import type { NameSlot } from './slot-record.ts';

/** Who vacates a name: the worker on the name, or the one that purges a retired key pair. */
export interface Vacater extends Purger {
  readonly record: KeyPairRecord;
  /** Replaces the slot in the record. */
  readonly keep: (make: (slot: NameSlot) => NameSlot, also?: (record: KeyPairRecord) => KeyPairRecord) => Promise<void>;
}

/**
 * @returns when to come again, in wall-clock milliseconds; undefined when the pair was seen to be gone twice, and nothing that was sent for
 * it can arrive any more
 * @throws {VendingError} KEY_PAIR_IN_USE, and whatever the cloud or the ledger said
 */
export async function vacateName(of: Vacater): Promise<number | undefined> {
  const { ports, identity, until, record } = of;
  const { clock, deployment, settings } = ports;
  const { held, purging } = record.nameSlot!;
  const version = record.versions.find(({ id }) => id === held?.versionId);
  if (held === undefined || version === undefined) return undefined;
  const ours = purging?.versionId === held.versionId ? purging : { versionId: held.versionId };
  const provider = await ports.providerFor(identity);
  of.requireTime(settings.callTimeoutMs);
  const call = { timeoutMs: settings.callTimeoutMs, signBefore: until };
  const { pairs } = await provider.find(identity, call);
  const pair = pairs.find((one) => isImported(ports, provider, one, version, held));
  if (pair === undefined) return gone(of, ours);

  await deployment.assertHome();
  of.requireTime(settings.callTimeoutMs);
  const sentMs = ours.deletingUntilMs ?? 0;
  await marked(of, { versionId: ours.versionId, deletingUntilMs: Math.max(deletingUntilMs(ports, identity), sentMs) });
  try {
    await provider.remove({ ...identity, ...(pair.id !== undefined && { id: pair.id }) }, call);
  } catch (error) {
    if (isHeld(error)) await marked(of, stillOnItsWay(ours.versionId, sentMs, clock.wallMs()));
    throw error;
  }
  const earlierMs = rowOf(provider.provider).removesBy === 'name' ? sentMs : 0;
  await marked(of, stillOnItsWay(ours.versionId, earlierMs, clock.wallMs()));
  return clock.wallMs();
}

async function gone(of: Vacater, ours: Purging): Promise<number | undefined> {
  const { clock, settings } = of.ports;
  const nowMs = clock.wallMs();
  if (ours.firstAbsentAtMs === undefined) {
    await marked(of, { ...ours, firstAbsentAtMs: nowMs });
    return nowMs + settings.absentTwiceMs;
  }
  const soonestMs = Math.max(ours.firstAbsentAtMs + settings.absentTwiceMs, ours.deletingUntilMs ?? 0);
  if (nowMs < soonestMs) return soonestMs;
  await of.keep(
    ({ work }) => ({ work }),
    (record) => waitingForIt(record, ours.versionId, nowMs),
  );
  return undefined;
}

/** The version's key may go now, once hosts were looked at again: what had this pair may have written its line back. */
function waitingForIt(record: KeyPairRecord, versionId: string, nowMs: number): KeyPairRecord {
  const waiting = record.outgoing?.pairs.find((pair) => pair.versionId === versionId);
  if (waiting?.goneAtMs === undefined) return record;
  const { held: _, ...pair } = waiting;
  return withSooner(withNextSeq(record, { ...pair, goneAtMs: nowMs, nextTryAtMs: nowMs }));
}

const stillOnItsWay = (versionId: string, untilMs: number, nowMs: number): Purging => ({
  versionId,
  ...(untilMs > nowMs && { deletingUntilMs: untilMs }),
});

const marked = (of: Vacater, purging: Purging): Promise<void> =>
  of.keep((slot) => {
    if (slot.held?.versionId === purging.versionId) return { ...slot, purging };
    throw new VendingError('LEASE_LOST', 'The name leads to another key by now');
  });
