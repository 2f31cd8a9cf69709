// What the ledger holds of one rotation. Each state is resumed by whichever worker comes when its next try is due.
import type { FailureCode } from '../../errors.ts';
import type { Lease, Version } from '../attempt.ts';
import type { References, Retargeted } from './references-record.ts';

/**
 * What has been reached:
 * - `requested`: the successor is to be made
 * - `staged`: its key is stored, as the pending one
 * - `rolled-out`: its line was added on the hosts
 * - `proven`: logins with it succeeded, on as many hosts as the policy asks for
 * - `promoted`: it counts; readers get it; the old key is valid until the overlap is over
 * - `old-key-removed`: no host has the old line any more. The old pair and its key are on their way out (outgoing-record.ts), and
 *   the rotation itself has nothing left to do
 * - `purged`: they are gone. The end.
 * - `cancelling`, `cancelled`: its lines, its pair and its key are taken back; only before it is promoted
 */
export const rotationStates = [
  'requested',
  'staged',
  'rolled-out',
  'proven',
  'promoted',
  'old-key-removed',
  'purged',
  'cancelling',
  'cancelled',
] as const;
export type RotationState = (typeof rotationStates)[number];

/** One host in one rotation. `unverified`: it was not reached, or not tried yet. */
export interface HostProgress {
  readonly outcome: 'ok' | 'failed' | 'unverified';
  readonly code?: FailureCode;
  readonly atMs?: number;
  /** How many times in a row it was not reached: the more, the longer it is left alone. */
  readonly missed?: number;
  /** The new line may be there: written before the edit is sent. */
  readonly added?: true;
  /** It logged in by itself once more after that, before the new key counts. */
  readonly proved?: true;
  /** The old line is gone, and a login with the new key succeeded after that. */
  readonly oldRemoved?: true;
}

/** A pair and its key that are being removed. */
export interface Purging {
  readonly versionId: string;
  /** A delete was decided and may be under way; it cannot take effect after this moment. */
  readonly deletingUntilMs?: number;
  readonly firstAbsentAtMs?: number;
}

/** Who works on something, and when it is tried next. */
export interface Work {
  readonly lease?: Lease;
  /** How many tries have failed since the last one that did not. */
  readonly failures: number;
  readonly lastError?: { readonly code: FailureCode; readonly atMs: number };
  /** When the first of those failed. */
  readonly failingSinceMs?: number;
  /** Absent when nothing is left to do. */
  readonly nextTryAtMs?: number;
}

export interface Rotation extends Work {
  /** A UUID; in the rotation contract of AWS Secrets Manager, its ClientRequestToken. */
  readonly id: string;
  readonly state: RotationState;
  /** Who drives it to its promotion: keyvend's own worker, or the rotation schedule of AWS Secrets Manager. */
  readonly driver: 'keyvend' | 'secrets-manager';
  readonly reason: 'requested' | 'age';
  readonly requestedBy: string;
  readonly requestedAtMs: number;
  /** The version that is to be replaced. */
  readonly from: Pick<Version, 'id' | 'keyPairId' | 'fingerprint'>;
  readonly successorName: string;
  /** Present once it is staged. */
  readonly successor?: Version;
  /** Keyed by `hostName`. */
  readonly hosts: Readonly<Record<string, HostProgress>>;
  readonly waived: readonly string[];
  /** Since when it is known that it does not get on by itself. */
  readonly stalledAtMs?: number;
  /** What names the pair that is to go: looked for once it is promoted, while there is time to see to it. */
  readonly references?: References;
  /** Where the policy asks for it: what was made to name the successor instead. */
  readonly retargeted?: Retargeted;
  readonly promotedAtMs?: number;
  /** Of the successor, while the rotation is being cancelled. */
  readonly purging?: Purging;
  /** When it had nothing left to do. */
  readonly endedAtMs?: number;
  readonly purgedAtMs?: number;
}

const early: ReadonlySet<RotationState> = new Set(['requested', 'staged', 'rolled-out', 'proven', 'cancelling']);
/** Whether it stands in the way of another rotation, and of retiring the key pair. */
export const isUnderWay = ({ state }: Rotation): boolean => early.has(state);
export const isOver = ({ state }: Rotation): boolean => state === 'purged' || state === 'cancelled';
/** Whether it has nothing left to do, whatever is still to go of what it replaced. */
export const isDone = (rotation: Rotation): boolean => isOver(rotation) || rotation.endedAtMs !== undefined;
