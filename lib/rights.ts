// The words of what somebody may do; the access document grants them.

/**
 * What a grant may allow. `adopt` is to have keyvend look after a pair that was there before, `audit` is to read the trail, `release` to detach old pairs from instances, `use` to have another key pair's
 * hosts log in with this one's key, `queue` to read messages that wait or were buried and to put those back; it counts where the grant
 * holds for all of a provider.
 */
export const rights = [
  'vend',
  'adopt',
  'read',
  'rotate',
  'policy',
  'waive',
  'cancel',
  'retire',
  'restore',
  'release',
  'use',
  'audit',
  'queue',
] as const;
export type Right = (typeof rights)[number];
