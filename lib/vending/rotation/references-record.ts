// What the ledger holds of whatever names a pair without being a machine.
import type { Reference } from '../../providers/fleet.ts';

/** A reference, as far as a person needs it to find it. */
export type KnownReference = Pick<Reference, 'kind' | 'id' | 'name' | 'version' | 'isDefault' | 'by'>;

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
