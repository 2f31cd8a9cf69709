// What the ledger holds of one identity. JSON data: moments are milliseconds of the wall clock, or the cloud's own as text.
import type { Indexed } from '../ledger/ledger.ts';
import type { Tags } from '../providers/provider.ts';

/**
 * - `vending`: an attempt is open; nobody knows for certain what exists
 * - `active`: a pair exists and its key is stored
 * - `vacant`: nothing of ours exists; the next request may try
 * - `conflict`: something of that name exists that is not provably ours; nothing is touched
 */
export type State = 'vending' | 'active' | 'vacant' | 'conflict';

/** A request without what only the transport needs; equal requests are equal texts. */
export interface Request {
  readonly tags?: Tags;
  readonly resourceGroupId?: string;
  readonly projectId?: number;
}

/** Who may act on an open attempt, and until when its requests may be signed. */
export interface Lease {
  readonly holder: string;
  readonly endsAtMs: number;
}

export interface OpenAttempt {
  /** A UUID; also the secret version's id. */
  readonly id: string;
  readonly lease: Lease;
  /** The last moment a create of this attempt can have been signed. Fixed when it is opened; settling does not move it. */
  readonly createdByMs: number;
  /** Where there are no tags: the name was read as absent at this moment of the cloud's clock. */
  readonly absentAt?: string;
  /** A delete of the pair was decided and may be under way; it cannot take effect after this moment. */
  readonly deletingUntilMs?: number;
  /** When settling first saw neither pair nor sign of one. */
  readonly firstAbsentAtMs?: number;
}

/** What is kept of every attempt for ever: enough to tell its pair from anybody else's. */
export interface Attempt {
  readonly openedAtMs: number;
  readonly createdByMs: number;
  readonly absentAt?: string;
  /**
   * `made`: the cloud answered with a pair; whether that counts, the record says. `refused`: the cloud turned it away, so it made
   * nothing. `closed`: it made nothing that lasted.
   */
  readonly outcome: 'open' | 'made' | 'refused' | 'closed';
  /** From the create's answer, filed while the key is being stored. ECS names the id nowhere else. */
  readonly keyPairId?: string;
  readonly fingerprint?: string;
}

export interface Version {
  /** The attempt that made it. */
  readonly id: string;
  readonly keyPairId: string;
  /** The upstream's own, lower-case hex with colons. */
  readonly fingerprint: string;
  readonly publicKey: string;
  /** Whether the upstream's evidence proves the stored key, or only fails to contradict it. */
  readonly evidence: 'agrees' | 'unverified';
  readonly secretReference: string;
  readonly activatedAtMs: number;
}

export interface KeyPairRecord extends Indexed {
  readonly state: State;
  readonly request: Request;
  /** SHA-256 of the canonical request. */
  readonly requestHash: string;
  readonly requestedBy: string;
  readonly requestedAtMs: number;
  readonly attempt?: OpenAttempt;
  readonly versions: readonly Version[];
  /** The version whose event waits to be published, or whose label waits to be moved. */
  readonly unannounced?: string;
  readonly unlabelled?: string;
  /** Closed attempts of which something may still arrive, the soonest over first; each is settled once more then. */
  readonly closing?: readonly Closing[];
}

export interface Closing {
  /** After this nothing that the attempt signed is carried out any more. */
  readonly untilMs: number;
  readonly attempt: OpenAttempt;
  /** When settling first saw a pair of it beside one that counts, where deletes go by name. */
  readonly straySeenAtMs?: number;
}

/** What is left to be settled once more, as the fields of a record that is open for nothing else. */
export const settledLater = (closing: readonly Closing[]): Pick<KeyPairRecord, 'closing' | 'settleAtMs'> => {
  const [next] = closing;
  return next === undefined ? {} : { closing, settleAtMs: next.untilMs };
};
