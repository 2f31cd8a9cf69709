// Finding the hosts of a policy's targets anew, before each step that is about hosts: what was launched meanwhile is caught up, and
// what is gone is waited for no more.
import { isIPv4 } from 'node:net';
import { VendingError } from '../../errors.ts';
import type { Fleet, Instance } from '../../providers/fleet.ts';
import type { CallLimits } from '../../transport/wire.ts';
import { pairsOf } from '../own-name/slot.ts';
import type { KeyPairRecord } from '../record.ts';
import { accountName, hostName, listedHostsOf, policyOf, wantedPolicyOf } from './policy.ts';
import { withRoom } from './record-size.ts';
import type { Rotation, Work } from './rotation-record.ts';
import type { Found, FoundHost, Target } from './target.ts';
import { unlessMeant, withoutHosts } from './without-hosts.ts';
import type { WorkLease } from './work-lease.ts';

/** So many instances are named that came or left. */
const NAMED = 20;

/**
 * Writes down what there is now; nothing where the policy has no targets.
 * @throws {VendingError} what the cloud said: without knowing which hosts there are, nothing is decided; HOSTS_TOO_MANY
 */
export async function findHosts<W extends Work>(lease: WorkLease<W>): Promise<void> {
  const { ports, record, until } = lease;
  const { defaults } = ports.rotation;
  const { targets = [] } = wantedPolicyOf(record, defaults);
  if (targets.length === 0) return;
  const fleet = await ports.fleetFor?.(lease.identity);
  if (fleet === undefined) throw new VendingError('PERMISSION_DENIED', 'Nothing may be asked of instances here');
  const call = { timeoutMs: ports.settings.callTimeoutMs, signBefore: until };
  const all = new Map<string, FoundHost>();
  let unaddressed = 0;
  for (const target of targets) {
    for (const instance of await instancesOf(lease, fleet, target, call)) {
      const host = hostOf(instance, target);
      if (host === undefined) unaddressed += 1;
      else if (!all.has(accountName(host))) all.set(accountName(host), { instance: instance.id, host });
    }
  }
  const nowMs = ports.clock.wallMs();
  await lease.change((work, standing) => {
    const listed = listedHostsOf(standing, defaults); // others may have been listed meanwhile
    const taken = new Set(listed.map(accountName));
    const hosts = [...all].flatMap(([name, one]) => (taken.has(name) ? [] : [one]));
    const showed = showedBy(standing);
    const found = changed(standing.found, { hosts, unaddressed }, nowMs);
    const moved = reassigned(showed, hosts);
    const known = withoutHosts({ ...standing, found }, (name) => moved.has(name));
    const meant = new Set(policyOf(known, defaults).hosts.map(hostName));
    const left = Object.fromEntries(
      Object.entries(showed).filter(([name]) => !meant.has(name) && known.hostKeys?.[name]),
    );
    const record = withRoom(
      withoutHosts({ ...known, found: { ...found, showed: left } }, (name) => !meant.has(name), unlessMeant),
      listed,
      hosts,
    );
    const { id } = work as Partial<Rotation>;
    return [(record.rotations?.find((rotation) => rotation.id === id) as W | undefined) ?? work, record];
  });
}

async function instancesOf<W extends Work>(
  { identity: { region }, record, work }: WorkLease<W>,
  fleet: Fleet,
  { tags, instances: ids, attached }: Target,
  call: CallLimits,
): Promise<readonly Instance[]> {
  const selected = async () => fleet.instances({ region, ...(tags && { tags }), ...(ids && { ids }) }, call);
  if (attached !== true) return there(await selected());
  const { successor } = work as Partial<Rotation>;
  const pairs = [...record.versions, ...(successor === undefined ? [] : [successor])];
  const having = new Map<string, Instance>();
  for (const pair of pairs.flatMap((version) => pairsOf(record, version)))
    for (const instance of await fleet.holders(pair, call)) having.set(instance.id, instance);
  const all = there([...having.values()]);
  if (tags === undefined && ids === undefined) return all;
  const wanted = new Set((await selected()).map(({ id }) => id));
  return all.filter(({ id }) => wanted.has(id));
}

const there = (instances: readonly Instance[]) => instances.filter(({ status }) => status !== 'gone');

function hostOf(instance: Instance, { addresses, port, user, hostKeys, via }: Target) {
  const of = addresses === 'private' ? instance.privateAddresses : instance.publicAddresses;
  const host = of.find((address) => isIPv4(address)) ?? of[0];
  return host === undefined ? undefined : { host, port, user, hostKeys, ...(via && { via }) };
}

function changed(before: Found | undefined, now: Pick<Found, 'hosts' | 'unaddressed'>, nowMs: number): Found {
  const [were, are] = [before?.hosts ?? [], now.hosts].map((all) => new Set(all.map(({ instance }) => instance)));
  const came = [...are!].filter((id) => !were!.has(id));
  const left = [...were!].filter((id) => !are!.has(id));
  const same = before !== undefined && came.length + left.length === 0;
  return {
    ...{ ...now, seenAtMs: nowMs },
    ...(same
      ? { came: before.came, left: before.left, changedAtMs: before.changedAtMs }
      : { came: came.slice(0, NAMED), left: left.slice(0, NAMED), changedAtMs: nowMs }),
  };
}

/** Which instances had the addresses that were found, as far as that is known. */
const showedBy = ({ found }: KeyPairRecord): Readonly<Record<string, string>> => ({
  ...found?.showed,
  ...Object.fromEntries(found?.hosts.map(({ instance, host }) => [hostName(host), instance]) ?? []),
});

/** Addresses at which another machine is now than before: nothing that is known of the one is true of the other. */
const reassigned = (before: Readonly<Record<string, string>>, hosts: readonly FoundHost[]): ReadonlySet<string> => {
  const names = hosts.filter(({ instance, host }) => (before[hostName(host)] ?? instance) !== instance);
  return new Set(names.map(({ host }) => hostName(host)));
};
