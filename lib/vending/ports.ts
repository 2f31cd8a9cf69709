// The ports that the use cases act through. Nothing here knows an SDK, an event's shape or the environment.
import type { Clock } from '../clock.ts';
import type { Identity } from '../identity.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { ProviderName } from '../provider-table.ts';
import type { SecretTags, TraitLimits } from '../secret-traits.ts';
import type { SecretStore } from '../secrets/secret-store.ts';
import type { PrivateKey } from '../ssh/private-key.ts';
import type { PinnedProvider } from './account-pin.ts';
import type { Attempt, keySourceOf } from './attempt.ts';
import type { CreateTimes } from './create-times.ts';
import type { Deployment } from './deployment.ts';
import type { KeyBits, KeySource } from './key-source.ts';
import type { Notice } from './notice.ts';
import type { KeyPairRecord } from './record.ts';
import type { Actor, TrailEntry } from './trail-entry.ts';

/** What happened, for anyone who listens. Ids and fingerprints only. */
export interface Announcement extends AnnouncedPair {
  /** The attempt's, so that a repeated announcement is the same announcement. */
  readonly id: string;
  readonly identity: Identity;
  /** Since when it counts. */
  readonly atMs: number;
  /** Whether a rotation made it. */
  readonly rotated?: true;
  /** The id of the key pair that this one replaced, where that has one. */
  readonly replaces?: string;
  /** That key pair itself, where it is on record. */
  readonly replaced?: AnnouncedPair;
}

/** A pair as the cloud has it. */
interface AnnouncedPair {
  /** Absent where the cloud tells none. */
  readonly keyPairId?: string;
  readonly keyPairName: string;
  /** The upstream's own. */
  readonly fingerprint: string;
  /** An OpenSSH line. */
  readonly publicKey: string;
  readonly keySource: ReturnType<typeof keySourceOf>;
}

export interface Settings {
  /** The deployment's name. Which deployment's pairs these are, its id says (deployment.ts). */
  readonly deployment: string;
  /** How long an attempt may act. Longer than a function may run. */
  readonly leaseMs: number;
  /** How long after a lease's end nobody takes over, because clocks differ. */
  readonly takeOverAfterMs: number;
  /** How long the cloud carries out a request after it was signed. */
  readonly signatureWindowMs: Readonly<Record<ProviderName, number>>;
  /** A closed attempt is settled once more, this long after its lease. */
  readonly horizonMs: number;
  /** Absence counts when it is seen twice, this far apart. */
  readonly absentTwiceMs: number;
  readonly createTimeoutMs: number;
  readonly callTimeoutMs: number;
  /** Calls of one action a second that the cloud takes of one account; a provider without a number has no rate limit. */
  readonly callsPerSecond: Readonly<Partial<Record<ProviderName, number>>>;
  /** How many key pairs a region can hold; 0 where that is not known. */
  readonly quotas: Readonly<Record<ProviderName, number>>;
  /** Who makes a key where the request does not say; absent for the cloud. */
  readonly keySource?: KeySource;
  /** How large a key is that is made here, where the request does not say; absent for 2,048. */
  readonly keyBits?: KeyBits;
  /** The age at which a key is due for rotation, where the key pair's own policy does not say; absent for never. */
  readonly maxAgeMs?: number;
  /** The share of that age over which rotations by it are spread; absent for none. */
  readonly ageSpread?: number;
  /** Whether the store moves the label of what is current without a look at who has it: what was sent may move it back, later on. */
  readonly blindLabels: boolean;
  /** Whether it drops the earliest version of a secret for each one too many, whatever label is on it. */
  readonly dropsEarliest: boolean;
  /** Whether the store takes a request however old it is, unless something was removed or changed since it was sent. */
  readonly agelessRequests: boolean;
  /** What the store can give a secret; absent for nothing. */
  readonly secretTraits?: TraitLimits;
  /** On every secret, unless a request has another one of the same name. */
  readonly secretTags?: SecretTags;
  /** Evidence of an unknown form is refused instead of recorded. */
  readonly strict: boolean;
  /** Whether this worker may read stored keys. One that may not leaves to recovery what cannot be settled without them. */
  readonly readsKeys: boolean;
}

export interface Ports {
  readonly ledger: Ledger<KeyPairRecord, Attempt>;
  readonly store: SecretStore;
  readonly deployment: Deployment;
  /** The adapter with the credentials of that account. */
  readonly providerFor: (identity: Identity) => Promise<PinnedProvider>;
  /** Told of a vend before anything is read for it: where it goes can be connected to beside the rest. */
  readonly connectEarly?: (identity: Pick<Identity, 'provider' | 'region'>) => void;
  /** What was learned of how long creates take; absent where pairs are looked at only once they are made. */
  readonly createTimes?: CreateTimes;
  readonly publish: (announcement: Announcement) => Promise<void>;
  /** Tells of what happened to a key pair later on. */
  readonly notify: (identity: Identity, notice: Notice) => Promise<void>;
  /** Whose doing it is. */
  readonly actor: Actor;
  /** Hands entries of the trail to whoever keeps a copy of it outside of the ledger. May be given the same ones again. */
  readonly sendEntries: (identity: Identity, entries: readonly TrailEntry[]) => Promise<void>;
  readonly clock: Clock;
  /** A new UUID. */
  readonly newId: () => string;
  /** A new key, for a pair that is imported. */
  readonly newKey: (wanted: { readonly bits: KeyBits }) => Promise<PrivateKey>;
  /** @param over may end it early */
  readonly wait: (ms: number, over?: AbortSignal) => Promise<void>;
  readonly settings: Settings;
}
