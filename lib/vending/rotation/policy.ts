// How a key pair is rotated. The configuration says what is not set for the key pair alone.
import type { Host } from '../../hosts/hosts.ts';

export interface Policy {
  /** A key older than this is rotated automatically; 0 for never. */
  readonly maxAgeDays: number;
  /** How long the previous key stays valid once its successor counts. */
  readonly overlapDays: number;
  /** The accounts that the key opens. Where there are none, others learn of the new key by an event and roll it out. */
  readonly hosts: readonly Host[];
  /** The share of hosts that must have proved the new key before it counts: above 0, up to 1. Waived hosts are not included. */
  readonly coverage: number;
  readonly maxParallelHosts: number;
  /** Whether a host key that is not pinned is recorded when it is first seen, and pinned from then on. */
  readonly recordHostKeys: boolean;
  /** Another key pair of the same provider, account and region that may edit where the key's own options forbid it. */
  readonly managementKey?: string;
}
export type PolicyChange = Partial<Policy>;

/** As a record has it. */
export interface StoredPolicy extends PolicyChange {
  /** Who put it, and with it whoever was permitted to name its management key. */
  readonly setBy?: string;
}

export const DAY_MS = 24 * 60 * 60_000;

export function policyOf({ policy = {} }: { readonly policy?: StoredPolicy }, defaults: Policy): Policy {
  const { setBy: _, ...own } = policy;
  return { ...defaults, ...own };
}

/** What a rotation calls a host: `user@host:port`, with an IPv6 address in brackets. */
export const hostName = ({ host, port, user }: Pick<Host, 'host' | 'port' | 'user'>): string =>
  `${user}@${host.includes(':') ? `[${host}]` : host}:${port}`;

/** The same for one account of one machine, however the policy writes the machine's name. */
export const accountName = (host: Pick<Host, 'host' | 'port' | 'user'>): string =>
  hostName({ ...host, host: host.host.toLowerCase() });
