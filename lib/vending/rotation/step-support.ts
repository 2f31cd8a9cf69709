// What the steps of a rotation have in common.
import { VendingError } from '../../errors.ts';
import type { Key } from '../../hosts/keys-on-host.ts';
import { inProgress } from '../attempt-lease.ts';
import type { Rotation, RotationState } from './rotation-record.ts';
import type { Working } from './work-lease.ts';

export type At = Working<Rotation>;
/**
 * Takes a rotation from one state to the next. May be repeated from its beginning: whatever it has done is seen to be done.
 * @returns undefined when the next state was reached; else when to come again, in wall-clock milliseconds
 */
export type Step = (at: At) => Promise<number | undefined>;

export async function to(at: At, state: RotationState): Promise<undefined> {
  await at.change((rotation) => ({ ...rotation, state, failures: 0 }));
}

export function ended({ parts }: At, rotation: Rotation, state: RotationState): Rotation {
  const { purging: _, ...rest } = rotation;
  return { ...rest, state, endedAtMs: parts.clock.wallMs() };
}

export const markOf = (at: At) => ({
  standing: at.work.purging,
  save: (purging: NonNullable<Rotation['purging']>) => at.change((rotation) => ({ ...rotation, purging })),
});

/** Leaves an attempt of the successor's that is open still to recovery, which is to make nothing of it count. */
export async function abandon({ parts, identity, work }: At): Promise<void> {
  const filed = await parts.ledger.read({ ...identity, name: work.successorName });
  if (filed?.record.successorOf !== identity.name || filed.record.attempt === undefined) return;
  if ((await parts.ledger.write({ ...filed.record, abandoned: true }, filed.revision)) === 'conflict') {
    throw inProgress(1_000);
  }
}

/**
 * A version's two halves, for use on hosts.
 * @throws {VendingError} KEY_UNREADABLE when the private half is not stored: then nothing is done on any host
 */
export async function keyOf({ parts, identity, record, work }: At, versionId: string | undefined): Promise<Key> {
  const version = [...record.versions, work.successor].find((one) => one?.id === versionId);
  const privateKey = version && (await parts.store.reveal(identity, version.id));
  if (version !== undefined && privateKey !== undefined) return { publicKey: version.publicKey, privateKey };
  throw new VendingError('KEY_UNREADABLE', 'A private key of this rotation is not stored');
}

export const bothKeys = (at: At): Promise<[Key, Key]> =>
  Promise.all([keyOf(at, at.work.from.id), keyOf(at, at.work.successor?.id)]);

export const missed = () => new VendingError('COVERAGE_MISSED', 'Some hosts that have to be reached have failed');
