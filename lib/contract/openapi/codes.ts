// By which codes an operation can fail, in groups: what every request can meet, what the clouds and the stores say, what a key pair is like.
// A code is added here together with whatever throws it; the tests that send what nobody would write hold answers against it.
import type { FailureCode } from '../../errors.ts';

type Codes = readonly FailureCode[];

export const ofEveryRequest: Codes = [
  ...(['INVALID_REQUEST', 'TOO_LARGE', 'INTERNAL', 'OVERLOADED', 'DEADLINE_PASSED'] as const),
];
export const ofQueries: Codes = ['FIELD_UNKNOWN'];
export const ofTokens: Codes = [
  ...(['TOKEN_MISSING', 'TOKEN_REFUSED', 'TOKEN_EXPIRED', 'TOKEN_EARLY', 'TOKEN_LIFETIME', 'TOKEN_KIND'] as const),
  ...(['TOKEN_KEY_WEAK', 'TOKEN_AUDIENCE', 'ISSUER_UNREACHABLE'] as const),
];
export const ofLedger: Codes = ['LEDGER_UNAVAILABLE', 'LEDGER_FENCED'];
/** Of what names one key pair and needs a right to it. */
export const ofKeyPair: Codes = ['NAME_INVALID', 'FORBIDDEN', ...ofLedger];
export const ofRecord: Codes = ['KEY_PAIR_ABSENT'];
export const ofTrail: Codes = ['TRAIL_CONTRADICTED'];
/** Of what changes a record: somebody else may be at work on it. */
export const ofChange: Codes = [
  'IN_PROGRESS',
  'TRAIL_BEHIND',
  'CONFIGURATION_DIFFERS',
  'OUTCOME_UNKNOWN',
  'CANCELLED',
  'LEASE_LOST',
];
export const ofBody: Codes = ['MEDIA_TYPE'];
export const ofIdempotency: Codes = ['KEY_REUSED'];
export const ofClouds: Codes = [
  ...(['ACCOUNT_UNKNOWN', 'ACCOUNT_MOVED', 'ACCOUNT_SHARED', 'REGION_UNKNOWN', 'PERMISSION_DENIED'] as const),
  ...([
    'CREDENTIALS_REFUSED',
    'CLOCK_SKEWED',
    'CLOUD_REFUSED',
    'THROTTLED',
    'RATE_LIMITED',
    'CLOUD_UNREACHABLE',
  ] as const),
];
export const ofStores: Codes = [
  ...(['STORE_UNAVAILABLE', 'STORE_REFUSED', 'SECRET_NOT_OURS', 'VERSION_TAKEN', 'KEY_UNREADABLE'] as const),
];
export const ofVending: Codes = [
  ...(['NAME_TAKEN', 'DIFFERENT_REQUEST', 'KEY_PAIR_RETIRED', 'GRANT_FULL', 'QUOTA_REACHED'] as const),
  ...(['RESOURCE_GROUP_UNKNOWN', 'PROJECT_UNKNOWN', 'TAGS_REFUSED', 'TAG_QUOTA_REACHED'] as const),
  ...(['KEY_CONTRADICTED', 'KEY_UNPROVEN'] as const),
];
export const ofFleets: Codes = [...ofClouds, 'KEY_PAIR_IN_USE', 'LISTING_UNSETTLED'];
export const ofRotation: Codes = ['ROTATION_ABSENT'];
export const ofQueues: Codes = ['QUEUE_UNAVAILABLE', 'FORBIDDEN'];
