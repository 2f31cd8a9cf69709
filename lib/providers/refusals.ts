// What each upstream error code means. One table: `made` says whether the call can have taken effect all the same.
// `never` needs a cause that excludes it. Everything else, and every code not listed here, is `unknown`.
// Sources: the clouds' CreateKeyPair, ImportKeyPair, DescribeKeyPairs and DeleteKeyPairs pages, and their common errors.
import type { FailureCode, Made } from '../errors.ts';

export type Service = 'ens' | 'ecs' | 'cvm';

/** Also stands for every code below it: `X` is found for `X.anything` unless that has a row of its own. */
type Row = readonly [code: string, failure: FailureCode, made: Made];

interface Meaning {
  readonly failure: FailureCode;
  readonly made: Made;
}

const alibaba: readonly Row[] = [
  ['MissingParameter', 'INVALID_REQUEST', 'never'],
  ['InvalidParameter', 'INVALID_REQUEST', 'never'],
  ['NoPermission', 'PERMISSION_DENIED', 'never'],
  ['Forbidden', 'PERMISSION_DENIED', 'never'],
  ['Forbidden.AccessKeyDisabled', 'CREDENTIALS_REFUSED', 'never'],
  ['SignatureDoesNotMatch', 'CREDENTIALS_REFUSED', 'never'],
  ['IncompleteSignature', 'CREDENTIALS_REFUSED', 'never'],
  ['InvalidAccessKeyId', 'CREDENTIALS_REFUSED', 'never'],
  ['InvalidSecurityToken', 'CREDENTIALS_REFUSED', 'never'],
  ['MissingSecurityToken', 'CREDENTIALS_REFUSED', 'never'],
  ['InvalidTimeStamp', 'CLOCK_SKEWED', 'never'],
  ['IllegalTimestamp', 'CLOCK_SKEWED', 'never'],
  ['InvalidVersion', 'CLOUD_REFUSED', 'never'],
  ['InvalidAction', 'CLOUD_REFUSED', 'never'],
  // Our nonces do not repeat, so something on the way sent the request twice: the first copy may have been carried out.
  ['SignatureNonceUsed', 'OUTCOME_UNKNOWN', 'unknown'],
  ['Throttling', 'THROTTLED', 'never'],
  ['InternalError', 'OUTCOME_UNKNOWN', 'unknown'],
  ['ServiceUnavailable', 'OUTCOME_UNKNOWN', 'unknown'],
];

// A later row of the same code replaces an earlier one: a service's own reading goes before the common one.
const byCode = (rows: readonly Row[]) => new Map(rows.map(([code, failure, made]) => [code, { failure, made }]));

