// The name where the cloud can rename pairs: the old pair gets another name, and then the successor gets this one. A pair keeps its id, so it
// is looked for by that; each renaming is on record before it is signed, and there is one at a time.
import type { Fleet } from '../../providers/fleet.ts';
import { pairNameOf, type Version } from '../attempt.ts';
import { deletingUntilMs } from '../close-attempt.ts';
import type { KeyPairRecord } from '../record.ts';
import { freeNumber } from '../rotation/free-number.ts';
import { successorName } from '../rotation/successor-name.ts';
import { blocked, changeSlot, didNothing, dropSlot, isForGood, type NameLease, slotOf } from './name-lease.ts';
import { aimOf } from './slot.ts';
import type { Renaming } from './slot-record.ts';

type Rename = NonNullable<Fleet['rename']>;

/** One step. @returns when to come again; undefined when there is nothing to do until something changes */
export async function byRenaming(lease: NameLease, rename: Rename): Promise<number | undefined> {
  const { record, identity, ports, until } = lease;
  const { renaming } = slotOf(lease);
  if (renaming !== undefined) return settled(lease, renaming);
  const aim = aimOf(record, ports.rotation.defaults);
  if (aim === undefined) return void (await dropSlot(lease));
  const provider = await ports.providerFor(identity);
  const call = { timeoutMs: ports.settings.callTimeoutMs, signBefore: until };
  const { pairs } = await provider.find(identity, call);
  const [there] = pairs;
  if (there === undefined) return renames(lease, rename, aim, identity.name);
  const version = record.versions.find(({ keyPairId }) => keyPairId === there.id);
  if (version === undefined) return blocked(lease, 'NAME_TAKEN');
  if (version.id !== aim.id) return renames(lease, rename, version);
  if (pairNameOf(identity, aim) !== identity.name)
    await lease.change((work, now) => [work, withPairName(now, aim.id, identity.name)]);
  return void (await dropSlot(lease));
}

/** @param to absent for a name that nothing else has */
async function renames(lease: NameLease, rename: Rename, version: Version, to?: string): Promise<number | undefined> {
  const { ports, identity, until } = lease;
  const { clock, deployment, rotation, settings } = ports;
  const [number, provider] = await Promise.all([freeNumber(ports, lease.record), ports.providerFor(identity)]);
  const own = version.upstreamName ?? successorName(identity, number);
  const call = { timeoutMs: settings.callTimeoutMs, signBefore: until };
  const isTaken = to === undefined && (await provider.find({ ...identity, name: own }, call)).pairs.length > 0;
  const next = to ?? (isTaken ? successorName(identity, number) : own);
  await Promise.all([deployment.assertHome(), provider.assertAccount()]);
  lease.requireTime(settings.callTimeoutMs);
  const aim = aimOf(lease.record, rotation.defaults);
  const renaming: Renaming = { versionId: version.id, to: next, untilMs: deletingUntilMs(ports, identity) };
  // A number that was given out is not given out again.
  const isNew = next === successorName(identity, number);
  const { successors } = lease.record;
  await changeSlot(
    lease,
    (slot, now) => {
      const isSame = aimOf(now, rotation.defaults)?.id === aim?.id && (!isNew || now.successors === successors);
      return isSame && now.versions.some(({ id }) => id === version.id) ? { ...slot, renaming } : undefined;
    },
    (now) => (isNew ? { ...now, successors: number - 1 } : now),
  );
  if (slotOf(lease).renaming?.untilMs !== renaming.untilMs) return clock.wallMs();
  try {
    // Where pairs can be renamed, each has an id.
    await rename({ ...identity, name: pairNameOf(identity, version), id: version.keyPairId! }, next, call);
  } catch (error) {
    if (!didNothing(error)) throw error;
    await changeSlot(lease, ({ renaming: _, ...slot }) => slot);
    if (isForGood(error)) return blocked(lease, error.code);
    throw error;
  }
  await renamed(lease, renaming);
  return clock.wallMs();
}

const renamed = (lease: NameLease, { versionId, to }: Renaming): Promise<void> =>
  changeSlot(
    lease,
    ({ renaming: _, blocked: _known, ...slot }) => slot,
    (now) => withPairName(now, versionId, to),
  );

const withPairName = (record: KeyPairRecord, versionId: string, pairName: string): KeyPairRecord => ({
  ...record,
  versions: record.versions.map((one) => (one.id === versionId ? { ...one, pairName } : one)),
});

/** What became of a renaming whose answer nobody has heard. */
async function settled(lease: NameLease, renaming: Renaming): Promise<number> {
  const { ports, identity, until, record } = lease;
  const { clock, settings } = ports;
  const version = record.versions.find(({ id }) => id === renaming.versionId);
  const provider = await ports.providerFor(identity);
  const call = { timeoutMs: settings.callTimeoutMs, signBefore: until };
  const pair = version && (await provider.find({ ...identity, id: version.keyPairId! }, call)).pairs[0];
  const nowMs = clock.wallMs();
  if (pair?.name === renaming.to) await renamed(lease, renaming);
  else if (nowMs < renaming.untilMs) return Math.min(renaming.untilMs, nowMs + SOON_MS);
  else await changeSlot(lease, ({ renaming: _, ...slot }) => slot);
  return clock.wallMs();
}

const SOON_MS = 30_000;
