// staged -> rolled-out -> proven: adds the new line beside the old one on every host, and logs in with the new key.
import { VendingError } from '../../errors.ts';
import { catchUp } from '../../hosts/catch-up.ts';
import { addKey, type KeyHalves, type KnownKey, proveKey } from '../../hosts/keys-on-host.ts';
import { earlierOf, failureBudget, hostsOf, isClearOfEarlier, isCovered, progressOf } from './coverage.ts';
import type { HostPass } from './host-pass.ts';
import { olderKeys, orReimaged } from './known-keys.ts';
import { onHosts } from './on-hosts.ts';
import { hostName } from './policy.ts';
import type { HostProgress } from './rotation-record.ts';
import { overlapOverMs } from './rotation-schedule.ts';
import { bothKeys, coverageMissed, keyOf, moveTo, type RotationLease } from './step-support.ts';

export async function rollOut(lease: RotationLease): Promise<number | undefined> {
  const { defaults } = lease.ports.rotation;
  const againAtMs = waitsUntilMs(lease);
  if (againAtMs !== undefined) return againAtMs;
  if (hostsOf(lease.record, lease.work, defaults).length > 0) {
    const [old, next] = await bothKeys(lease);
    await behind(lease);
    await onHosts(lease, {
      ...addKeyPass(lease, old, next, old),
      ...untilCovered(lease),
    });
  }
  if (!isCovered(lease.record, lease.work, defaults)) throw coverageMissed();
  return moveTo(lease, 'rolled-out');
}

/** As many may fail as the coverage permits, and where it is reached, what said nothing is caught up once the key counts. */
const untilCovered = (lease: RotationLease): Pick<HostPass, 'mayFail' | 'isEnough'> => {
  const { defaults } = lease.ports.rotation;
  return {
    mayFail: failureBudget(lease.record, lease.work, defaults),
    isEnough: () => isCovered(lease.record, lease.work, defaults),
  };
};

/** Proves the key on every host once more, by a separate login. */
export async function prove(lease: RotationLease): Promise<undefined> {
  const { defaults } = lease.ports.rotation;
  const next = await keyOf(lease, lease.work.successor?.id);
  await onHosts(lease, {
    needs: ({ outcome, proved }) => outcome === 'ok' && proved !== true,
    act: (reach) => proveKey(reach, next),
    after: (progress) => ({ ...progress, proved: true }),
    ...untilCovered(lease),
  });
  if (isCovered(lease.record, lease.work, defaults)) return moveTo(lease, 'proven');
  await moveTo(lease, 'staged'); // where the line on a host that refuses is checked once more
  throw coverageMissed();
}

/**
 * The key before the one that is replaced keeps its overlap, and a third key is let in nowhere meanwhile.
 * @returns when that is over; undefined when it is, and then each host is asked for by itself
 */
function waitsUntilMs({ record, work, ports }: RotationLease): number | undefined {
  const { clock, rotation } = ports;
  const earlier = earlierOf(record, work);
  const nowMs = clock.wallMs();
  const overMs = Math.max(...earlier.map((one) => overlapOverMs(record, one, rotation.defaults)));
  // Where nobody lists hosts, the end of the earlier rotation is all that tells.
  const unlisted = earlier.length > 0 && hostsOf(record, work, rotation.defaults).length === 0;
  if (earlier.length === 0 || (overMs <= nowMs && !unlisted)) return undefined;
  const againAtMs = Math.max(overMs, nowMs + SOON_MS);
  if (work.driver === 'keyvend') return againAtMs;
  throw new VendingError('ROTATION_WAITS', 'The key before the last one is still valid', {
    retryAfterMs: againAtMs - nowMs,
  });
}

const SOON_MS = 60_000;

/** Says which hosts are left out for now, because an older key is still to be taken off them. */
async function behind(lease: RotationLease): Promise<void> {
  const isUntold = (progress: HostProgress) => progress.outcome !== 'ok' && progress.code !== 'HOST_BEHIND';
  const { defaults } = lease.ports.rotation;
  const atMs = lease.ports.clock.wallMs();
  const late = hostsOf(lease.record, lease.work, defaults).filter(
    (host) => isUntold(progressOf(lease.work, host)) && !isClearOfEarlier(lease.record, lease.work, host),
  );
  if (late.length === 0) return;
  await lease.change((rotation) => ({
    ...rotation,
    hosts: {
      ...rotation.hosts,
      ...Object.fromEntries(
        late.map((host) => [
          hostName(host),
          { ...progressOf(rotation, host), outcome: 'unverified' as const, code: 'HOST_BEHIND' as const, atMs },
        ]),
      ),
    },
  }));
}

/**
 * It is written that the line may be there before it is sent, so that cancelling knows where to look.
 * @param standing the key that counts on a host of which nothing else is known
 */
export const addKeyPass = (lease: RotationLease, old: KnownKey, next: KeyHalves, standing: KnownKey): HostPass => ({
  needs: ({ outcome }, host) => outcome !== 'ok' && isClearOfEarlier(lease.record, lease.work, host),
  before: (progress) => ({ ...progress, added: true }),
  async act(reach) {
    const keys = olderKeys(lease, reach.host, standing);
    if (keys !== undefined) await catchUp(reach, keys).catch(orReimaged(lease, reach));
    await addKey(reach, old, next);
    return proveKey(reach, next);
  },
  after: (progress): HostProgress => ({ ...progress, outcome: 'ok' }),
});