const meanings: Record<Service, ReadonlyMap<string, Meaning>> = {
  ens: byCode([
    ...alibaba,
    // What ENS says to a taken name is not documented; these are the candidates. `PubKeyNameExisted` stands on its Delete page.
    ['InvalidParameter', 'INVALID_REQUEST', 'unknown'],
    ['PubKeyNameExisted', 'NAME_TAKEN', 'unknown'],
    ['ens.interface.error', 'OUTCOME_UNKNOWN', 'unknown'],
    ['CallInterface', 'OUTCOME_UNKNOWN', 'unknown'],
    // A key pair has no security group: whoever answers this was doing something else, which proves nothing.
    ['InvalidSecurityGroupId.NotFound', 'CLOUD_REFUSED', 'unknown'],
    ['SecurityGroupRuleConflict.Duplicated', 'CLOUD_REFUSED', 'unknown'],
    ['AuthorizationLimitExceed', 'CLOUD_REFUSED', 'unknown'],
    ['PubKeyAttachedWithInstance', 'KEY_PAIR_IN_USE', 'never'],
  ]),
  ecs: byCode([
    ...alibaba,
    ['InvalidKeyPairName.Malformed', 'INVALID_REQUEST', 'never'],
    ['InvalidKeyPairNames.ValueNotSupported', 'INVALID_REQUEST', 'never'],
    ['KeyPair.AlreadyExist', 'NAME_TAKEN', 'unknown'],
    // Tags may be written after the pair.
    ['Duplicate.TagKey', 'TAGS_REFUSED', 'unknown'],
    ['InvalidTagKey.Malformed', 'TAGS_REFUSED', 'unknown'],
    ['InvalidTagValue.Malformed', 'TAGS_REFUSED', 'unknown'],
    ['QuotaExceed.Tags', 'TAG_QUOTA_REACHED', 'unknown'],
    ['QuotaExceed.KeyPair', 'QUOTA_REACHED', 'never'],
    ['InvalidRegionId', 'REGION_UNKNOWN', 'never'],
    ['InvalidResourceGroup', 'RESOURCE_GROUP_UNKNOWN', 'never'],
    ['InvalidPublicKeyBody.Malformed', 'PUBLIC_KEY_REFUSED', 'never'],
    ['InvalidKeyPair.NotFound', 'KEY_PAIR_ABSENT', 'never'],
    ['InvalidParameter.KeypairAlreadyAttachedInstance', 'KEY_PAIR_IN_USE', 'never'],
    ['InstanceKeyPairLimitExceeded', 'KEY_PAIR_IN_USE', 'never'],
  ]),
  cvm: byCode([
    ['MissingParameter', 'INVALID_REQUEST', 'never'],
    ['InvalidParameter', 'INVALID_REQUEST', 'never'],
    ['InvalidParameterValue', 'INVALID_REQUEST', 'never'],
    ['InvalidParameterValueLimit', 'INVALID_REQUEST', 'never'],
    ['InvalidParameterValueOffset', 'INVALID_REQUEST', 'never'],
    ['UnknownParameter', 'INVALID_REQUEST', 'never'],
    ['InvalidFilter', 'INVALID_REQUEST', 'never'],
    ['InvalidFilterValue', 'INVALID_REQUEST', 'never'],
    ['InvalidKeyPairNameEmpty', 'INVALID_REQUEST', 'never'],
    ['InvalidKeyPairNameTooLong', 'INVALID_REQUEST', 'never'],
    ['InvalidKeyPairNameIncludeIllegalChar', 'INVALID_REQUEST', 'never'],
    ['InvalidKeyPairId.Malformed', 'INVALID_REQUEST', 'never'],
    ['InvalidKeyPairId.NotFound', 'KEY_PAIR_ABSENT', 'never'],
    ['InvalidKeyPairName.Duplicate', 'NAME_TAKEN', 'unknown'],
    ['InvalidProjectId.NotFound', 'PROJECT_UNKNOWN', 'never'],
    ['InvalidKeyPair.LimitExceeded', 'QUOTA_REACHED', 'never'],
    ['FailedOperation.TagKeyReserved', 'TAGS_REFUSED', 'unknown'],
    ['LimitExceeded.TagResourceQuota', 'TAG_QUOTA_REACHED', 'unknown'],
    ['InvalidPublicKey.Malformed', 'PUBLIC_KEY_REFUSED', 'never'],
    // The same key material under any name: it may be there because an earlier answer was lost.
    ['InvalidPublicKey.Duplicate', 'PUBLIC_KEY_REFUSED', 'unknown'],
    ['InvalidParameterValue.KeyPairNotSupported', 'KEY_PAIR_IN_USE', 'never'],
    ['UnsupportedRegion', 'REGION_UNKNOWN', 'never'],
    ['AuthFailure.SignatureExpire', 'CLOCK_SKEWED', 'never'],
    ['AuthFailure.UnauthorizedOperation', 'PERMISSION_DENIED', 'never'],
    ['AuthFailure', 'CREDENTIALS_REFUSED', 'never'],
    ['UnauthorizedOperation.InvalidToken', 'CREDENTIALS_REFUSED', 'never'],
    ['UnauthorizedOperation', 'PERMISSION_DENIED', 'never'],
    ['RequestLimitExceeded', 'THROTTLED', 'never'],
    ['InvalidAction', 'CLOUD_REFUSED', 'never'],
    ['ActionOffline', 'CLOUD_REFUSED', 'never'],
    ['NoSuchVersion', 'CLOUD_REFUSED', 'never'],
    ['NoSuchProduct', 'CLOUD_REFUSED', 'never'],
    ['UnsupportedProtocol', 'CLOUD_REFUSED', 'never'],
    ['RequestSizeLimitExceeded', 'INVALID_REQUEST', 'never'],
    ['DryRunOperation', 'CLOUD_REFUSED', 'never'],
    ['InternalServerError', 'OUTCOME_UNKNOWN', 'unknown'],
    ['InternalError', 'OUTCOME_UNKNOWN', 'unknown'],
    ['ServiceUnavailable', 'OUTCOME_UNKNOWN', 'unknown'],
    ['ResponseSizeLimitExceeded', 'OUTCOME_UNKNOWN', 'unknown'],
  ]),
};

/** The row for a code, or for the family it belongs to: `InvalidParameter.KeyPairName` is an `InvalidParameter`. */
export function meaningOf(service: Service, code: string): Meaning {
  for (let family = code; family !== ''; family = family.slice(0, Math.max(0, family.lastIndexOf('.')))) {
    const meaning = meanings[service].get(family);
    if (meaning !== undefined) return meaning;
  }
  return { failure: 'CLOUD_REFUSED', made: 'unknown' };
}
