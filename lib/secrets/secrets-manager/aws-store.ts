// Private keys in AWS Secrets Manager: the value is the key alone, so that get-secret-value hands it to ssh; all else is in the
// name, tags and labels. Needs these rights to `<prefix>*`: secretsmanager:CreateSecret, TagResource, DescribeSecret, ListSecretVersionIds,
// GetSecretValue, PutSecretValue, UpdateSecret, UpdateSecretVersionStage, DeleteSecret, RestoreSecret; ListSecrets; kms:GenerateDataKey, Decrypt.
import type { AwsOptions } from '../../aws/call.ts';
import { VendingError } from '../../errors.ts';
import { Secret } from '../../secret.ts';
import type { SecretStore, StoredSecret } from '../secret-store.ts';
import { secretsManager, unusable } from './aws-calls.ts';
import { makeCurrent } from './aws-current.ts';
import { describeSecret, type SecretsScope, secretText } from './aws-lookup.ts';
import { checkedPrefix, identityNamed, PREFIX } from './aws-name.ts';
import { markPending } from './aws-pending.ts';
import { prepare, put } from './aws-put.ts';
import { remove, restoreSecret } from './aws-remove.ts';
import {
  awsSecret,
  checkedDeployment,
  currentId,
  DEPLOYMENT_TAG,
  isOurs,
  isStored,
  storedSecret,
} from './aws-secret.ts';

export interface AwsStoreOptions extends AwsOptions {
  /** This deployment's id, the value of the tag `keyvend`. */
  readonly deployment: string;
  /** A key's id, ARN or alias. Default: the account's `aws/secretsmanager`. */
  readonly kmsKeyId?: string;
  /** 7 to 30. Default 30. */
  readonly recoveryWindowDays?: number;
  /** Default `keyvend/`. */
  readonly namePrefix?: string;
  /** Whether a put may read what it finds. Default true. */
  readonly readsKeys?: boolean;
}

/** @throws {TypeError} for options that AWS would refuse */
export function awsStore(options: AwsStoreOptions): SecretStore {
  const { kmsKeyId, recoveryWindowDays = 30, namePrefix = PREFIX, readsKeys = true } = options;
  if (!Number.isInteger(recoveryWindowDays) || recoveryWindowDays < 7 || recoveryWindowDays > 30) {
    throw new TypeError('the recovery window is 7 to 30 days');
  }
  const manager = secretsManager(options);
  const scope: SecretsScope = {
    manager,
    clock: options.clock,
    deployment: checkedDeployment(options.deployment),
    prefix: checkedPrefix(namePrefix),
    recoveryWindowDays,
    readsKeys,
    prepared: new Map(),
    ...(kmsKeyId === undefined ? {} : { kmsKeyId }),
  };

  return {
    prepare: (identity, _mayArrive, traits) => prepare(scope, identity, traits),

    put: async (identity, versionId, key, signBefore, keyPairId, traits) =>
      put({ ...scope, manager: manager.signingBefore(signBefore) }, identity, {
        versionId: checkedVersion(versionId),
        ...{ key, keyPairId, traits },
      }),

    async find(identity) {
      const secret = await describeSecret(scope, identity);
      return secret && storedSecret(identity, secret);
    },

    makeCurrent: async (identity, versionId, from, signBefore) =>
      makeCurrent({ ...scope, manager: manager.signingBefore(signBefore) }, identity, versionId, from),

    markPending: async (identity, versionId, signBefore) =>
      markPending({ ...scope, manager: manager.signingBefore(signBefore) }, identity, versionId),

    remove: (identity, versionId) => remove(scope, identity, versionId),

    restoreSecret: (identity) => restoreSecret(scope, identity),

    async reveal(identity, versionId) {
      const secret = await describeSecret(scope, identity);
      const wanted = versionId ?? (secret && currentId(secret));
      if (secret === undefined || wanted === undefined || !isStored(secret, wanted)) return undefined;
      const text = await secretText(scope, secret.arn, wanted);
      return text === undefined ? undefined : new Secret(text);
    },

    async list(cursor) {
      if (cursor === '' || (cursor?.length ?? 0) > 4_096) throw notOurCursor();
      const answer = await manager.send(
        'ListSecrets',
        {
          MaxResults: 100,
          IncludePlannedDeletion: false,
          SortOrder: 'asc', // by creation: what is made meanwhile comes last
          // Both match prefixes, and of any tag: they make the list short, the check of each secret makes it right.
          Filters: [
            { Key: 'tag-key', Values: [DEPLOYMENT_TAG] },
            { Key: 'tag-value', Values: [scope.deployment] },
          ],
          ...(cursor === undefined ? {} : { NextToken: cursor }),
        },
        'InvalidNextTokenException',
      );
      if (answer === 'InvalidNextTokenException') throw notOurCursor();
      if (!Array.isArray(answer.SecretList)) throw unusable('ListSecrets');
      const secrets = answer.SecretList.map((shown) => listed(scope, shown)).filter((secret) => secret !== undefined);
      return typeof answer.NextToken === 'string' ? { secrets, cursor: answer.NextToken } : { secrets };
    },

    async close() {}, // the transport is closed by whoever made it
  };
}

function listed(
  { prefix, deployment }: SecretsScope,
  shown: Readonly<Record<string, unknown>>,
): StoredSecret | undefined {
  const secret = awsSecret(shown);
  const identity = secret && identityNamed(prefix, secret.name);
  return identity && isOurs(secret, deployment, identity) ? storedSecret(identity, secret) : undefined;
}

const notOurCursor = () => new VendingError('INVALID_REQUEST', 'The cursor did not come from this listing');

/** AWS: 32 to 64 characters; a UUID has 36. */
function checkedVersion(versionId: string): string {
  if (!/^[A-Za-z0-9-]{32,64}$/.test(versionId)) throw new TypeError('a version id is a UUID');
  return versionId;
}
