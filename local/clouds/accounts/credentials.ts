// Who may call: one account per cloud unless told otherwise, and one credential of each kind that behaves differently.
import { randomBytes } from 'node:crypto';

export type CloudName = 'alibaba' | 'tencent';

export interface Credential {
  readonly cloud: CloudName;
  /** AccessKeyId or SecretId. */
  readonly keyId: string;
  readonly secret: string;
  /** Key pairs belong to accounts, not to credentials. */
  readonly account: string;
  /** Set for temporary credentials: every request must carry it. */
  readonly token?: string;
  readonly expiresAtMs?: number;
  readonly active: boolean;
  /** False: may sign, but not do anything with key pairs. */
  readonly permitted: boolean;
  /** Actions that it may not do although it may do the rest, with their service as RAM and CAM spell it: `ess:ModifyScalingConfiguration`. */
  readonly denied?: readonly string[];
}

export const mayDo = ({ permitted, denied = [] }: Credential, action: string): boolean =>
  permitted && !denied.includes(action);

/** The names the defaults go by; the ids say that they are local. */
const credentialKinds = ['permanent', 'sts', 'expired', 'inactive', 'unpermitted'] as const;
export type CredentialKind = (typeof credentialKinds)[number];

const ids: Record<CloudName, Record<CredentialKind, string>> = {
  alibaba: {
    permanent: 'LTAI-local-permanent',
    sts: 'STS.local-temporary',
    expired: 'STS.local-expired',
    inactive: 'LTAI-local-inactive',
    unpermitted: 'LTAI-local-unpermitted',
  },
  tencent: {
    permanent: 'AKID-local-permanent',
    sts: 'AKID-local-temporary',
    expired: 'AKID-local-expired',
    inactive: 'AKID-local-inactive',
    unpermitted: 'AKID-local-unpermitted',
  },
};
const accounts: Record<CloudName, string> = { alibaba: '1000000000000001', tencent: '100000000001' };

/** One credential of every kind for each cloud, with fresh secrets. Nothing about them is known before the start. */
export function freshCredentials(): Credential[] {
  const secret = (): string => randomBytes(20).toString('hex');
  const temporary = { sts: {}, expired: { expiresAtMs: 0 } } as Partial<
    Record<CredentialKind, { expiresAtMs?: number }>
  >;
  return (['alibaba', 'tencent'] as const).flatMap((cloud) =>
    credentialKinds.map((kind) => ({
      cloud,
      keyId: ids[cloud][kind],
      secret: secret(),
      account: accounts[cloud],
      active: kind !== 'inactive',
      permitted: kind !== 'unpermitted',
      ...(temporary[kind] && { token: `local-token-${secret()}`, ...temporary[kind] }),
    })),
  );
}

/** Those of `extra` first: a credential with the id of a default one takes its place. */
export const withExtra = (defaults: readonly Credential[], extra: readonly Credential[]): Credential[] => [
  ...extra,
  ...defaults.filter(({ keyId }) => !extra.some((other) => other.keyId === keyId)),
];

/** The default credential of a kind, or the one that took its place. */
export const credentialOf = (all: readonly Credential[], cloud: CloudName, kind: CredentialKind): Credential =>
  all.find(({ keyId }) => keyId === ids[cloud][kind]) as Credential;
