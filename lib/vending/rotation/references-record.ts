// What the ledger holds of whatever names a pair without being a machine.
import type { FailureCode } from '../../errors.ts';
import type { Reference } from '../../providers/fleet.ts';

/** A reference, as far as a person needs it to find it. */
export type KnownReference = Pick<Reference, 'kind' | 'id' | 'name' | 'version' | 'isDefault' | 'by'>;

/** What became of those that were to name the successor instead. */
export interface Retargeted {
  readonly tries: number;
  /** Kind and id of each that does by now. */
  readonly done: readonly string[];
  /** The first of those that do not, and why. */
  readonly left: readonly (KnownReference & { readonly code?: FailureCode })[];
}

/** What was found, and when. */
export interface References {
  readonly seenAtMs: number;
  /** The first of them. */
  readonly found: readonly KnownReference[];
  /** How many there are. */
  readonly count: number;
  /** Kinds that could not be looked through, for want of rights or of an answer. */
  readonly unseen?: readonly Reference['kind'][];
}
