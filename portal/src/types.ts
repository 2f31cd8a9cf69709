// What the API says, as far as the page shows it.
export interface KeyPairRef {
  readonly provider: string;
  readonly name: string;
  readonly region?: string;
  readonly account?: string;
}
export interface Version {
  readonly id: string;
  readonly keyPairName: string;
  readonly keyPairId: string;
  readonly current: boolean;
  readonly fingerprint: string;
  readonly fingerprints: { readonly md5: string; readonly sha256: string };
  readonly publicKey: string;
  readonly evidence: string;
  readonly secretReference: string;
  readonly activatedAt: string;
}
interface Held {
  readonly code: string;
  readonly instances: readonly string[];
  readonly count: number;
  readonly seenAt: string;
}
export interface Lingering extends Held {
  readonly id: string;
  readonly keyPairName: string;
  readonly keyPairId: string;
  readonly since: string;
  readonly nextTryAt: string;
}
export interface KeyPair {
  readonly provider: string;
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly state: string;
  readonly requestedBy: string;
  readonly requestedAt: string;
  readonly versions: readonly Version[];
  readonly rotations: readonly { readonly id: string; readonly state: string }[];
  readonly nextAgeRotationAt?: string;
  readonly noAgeRotation?: string;
  readonly lingering?: readonly Lingering[];
  readonly retirement?: {
    readonly requestedBy: string;
    readonly requestedAt: string;
    readonly purgeAt: string;
    readonly held?: Held;
  };
  readonly tags?: Readonly<Record<string, string>>;
  readonly resourceGroupId?: string;
  readonly projectId?: number;
}
export interface RotationHost {
  readonly host: string;
  readonly outcome: 'ok' | 'failed' | 'unverified';
  readonly code?: string;
  readonly waived?: boolean;
  readonly oldKeyRemoved?: boolean;
}
export interface Rotation {
  readonly id: string;
  readonly state: string;
  readonly reason: string;
  readonly requestedBy: string;
  readonly requestedAt: string;
  readonly from: { readonly keyPairId: string; readonly fingerprint: string };
  readonly successor?: { readonly keyPairName: string; readonly keyPairId: string; readonly fingerprint: string };
  readonly hosts: readonly RotationHost[];
  readonly failures: number;
  readonly lastError?: { readonly code: string; readonly detail: string; readonly at: string };
  readonly nextTryAt?: string;
  readonly stalledAt?: string;
  readonly promotedAt?: string;
  readonly endedAt?: string;
}
export interface Host {
  readonly host: string;
  readonly port?: number;
  readonly user: string;
  readonly hostKeys?: readonly string[];
  readonly via?: unknown;
}
export interface Policy {
  readonly maxAgeDays: number;
  readonly overlapDays: number;
  readonly coverage: number;
  readonly maxParallelHosts: number;
  readonly recordHostKeys: boolean;
  readonly hosts: readonly Host[];
  readonly [field: string]: unknown;
}
export interface Entry {
  readonly seq: number;
  readonly at: string;
  readonly door: string;
  readonly who: string;
  readonly grant?: string;
  readonly did: string;
  readonly before: Readonly<Record<string, string | number | boolean>>;
  readonly after: Readonly<Record<string, string | number | boolean>>;
}
type Listed = readonly string[] | 'any';
export interface On {
  readonly provider: Listed;
  readonly account: Listed;
  readonly region: Listed;
  readonly name: Listed;
}
export interface Me {
  readonly id: string;
  readonly grants: readonly { readonly id: string; readonly may: Listed; readonly on: On }[];
  readonly has: readonly string[];
}
export interface Access {
  readonly allowed: boolean;
  readonly right: string;
  readonly grant?: string;
  readonly nearest?: readonly {
    readonly id: string;
    readonly fits: Readonly<Record<'may' | 'provider' | 'account' | 'region' | 'name', boolean>>;
    readonly on: On;
    readonly may: Listed;
  }[];
}
export interface Place {
  readonly provider: string;
  readonly account: string;
  readonly region: string;
  readonly keyPairs: number;
  readonly used?: number;
  readonly limit?: number;
}
export interface Message {
  readonly queue: string;
  readonly id: string;
  readonly state: string;
  readonly filedAt: string;
  readonly tries: number;
  readonly code?: string;
  readonly detail?: string;
  readonly provider?: string;
  readonly name?: string;
  readonly body?: unknown;
}
export interface Problem {
  readonly status?: number;
  readonly code: string;
  readonly detail: string;
  readonly title?: string;
  readonly errors?: readonly { readonly pointer?: string; readonly parameter?: string; readonly detail: string }[];
}
export interface Outcome {
  readonly status: number;
  readonly problem?: Problem;
}
