// Attaching the pair that counts to the instances that keep an old one, where the policy asks for that: the cloud's record at once,
// the guest at its next boot. Hosts know the key already, so it changes no login; and the old pair can go.
import type { Version } from '../attempt.ts';
import { pairsOf } from '../own-name/slot.ts';
import type { Rebound } from './outgoing-record.ts';
import { policyOf } from './policy.ts';
import type { Work } from './rotation-record.ts';
import type { WorkLease } from './work-lease.ts';

const NAMED = 20;
/** So many at a time; the next ones when the old pair is tried again. */
const AT_ONCE = 100;

/**
 * Sent at most once at each try of the old pair. Running instances of ENS and CVM are left alone: they would have to be stopped.
 * @returns undefined where nothing is to be rebound
 */
export async function rebind(lease: WorkLease<Work>, old: Version): Promise<Rebound | undefined> {
  const { ports, identity, record, until } = lease;
  const standing = record.versions.at(-1);
  if (policyOf(record, ports.rotation.defaults).rebind !== true || standing === undefined) return undefined;
  const fleet = await ports.fleetFor?.(identity);
  if (fleet === undefined) return undefined;
  const call = { timeoutMs: ports.settings.callTimeoutMs, signBefore: until };
  const holders = (await Promise.all(pairsOf(record, old).map((pair) => fleet.holders(pair, call)))).flat();
  const having = holders.filter(({ status }) => status !== 'gone').map(({ id }) => id);
  if (having.length === 0) return undefined;
  await ports.deployment.assertHome();
  lease.requireTime(ports.settings.callTimeoutMs);
  const outcomes = await fleet.attach(pairsOf(record, standing)[0]!, having.slice(0, AT_ONCE), {
    ...call,
    force: false,
  });
  const left = outcomes.filter(({ outcome }) => outcome !== 'done' && outcome !== 'gone');
  return {
    atMs: ports.clock.wallMs(),
    count: outcomes.length - left.length,
    left: left.slice(0, NAMED).map(({ id, outcome }) => ({ id, outcome })),
  };
}
