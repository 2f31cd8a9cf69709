// Where a store drops the earliest version of a secret for each one too many, and the key that counts has been there for long while rotations
// were cancelled after it: it is stored once more, as the latest version, before it is the earliest of all. When that was sent is on record
// first: a copy that arrives late would bring a key back that is removed by then, so none is removed before it cannot arrive any more.
import { isOnItsWay } from './room.ts';
import type { RotationLease } from './step-support.ts';

export async function renewKey(lease: RotationLease): Promise<void> {
  const { ports, identity, until } = lease;
  const version = lease.record.versions.at(-1)!;
  if (isOnItsWay(version, ports)) return; // and counted already
  lease.requireTime(3 * ports.settings.callTimeoutMs);
  await lease.change((rotation, record) => [
    rotation,
    {
      ...record,
      versions: record.versions.map((one) => (one.id === version.id ? { ...one, copiedByMs: until.wallMs } : one)),
    },
  ]);
  await ports.deployment.assertHome();
  await ports.store.renew?.(identity, version.id, until);
}
