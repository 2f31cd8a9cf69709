// What the ledger holds of one identity. JSON data: moments are milliseconds of the wall clock, or the cloud's own, as text.
import type { Identity } from '../identity.ts';
import type { Indexed } from '../ledger/ledger.ts';
import type { Tags } from '../providers/provider.ts';
import type { SecretTraits } from '../secret-traits.ts';
import type { AgePlan } from './age-plan.ts';
import type { OpenAttempt, Version } from './attempt.ts';
import type { KeyBits, KeySource } from './key-source.ts';
import type { Notice } from './notice.ts';
import type { NameSlot } from './own-name/slot-record.ts';
import type { Held, Outgoing } from './rotation/outgoing-record.ts';
import type { StoredPolicy } from './rotation/policy.ts';
import type { Purging, Rotation, Work } from './rotation/rotation-record.ts';
import type { Found } from './rotation/target.ts';
import type { Trail } from './trail-entry.ts';

/**
 * - `vending`: an attempt is open; nobody knows for certain what exists
 * - `active`: a pair exists and its key is stored
 * - `vacant`: nothing of ours exists; the next request may try
 * - `conflict`: something of that name exists that is not provably ours; nothing is touched
 * - `retired`: out of use, with all of it still there; it can be restored until it is purged
 * - `purging`: pairs and keys are being removed for good
 */
export const states = ['vending', 'active', 'vacant', 'conflict', 'retired', 'purging'] as const;
export type State = (typeof states)[number];

/** A request without what only the transport needs; equal requests are equal texts. */
export interface Request extends SecretTraits {
  readonly tags?: Tags;
  readonly resourceGroupId?: string;
  readonly projectId?: number;
  /** Who makes the key; absent for what the configuration says. */
  readonly keySource?: KeySource;
  /** How large it is, where keyvend makes it. */
  readonly keyBits?: KeyBits;
  /** The caller's own, of which nobody else has the private half: one OpenSSH line without comment. */
  readonly publicKey?: string;
}

type OfPair = Pick<Request, 'tags' | 'resourceGroupId' | 'projectId'>;

/** What of a request the cloud is asked for; the rest is of the key, and of the store. */
export const ofPair = ({ tags, resourceGroupId, projectId }: Request): OfPair => ({
  ...(tags !== undefined && { tags }),
  ...(resourceGroupId !== undefined && { resourceGroupId }),
  ...(projectId !== undefined && { projectId }),
});

export interface KeyPairRecord extends Indexed {
  readonly state: State;
  readonly request: Request;
  /** SHA-256 of the canonical request. */
  readonly requestHash: string;
  readonly requestedBy: string;
  readonly requestedAtMs: number;
  readonly attempt?: OpenAttempt;
  /** The versions that exist; the last one is the one that counts. */
  readonly versions: readonly Version[];
  /** For a rotation's successor: the name of the key pair that it is to replace. Its key is stored under that name. */
  readonly successorOf?: string;
  /** For a successor whose rotation goes on without it. Whatever is found of it is removed. */
  readonly abandoned?: true;
  /** What was set for this key pair alone; the configuration has the rest. */
  readonly policy?: StoredPolicy;
  /** When the key that counts is rotated because of its age; absent where its own policy says the age. */
  readonly agePlan?: AgePlan;
  /** The rotations that are not over, and the last few that are, in the order in which they began. */
  readonly rotations?: readonly Rotation[];
  /** Versions that no host should know any more; present while there are any. */
  readonly outgoing?: Outgoing;
  /** What its own name at the cloud leads to, where the policy asks that it leads to the key that counts. */
  readonly nameSlot?: NameSlot;
  /** The hosts of its policy's targets, as they were last found. */
  readonly found?: Found;
  /** Host keys that were recorded when they were first seen, by `hostName`. */
  readonly hostKeys?: Readonly<Record<string, string>>;
  /** How many successor names have been given out. */
  readonly successors?: number;
  readonly retirement?: Retirement;
  /** The version whose event waits to be published, or whose label waits to be moved. */
  readonly unannounced?: string;
  readonly unlabelled?: string;
  /** What was not published yet of what happened later on. */
  readonly notices?: readonly Notice[];
  /** Closed attempts of which something may still arrive, the first to be over first; each is then settled once more. */
  readonly closing?: readonly Closing[];
  /**
   * Until then something may take effect that was sent to the store earlier: a removal that takes the whole secret, or a label that moves
   * back. Then what counts is looked after (settle.ts).
   */
  readonly secretDeletingUntilMs?: number;
  /** The group in which it has a place (`Ledger.claim`), by its own key; given back once nothing of it exists. */
  readonly claimed?: string;
  /** Who changed what; written by `fileRecord` alone. */
  readonly trail?: Trail;
}

export interface Retirement {
  readonly requestedBy: string;
  readonly requestedAtMs: number;
  /** Until then it can be restored. */
  readonly purgeAtMs: number;
  /** Deletes that were decided, of pairs that were in use until it was retired; one for each version. */
  readonly purges?: readonly Purging[];
  /** Likewise, as records had it that are older than that. */
  readonly purging?: Purging;
  /** The version that counted, once its pair is gone for good: then nothing is whole any more. */
  readonly goneId?: string;
  /** Why it was not purged when it was due; it can be restored for as long as it is whole. */
  readonly held?: Held;
  /** The work of purging it; not due before `purgeAtMs`. */
  readonly work: Work;
}

/** Before this, in wall-clock milliseconds, what was signed to make the version, or a copy of its key, may still arrive and bring its key back. */
export const settledAtMs = (
  { activatedAtMs, copiedByMs = 0 }: Version,
  { leaseMs, horizonMs }: { readonly leaseMs: number; readonly horizonMs: number },
): number => Math.max(activatedAtMs + leaseMs, copiedByMs) + horizonMs;

/** The identity under which a record's keys are stored. */
export const secretIdentityOf = ({
  identity,
  successorOf,
}: Pick<KeyPairRecord, 'identity' | 'successorOf'>): Identity =>
  successorOf === undefined ? identity : { ...identity, name: successorOf };

export interface Closing {
  /** After this nothing that the attempt signed is carried out any more. */
  readonly untilMs: number;
  readonly attempt: OpenAttempt;
  /** When settling first saw a pair of this attempt beside one that counts, where deletes go by name. */
  readonly straySeenAtMs?: number;
}

/**
 * What is left to be settled once more, as the fields of a record that is open for no other reason.
 * @param secretDeletingUntilMs of a record with a version that counts
 */
export function settledLater(
  closing: readonly Closing[],
  secretDeletingUntilMs?: number,
): Pick<KeyPairRecord, 'closing' | 'settleAtMs'> {
  const dues = [closing[0]?.untilMs, secretDeletingUntilMs].filter((ms) => ms !== undefined);
  return {
    ...(closing.length === 0 ? {} : { closing }),
    ...(dues.length === 0 ? {} : { settleAtMs: Math.min(...dues) }),
  };
}
