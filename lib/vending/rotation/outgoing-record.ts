// What the ledger holds of versions that are on their way out: no host that is listed should know their key any more. The pair
// goes first, whenever the cloud lets it go, and then the key. There are two points of no return, each on record before the call
// that cannot be taken back is signed: `purging` for the pair, `keyGoing` for the key.
import type { FailureCode } from '../../errors.ts';
import type { References } from './references-record.ts';
import type { HostProgress, Purging, Work } from './rotation-record.ts';

export interface OutgoingPair {
  readonly versionId: string;
  /** Its place in the order in which versions went out; a host is clear of all up to a place (`SweptHost.clear`). */
  readonly seq: number;
  readonly sinceMs: number;
  readonly nextTryAtMs: number;
  /** Hosts, by `hostName`, that its key waits for no more. */
  readonly waived: readonly string[];
  /** Present while the cloud does not let the pair go: it lingers. */
  readonly held?: Held;
  /** Somebody has confirmed that it is to be detached. */
  readonly release?: Release;
  /** Instances that did not let it go when they were asked to. */
  readonly notReleased?: readonly string[];
  readonly rebound?: Rebound;
  /** What named the pair when that was last looked for. */
  readonly references?: References;
  /** A delete of the pair was decided. */
  readonly purging?: Purging;
  /** When the pair was known to be gone for good. */
  readonly goneAtMs?: number;
  /** The key is being removed: a host that is listed from now on and knows no other key is not caught up any more. */
  readonly keyGoing?: true;
  /** Its key moves to a secret of its own, or has moved there. */
  readonly ownSecret?: OwnSecret;
}

export interface OwnSecret {
  /** `moving`: it may be there as well. `copied`: it is there, and may be in the shared secret as well. `moved`: it is there alone. */
  readonly state: 'moving' | 'copied' | 'moved';
  /** Until then, in wall-clock milliseconds, what was signed to store it there may still arrive. */
  readonly landsByMs: number;
}

/** What came of attaching the pair that counts to the instances that kept this one. */
export interface Rebound {
  readonly atMs: number;
  readonly count: number;
  /** The first of those that could not be: running ones, where they would have to be stopped. */
  readonly left: readonly { readonly id: string; readonly outcome: string }[];
}

export interface Release {
  readonly instances: readonly string[];
  readonly requestedBy: string;
  readonly requestedAtMs: number;
  /** How often it was sent. */
  readonly tries: number;
}

/** Why a pair lingers. */
export interface Held {
  readonly sinceMs: number;
  readonly seenAtMs: number;
  readonly code: FailureCode;
  /** How many times in a row the cloud refused to let it go. */
  readonly tries: number;
  /** The first of the instances that have it; absent where the cloud does not say, as of images. */
  readonly instances?: readonly string[];
  /** How many there are. */
  readonly count?: number;
}

/** A host, as far as it is known to be rid of what is on its way out. */
export interface SweptHost extends HostProgress {
  /** No line of a version up to this place was there, and the key that counts logged in after that. 0 for not seen yet. */
  readonly clear: number;
  /** How many times a line that had been removed was there again. */
  readonly returned?: number;
}

export interface Outgoing {
  /** In the order in which they went out. */
  readonly pairs: readonly OutgoingPair[];
  /** The last place that was given; none is given twice. */
  readonly lastSeq: number;
  /** Keyed by `hostName`; hosts that are listed no more are not kept. */
  readonly hosts: Readonly<Record<string, SweptHost>>;
  /** When hosts that are clear are looked at again: while a pair lingers, systems that read it from their cloud write its line back. */
  readonly sweepAtMs: number;
  /** So many looks in a row have brought no host further that owes something: a person has to see to those. */
  readonly inVain?: number;
  readonly work: Work;
}
