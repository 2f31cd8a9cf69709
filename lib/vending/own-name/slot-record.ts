// What the ledger holds of a key pair's own name at the cloud, where it is to lead to the key that counts. A version is a key, and
// pairs are objects at the cloud: a name is a slot that one of them has at a time. Where the cloud renames pairs, the successor gets
// the name; where it does not, the successor's public key is imported under it, as a second pair of the same key.
import type { Held } from '../rotation/outgoing-record.ts';
import type { Purging, Work } from '../rotation/rotation-record.ts';

export interface NameSlot {
  /** The imported pair that has the name. */
  readonly held?: HeldName;
  /** An import that was signed, or may have been. */
  readonly importing?: NameImport;
  /** Another name for a pair that was asked for, or may have been. */
  readonly renaming?: Renaming;
  /** A delete of the imported pair. */
  readonly purging?: Purging;
  /** Why the name does not lead to the key that counts. */
  readonly blocked?: Held;
  readonly work: Work;
}

/** One import, on record before it is signed: enough to tell its pair from anybody else's. */
export interface NameImport {
  readonly id: string;
  /** Whose public key it is. */
  readonly versionId: string;
  /** What the tag says on the pair, where there are tags. */
  readonly tag: string;
  readonly openedAtMs: number;
  /** It is not signed after this. */
  readonly createdByMs: number;
  /** The moment, on the cloud's clock, at which the name was read as absent. */
  readonly absentAt: string;
  /** When neither it nor another pair was seen for the first time, after it could still arrive. */
  readonly firstAbsentAtMs?: number;
}

export interface HeldName extends NameImport {
  readonly sinceMs: number;
  /** As the cloud answered. Absent where the answer was lost. */
  readonly fingerprint?: string;
}

export interface Renaming {
  readonly versionId: string;
  readonly to: string;
  /** It cannot take effect after this moment. */
  readonly untilMs: number;
}
