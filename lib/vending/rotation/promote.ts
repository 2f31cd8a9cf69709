// proven -> promoted: the new key counts, and readers get it. The old one is still valid.
import { VendingError } from '../../errors.ts';
import type { Version } from '../attempt.ts';
import { flushOutbox } from '../outbox.ts';
import { allTried, isCovered } from './coverage.ts';
import type { RotationLease } from './step-support.ts';

/** Conditional on the very revision from which the hosts, the waivers and the absence of a cancellation were read. */
export async function promote(lease: RotationLease): Promise<undefined> {
  const { ports, identity } = lease;
  const { defaults } = ports.rotation;
  const before = await ports.ledger.read(identity);
  if (before?.record.announceAtMs !== undefined && !(await flushOutbox(ports, before))) {
    throw new VendingError('QUEUE_UNAVAILABLE', 'An earlier change of this key pair has not been announced yet');
  }
  const nowMs = ports.clock.wallMs();
  await lease.change((rotation, record) => {
    const ready = isCovered(record, rotation, defaults) && allTried(record, rotation, defaults);
    if (!ready) return { ...rotation, state: 'staged' }; // hosts were listed since: they come first
    const version: Version = { ...rotation.successor!, activatedAtMs: nowMs };
    const marks = { unlabelled: version.id, unannounced: version.id, announceAtMs: nowMs };
    return [
      { ...rotation, state: 'promoted', failures: 0, promotedAtMs: nowMs },
      { ...record, ...marks, versions: [...record.versions, version] },
    ];
  });
  if (lease.work.state === 'promoted') await readersGetIt(lease); // what fails of this is left to recovery
}

/** It may be done, and somebody else's write keep that from being written down. */
const ROUNDS = 3;

/** @returns whether readers get the key that counts */
export async function readersGetIt({ ports, identity, work, until }: RotationLease): Promise<boolean> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const filed = await ports.ledger.read(identity);
    if (filed?.record.announceAtMs === undefined || !(await flushOutbox(ports, filed))) break;
  }
  const secret = await ports.store.find(identity);
  const pending = secret?.versions.find((version) => version.pending);
  if (pending !== undefined && pending.id === work.successor?.id)
    await ports.store.markPending(identity, undefined, until);
  return (await ports.ledger.read(identity))?.record.unlabelled === undefined;
}
