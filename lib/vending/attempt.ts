// One try at making a key pair: while it is open, as it stays on file, and, once it counts, as a version.

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
  /** For providers without tags: the moment, on the cloud's clock, at which the name was read as absent. */
  readonly absentAt?: string;
  /** A delete of the pair was decided and may be under way; it cannot take effect after this moment. */
  readonly deletingUntilMs?: number;
  /** Whether it takes over a pair that was there before: it makes none, and removes none. */
  readonly adopts?: true;
  /** The removal of its key was decided, and may be under way: nothing of it can count any more. */
  readonly keyGoing?: true;
  /** When settling first saw neither a pair nor a sign of one. */
  readonly firstAbsentAtMs?: number;
}

/** What stays on file of an attempt: enough to tell its pair from anybody else's. One that was refused is forgotten after a while. */
export interface Attempt {
  readonly openedAtMs: number;
  readonly createdByMs: number;
  readonly absentAt?: string;
  /** What the tag says on a pair that it makes; absent where that is the deployment's name, as it was before there were ids. */
  readonly tag?: string;
  /**
   * `made`: the cloud answered with a pair; the record says whether it counts. `refused`: the cloud refused the create, so it
   * made nothing. `closed`: it made nothing that lasted.
   */
  readonly outcome: 'open' | 'made' | 'refused' | 'closed';
  /** From the create's answer, filed while the key is being stored. ECS names the id nowhere else. */
  readonly keyPairId?: string;
  readonly fingerprint?: string;
  /** Whether it takes over a pair that was there before; then it explains none. */
  readonly adopts?: true;
  /** Of one that imports: the key that was made for it alone, or is the caller's own. It explains no pair of another key. */
  readonly publicKey?: string;
}

export interface Version {
  /** The attempt that made it. */
  readonly id: string;
  /** The pair's name at the cloud, where a rotation made it; otherwise that is the identity's name. */
  readonly upstreamName?: string;
  /** What it is called by now, where it was renamed since. */
  readonly pairName?: string;
  /** The previous version, where a rotation made this one count; not in records that are older than that. */
  readonly replacesId?: string;
  /** Likewise, its key pair id, where it has one. */
  readonly replaces?: string;
  /** The cloud's own. Absent where it tells none: ECS does not of a pair that was imported. */
  readonly keyPairId?: string;
  /** The upstream's own, in lower-case hex with colons. */
  readonly fingerprint: string;
  readonly publicKey: string;
  /** Whether the upstream's evidence proves the stored key, or only fails to contradict it. */
  readonly evidence: 'agrees' | 'unverified';
  /** The cloud sent the key in another spelling than the one that is stored; not known of one that recovery found stored. */
  readonly keyRewritten?: true;
  /** Absent of a key that is not stored: a caller's own, or one that nobody had when its pair was adopted. */
  readonly secretReference?: string;
  /** Where its key comes from; absent for the cloud. */
  readonly keySource?: 'import' | 'caller' | 'adopted';
  /** The cloud's own id of the request that made the pair; not known of one that recovery found. */
  readonly createRequestId?: string;
  readonly activatedAtMs: number;
  /** The last moment at which a copy of its key can have been signed, which is to be the latest version (rotation/renew-key.ts). */
  readonly copiedByMs?: number;
}

/** The cloud's id of a pair, as a field of what tells of it: where there is none, there is no field. */
export const idOf = ({ keyPairId }: { readonly keyPairId?: string | undefined }): Pick<Version, 'keyPairId'> =>
  keyPairId === undefined ? {} : { keyPairId };

/** Where a version's key comes from; or its pair was there before. */
export const keySourceOf = ({ keySource }: Pick<Version, 'keySource'>): (typeof versionSources)[number] =>
  keySource ?? 'create';
export const versionSources = ['create', 'import', 'caller', 'adopted'] as const;

/** What the cloud calls a version's own pair. */
export const pairNameOf = (
  { name }: { readonly name: string },
  { pairName, upstreamName }: Pick<Version, 'pairName' | 'upstreamName'>,
): string => pairName ?? upstreamName ?? name;
