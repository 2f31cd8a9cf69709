// How a key pair is rotated. What is not set for it alone, the configuration says.
import type { Host } from '../../hosts/hosts.ts';

export interface Policy {
  /** A key older than this is rotated by itself; 0 for never. */
  readonly maxAgeDays: number;
  /** How long the key before stays valid once its successor counts. */
  readonly overlapDays: number;
  /** The accounts that the key opens; none: others roll it out, told by an event. */
  readonly hosts: readonly Host[];
  /** Which part of the hosts has to have proved the new key before it counts: above 0, up to 1. Waived hosts do not count. */
  readonly coverage: number;
  readonly maxParallelHosts: number;
  /** Whether a host key that is not pinned is recorded when it is first seen, and pinned from then on. */
  readonly recordHostKeys: boolean;
  /** Another key pair of the same provider, account and region that may edit where the key's own options forbid it. */
  readonly managementKey?: string;
}
export type PolicyChange = Partial<Policy>;

export const DAY_MS = 24 * 60 * 60_000;

export const policyOf = ({ policy }: { readonly policy?: PolicyChange }, defaults: Policy): Policy => ({
  ...defaults,
  ...policy,
});

/** How a host is called in a rotation: `user@host:port`; an IPv6 address in brackets. */
export const hostName = ({ host, port, user }: Pick<Host, 'host' | 'port' | 'user'>): string =>
  `${user}@${host.includes(':') ? `[${host}]` : host}:${port}`;
