// KMS 2016-01-20, generic secrets of its Secrets Manager. See docs/local-clouds.md.
import type { Service } from '../service.ts';
import { kmsErrors, refuseKms, throttledByKms } from './errors.ts';
import { createSecret, deleteSecret, describeSecret, listSecrets, restoreSecret, updateSecret } from './secrets.ts';
import { tagResource } from './tags.ts';
import { getSecretValue, listSecretVersionIds, putSecretValue, updateSecretVersionStage } from './values.ts';

export const kms: Service = {
  actions: new Map([
    ['CreateSecret', createSecret],
    ['PutSecretValue', putSecretValue],
    ['GetSecretValue', getSecretValue],
    ['DescribeSecret', describeSecret],
    ['ListSecrets', listSecrets],
    ['ListSecretVersionIds', listSecretVersionIds],
    ['UpdateSecret', updateSecret],
    ['UpdateSecretVersionStage', updateSecretVersionStage],
    ['DeleteSecret', deleteSecret],
    ['RestoreSecret', restoreSecret],
    ['TagResource', tagResource],
  ]),
  errors: kmsErrors,
  unpermitted: () => refuseKms('Forbidden.NoPermission'),
  throttled: throttledByKms,
};
