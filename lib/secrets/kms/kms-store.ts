// Private keys in Alibaba KMS: the value is the key alone, so that GetSecretValue hands it to ssh; all else is in the name, tags and stages.
// Needs these rights to `acs:kms:*:*:secret/<prefix>*`: kms:CreateSecret, DescribeSecret, ListSecretVersionIds, GetSecretValue,
// PutSecretValue, UpdateSecretVersionStage, DeleteSecret, RestoreSecret, TagResource; kms:ListSecrets.
import type { AlibabaOptions } from '../../alibaba/call.ts';
import { Secret } from '../../secret.ts';
import type { SecretStore } from '../secret-store.ts';
import { kmsCalls } from './kms-calls.ts';
import { list } from './kms-list.ts';
import { describeSecret, type KmsScope, secretText } from './kms-lookup.ts';
import { checkedDeployment, PREFIX } from './kms-name.ts';
import { prepare, put, renew } from './kms-put.ts';
import { remove, restoreSecret } from './kms-remove.ts';
import { currentId, storedSecret, versionOf } from './kms-secret.ts';
import { makeCurrent, markPending } from './kms-stages.ts';

export interface KmsStoreOptions extends Omit<AlibabaOptions, 'version'> {
  /** This deployment's id, the value of the tag `keyvend`. */
  readonly deployment: string;
  /** The KMS instance that new secrets are kept in, and the key in it under which they are encrypted. */
  readonly instance?: string;
  readonly instanceKey?: string;
  /** 7 to 30. Default 30. */
  readonly recoveryWindowDays?: number;
  /** Whether a put may read what it finds. Default true. */
  readonly readsKeys?: boolean;
}

/** @throws {TypeError} for options that KMS would refuse */
export function kmsStore(options: KmsStoreOptions): SecretStore {
  const { recoveryWindowDays = 30, readsKeys = true, instance, instanceKey } = options;
  if (!Number.isInteger(recoveryWindowDays) || recoveryWindowDays < 7 || recoveryWindowDays > 30)
    throw new TypeError('the recovery window is 7 to 30 days');
  const kms = kmsCalls(options);
  const scope: KmsScope = {
    ...{ kms, deployment: checkedDeployment(options.deployment), prefix: PREFIX },
    ...{ recoveryWindowDays, readsKeys, prepared: new Map() },
    ...(instance !== undefined && { instance }),
    ...(instanceKey !== undefined && { instanceKey }),
  };
  const until = (moment: Parameters<typeof kms.signingBefore>[0]): KmsScope => ({
    ...scope,
    kms: kms.signingBefore(moment),
  });
  return {
    prepare: (identity, mayArrive = 0, traits) => prepare(scope, identity, mayArrive, traits),
    put: async (identity, id, key, signBefore, keyPairId, traits) =>
      put(until(signBefore), identity, { id: checkedVersion(id), key, keyPairId, traits }),
    renew: (identity, id, signBefore) => renew(scope, identity, id, signBefore),
    async find(identity) {
      const secret = await describeSecret(scope, identity);
      return secret && storedSecret(identity, secret);
    },
    makeCurrent: (identity, id, from, signBefore) => makeCurrent(until(signBefore), identity, id, from),
    markPending: async (identity, id, signBefore) => markPending(until(signBefore), identity, id),
    remove: (identity, id) => remove(scope, identity, id),
    restoreSecret: (identity) => restoreSecret(scope, identity),
    async reveal(identity, id) {
      const secret = await describeSecret(scope, identity);
      const wanted = id ?? (secret && currentId(secret));
      const version = secret && wanted !== undefined ? versionOf(secret, wanted) : undefined;
      if (secret === undefined || version === undefined || secret.deletionScheduled) return undefined;
      const text = await secretText(scope, secret.name, version.versionId);
      return text === undefined ? undefined : new Secret(text);
    },
    list: (cursor) => list(scope, cursor),
    async close() {}, // the transport is closed by whoever made it
  };
}

function checkedVersion(id: string): string {
  if (!/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/.test(id)) throw new TypeError('a version id is a UUID');
  return id;
}
