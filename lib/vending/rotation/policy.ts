// How a key pair is rotated. The configuration says what is not set for the key pair alone.
import type { Host } from '../../hosts/hosts.ts';
import { type Bounds, withinBounds } from '../../policy-bounds.ts';
import type { KeyBits, KeySource } from '../key-source.ts';
import type { Found, Target } from './target.ts';

export interface Policy {
  /** A key older than this is rotated automatically; 0 for never. */
  readonly maxAgeDays: number;
  /** How long the previous key stays valid once its successor counts. */
  readonly overlapDays: number;
  /** The accounts that the key opens. Where there are none, others learn of the new key by an event and roll it out. */
  readonly hosts: readonly Host[];
  /** Instances that the key opens as well, found anew whenever something is done about hosts. */
  readonly targets?: readonly Target[];
  /** The share of hosts that must have proved the new key before it counts: above 0, up to 1. Waived hosts are not included. */
  readonly coverage: number;
  readonly maxParallelHosts: number;
  /** Whether a host key that is not pinned is recorded when it is first seen, and pinned from then on. */
  readonly recordHostKeys: boolean;
  /** Whether the pair that counts is attached to instances that keep an old one. Default false. */
  readonly rebind?: boolean;
  /** Whether launch templates and scaling configurations that name an old pair are made to name its successor. Default false. */
  readonly updateTemplates?: boolean;
  /** Whether the key pair's own name at the cloud is to lead to the key that counts, once it can. Default false. */
  readonly keepName?: boolean;
  /** Who makes the keys that rotations bring; absent for whoever the key pair was asked for with. Beside it, how large they are. */
  readonly keySource?: KeySource;
  readonly keyBits?: KeyBits;
  /** Another key pair of the same provider, account and region that may edit where the key's own options forbid it. */
  readonly managementKey?: string;
}
export type PolicyChange = Partial<Policy>;

/** As a record has it. */
export interface StoredPolicy extends PolicyChange {
  /** Who put it, and with it whoever was permitted to name its management key. */
  readonly setBy?: string;
  /** The bounds that whoever put it had by grant, beside those of the configuration. */
  readonly floors?: Bounds;
}

/** What applies where a policy says nothing, and how far one may go. */
export interface PolicyDefaults extends Policy {
  readonly bounds?: Bounds;
  /** How many keys of one key pair the store can keep at a time; absent for any number. */
  readonly mostVersions?: number;
  /** The share of the configured age over which rotations by age are spread; absent for none. A policy's own age is kept to the moment. */
  readonly ageSpread?: number;
}

interface HasPolicy {
  readonly policy?: StoredPolicy;
  readonly found?: Found;
}

/**
 * The policy that applies, with the hosts that were found beside those that are listed: one that was put before the bounds were set
 * is kept to them all the same.
 */
export function policyOf(record: HasPolicy, defaults: PolicyDefaults): Policy {
  const wanted = wantedPolicyOf(record, defaults);
  const found = wanted.targets === undefined ? [] : (record.found?.hosts.map(({ host }) => host) ?? []);
  const policy = withinBounds(wanted, boundsOf(record, defaults));
  return found.length === 0 ? policy : { ...policy, hosts: [...policy.hosts, ...found] };
}

export const listedHostsOf = (record: HasPolicy, defaults: PolicyDefaults): readonly Host[] =>
  wantedPolicyOf(record, defaults).hosts;

/** The policy as it was put. */
export function wantedPolicyOf(
  { policy = {} }: HasPolicy,
  { bounds: _, mostVersions: _most, ageSpread: _spread, ...usual }: PolicyDefaults,
): Policy {
  const { setBy, floors, ...own } = policy;
  return { ...usual, ...own };
}

export const boundsOf = ({ policy }: HasPolicy, { bounds }: PolicyDefaults): Bounds => ({
  ...bounds,
  ...policy?.floors,
});

/** What a rotation calls a host: `user@host:port`, with an IPv6 address in brackets. */
export const hostName = ({ host, port, user }: Pick<Host, 'host' | 'port' | 'user'>): string =>
  `${user}@${host.includes(':') ? `[${host}]` : host}:${port}`;

/** The same for one account of one machine, however the policy writes the machine's name. */
export const accountName = (host: Pick<Host, 'host' | 'port' | 'user'>): string =>
  hostName({ ...host, host: host.host.toLowerCase() });
