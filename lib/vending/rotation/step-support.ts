// What the steps of a rotation have in common.
import { VendingError } from '../../errors.ts';
import type { KeyHalves, KnownKey } from '../../hosts/keys-on-host.ts';
import { fileRecord } from '../file-record.ts';
import { inProgress } from '../held-lease.ts';
import { revealKey } from '../own-secret.ts';
import type { Rotation, RotationState, Work } from './rotation-record.ts';
import type { WorkLease } from './work-lease.ts';

export type RotationLease = WorkLease<Rotation>;
/**
 * Takes a rotation from one state to the next. It may be repeated from the beginning: it sees what it has already done.
 * @returns undefined when the next state was reached; else when to come again, in wall-clock milliseconds
 */
export type Step = (lease: RotationLease) => Promise<number | undefined>;

export async function moveTo(lease: RotationLease, state: RotationState): Promise<undefined> {
  await lease.change((rotation) => ({ ...rotation, state, failures: 0 }));
}

export function asEnded({ ports }: RotationLease, rotation: Rotation, state: RotationState): Rotation {
  const { purging: _, ...rest } = rotation;
  return { ...rest, state, endedAtMs: ports.clock.wallMs() };
}

export const purgeMarkOf = (lease: RotationLease) => ({
  standing: lease.work.purging,
  save: (purging: NonNullable<Rotation['purging']>) => lease.change((rotation) => ({ ...rotation, purging })),
});

/** Leaves a successor's attempt that is still open to recovery, which must let nothing of it count. */
export async function abandon({ ports, identity, work }: RotationLease): Promise<void> {
  const filed = await ports.ledger.read({ ...identity, name: work.successorName });
  if (filed?.record.successorOf !== identity.name || filed.record.attempt === undefined) return;
  if ((await fileRecord(ports, filed, { ...filed.record, abandoned: true })) === 'conflict') {
    throw inProgress(1_000);
  }
}

/**
 * A version's two halves, for use on hosts.
 * @throws {VendingError} KEY_UNREADABLE when the private half is not stored: then nothing is done on any host
 */
export async function keyOf(
  { ports, record, work }: Pick<WorkLease<Work & Partial<Rotation>>, 'ports' | 'record' | 'work'>,
  versionId: string | undefined,
): Promise<KeyHalves> {
  const version = [...record.versions, work.successor].find((one) => one?.id === versionId);
  const privateKey = version && (await revealKey(ports.store, record, version.id));
  if (version !== undefined && privateKey !== undefined) return { publicKey: version.publicKey, privateKey };
  throw new VendingError('KEY_UNREADABLE', 'A private key of this rotation is not stored');
}

/** The key that a rotation replaces: of one that is stored nowhere, its public half alone. */
export async function oldKeyOf(lease: RotationLease): Promise<KnownKey> {
  const { id } = lease.work.from;
  const version = lease.record.versions.find((one) => one.id === id);
  const isElsewhere = version !== undefined && version.secretReference === undefined;
  return isElsewhere ? { publicKey: version.publicKey } : keyOf(lease, id);
}

export const bothKeys = (lease: RotationLease): Promise<[KnownKey, KeyHalves]> =>
  Promise.all([oldKeyOf(lease), keyOf(lease, lease.work.successor?.id)]);

export const coverageMissed = () =>
  new VendingError('COVERAGE_MISSED', 'Some of the hosts that must be reached have failed');

/** The new key counts by now. */
export const hostsOutstanding = () => new VendingError('HOSTS_OUTSTANDING', 'Some of the hosts still know the old key');

/** For what is done beside the rest, and is tried again with it. @throws {VendingError} LEASE_LOST, after which nothing is done */
export function unlessLost(error: unknown): undefined {
  if (error instanceof VendingError && error.code === 'LEASE_LOST') throw error;
}
