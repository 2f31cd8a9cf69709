// staged -> rolled-out -> proven: adds the new line beside the old one on every host, and logs in with the new key.
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

/** Proves the key on every host once more, by a separate login. */
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
  await moveTo(lease, 'staged'); // where the line on a host that refuses is checked once more
  throw coverageMissed();
}

/** It is written that the line may be there before it is sent, so that cancelling knows where to look. */
export const addKeyPass = (old: KeyHalves, next: KeyHalves): HostPass => ({
  needs: ({ outcome }) => outcome !== 'ok',
  before: (progress) => ({ ...progress, added: true }),
  async act(reach) {
    await addKey(reach, old, next);
    return proveKey(reach, next);
  },
  after: (progress): HostProgress => ({ ...progress, outcome: 'ok' }),
});
