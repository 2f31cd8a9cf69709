// Which hosts a rotation is about, and whether enough of them have proved the new key.
import type { Host } from '../../hosts/hosts.ts';
import type { KeyPairRecord } from '../record.ts';
import { hostName, type Policy, type PolicyDefaults, policyOf } from './policy.ts';
import { type HostProgress, isDone, isUnderWay, type Rotation } from './rotation-record.ts';

/** A record, one of its rotations, and what the configuration says where the record's policy does not. */
export type CoverageView = readonly [record: KeyPairRecord, rotation: Rotation, defaults: PolicyDefaults];

/** The hosts that are listed by now and not waived. */
export const hostsOf = (...[record, { waived }, defaults]: CoverageView): readonly Host[] =>
  policyOf(record, defaults).hosts.filter((host) => !waived.includes(hostName(host)));

export const progressOf = ({ hosts }: Rotation, host: Host): HostProgress =>
  hosts[hostName(host)] ?? { outcome: 'unverified' };

/** Whether enough hosts proved the new key. Where a policy lists hosts, at least one must have, whichever were waived. */
export function isCovered(...looked: CoverageView): boolean {
  const [record, rotation, defaults] = looked;
  const policy = policyOf(record, defaults);
  const hosts = hostsOf(...looked);
  const proven = hosts.filter((host) => progressOf(rotation, host).outcome === 'ok').length;
  // Nor where targets found none.
  if ((policy.hosts.length > 0 || policy.targets !== undefined) && proven === 0) return false;
  return proven >= needed(hosts.length, policy);
}

/** How many hosts may fail before the coverage is missed. */
export function failureBudget(...looked: CoverageView): number {
  const [record, , defaults] = looked;
  const hosts = hostsOf(...looked).length;
  return hosts - needed(hosts, policyOf(record, defaults));
}

const needed = (hosts: number, { coverage }: Policy): number =>
  hosts === 0 ? 0 : Math.max(1, Math.ceil(hosts * coverage - 1e-9));

/** Whether every host that is listed by now was tried. */
export const allTried = (...looked: CoverageView): boolean =>
  hostsOf(...looked).every((host) => progressOf(looked[1], host).atMs !== undefined);

export const allProven = (...looked: CoverageView): boolean =>
  hostsOf(...looked).every((host) => progressOf(looked[1], host).outcome === 'ok');

/** Rotations that began before it, of which old lines may still be on hosts. */
export const earlierOf = ({ rotations = [] }: KeyPairRecord, { id }: Rotation): readonly Rotation[] =>
  rotations
    .slice(
      0,
      rotations.findIndex((one) => one.id === id),
    )
    .filter((one) => !isDone(one) && !isUnderWay(one));

/** Whether a host has no line from before the key that this rotation replaces: at most two keys of ours open a host. */
export const isClearOfEarlier = (record: KeyPairRecord, rotation: Rotation, host: Host): boolean =>
  earlierOf(record, rotation).every(
    (earlier) => progressOf(earlier, host).oldRemoved === true || earlier.waived.includes(hostName(host)),
  );

/** Whether no host that is listed by now has the old line, or could have. */
export const allWithoutOldKey = (...looked: CoverageView): boolean =>
  hostsOf(...looked).every((host) => progressOf(looked[1], host).oldRemoved === true);
