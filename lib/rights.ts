// The words of what somebody may do; the access document grants them.

/**
 * What a grant may allow. `audit` is to read the trail, `release` to detach old pairs from instances, `use` to have another key pair's
 * hosts log in with this one's key, `queue` to read messages that wait or were buried and to put those back; it counts where the grant
 * holds for all of a provider.
 */
export const rights = [
  'vend',
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
