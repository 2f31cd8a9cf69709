// staged -> rolled-out -> proven: the new line beside the old one on every host, and logins with the new key.
import { addKey, type KeyHalves, proveKey } from '../../hosts/keys-on-host.ts';
import { failureBudget, hostsOf, isCovered } from './coverage.ts';
import { type HostPass, onHosts } from './on-hosts.ts';
import type { HostProgress } from './rotation-record.ts';
import { bothKeys, coverageMissed, keyOf, moveTo, type RotationLease } from './step-support.ts';

export async function rollOut(lease: RotationLease): Promise<undefined> {
  const { defaults } = lease.ports.rotation;
  if (hostsOf(lease.record, lease.work, defaults).length > 0) {
    const [old, next] = await bothKeys(lease);
    await onHosts(lease, { ...addKeyPass(old, next), mayFail: failureBudget(lease.record, lease.work, defaults) });
  }
  if (!isCovered(lease.record, lease.work, defaults)) throw coverageMissed();
  return moveTo(lease, 'rolled-out');
}

/** Every host once more, by a login of its own. */
export async function prove(lease: RotationLease): Promise<undefined> {
  const { defaults } = lease.ports.rotation;
  const next = await keyOf(lease, lease.work.successor?.id);
  await onHosts(lease, {
    needs: ({ outcome }) => outcome === 'ok',
    act: (reach) => proveKey(reach, next),
    after: (progress) => progress,
    mayFail: failureBudget(lease.record, lease.work, defaults),
  });
  if (isCovered(lease.record, lease.work, defaults)) return moveTo(lease, 'proven');
  await moveTo(lease, 'staged'); // where the line of a host that refuses is looked at once more
  throw coverageMissed();
}

/** That it may be there is written before it is sent, so that cancelling knows where to look. */
export const addKeyPass = (old: KeyHalves, next: KeyHalves): HostPass => ({
  needs: ({ outcome }) => outcome !== 'ok',
  before: (progress) => ({ ...progress, added: true }),
  async act(reach) {
    await addKey(reach, old, next);
    return proveKey(reach, next);
  },
  after: (progress): HostProgress => ({ ...progress, outcome: 'ok' }),
});
