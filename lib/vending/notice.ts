// What is told of a key pair later on. What there is to tell, notices.ts finds.
import type { FailureCode } from '../errors.ts';

export const noticeTypes = [
  'retired',
  'restored',
  'purged',
  'policy-changed',
  'rotation-stalled',
  'host-failed',
  'lingering',
  'referenced',
  'name-given-back',
] as const;
export type NoticeType = (typeof noticeTypes)[number];

export interface Notice {
  /** A repeated notice has the same one. */
  readonly id: string;
  readonly type: NoticeType;
  readonly atMs: number;
  readonly about: About;
}

/** Ids, codes and names of hosts: what each type has, `lib/contract/events.ts` says. */
export interface About {
  readonly rotationId?: string;
  readonly state?: string;
  readonly code?: FailureCode;
  readonly host?: string;
  readonly hosts?: readonly string[];
  readonly keyPairId?: string;
  readonly keyPairName?: string;
  readonly instances?: readonly string[];
  /** What names a pair: its kind, its name or id, and its version. */
  readonly references?: readonly string[];
  readonly count?: number;
  readonly purgeAt?: string;
}
