// Has a key pair's own name at the cloud lead to the key that counts, where the policy asks for that. Nothing waits for it: neither a
// rotation nor an old pair, but for the key of a pair that has the name.
import type { Deadline } from '../../clock.ts';
import { VendingError } from '../../errors.ts';
import type { Identity } from '../../identity.ts';
import { putOff } from '../rotation/put-off.ts';
import type { RotationPorts } from '../rotation/rotation-ports.ts';
import { WorkLease } from '../rotation/work-lease.ts';
import { byImport } from './by-import.ts';
import { byRenaming } from './by-renaming.ts';
import { type NameLease, nameWork } from './name-lease.ts';

/** So many steps at a time: each is one change at the cloud, or a look at it. */
const MOST_STEPS = 20;

/** @throws {VendingError} what kept it from getting on; it is on record with the time of the next try */
export async function keepName(ports: RotationPorts, identity: Identity, until: Deadline): Promise<void> {
  const lease = await WorkLease.take(ports, identity, nameWork, until);
  if (lease === undefined) return;
  try {
    await released(lease, await carryOn(lease));
  } catch (error) {
    if (lease.record.nameSlot !== undefined) await putOff(lease, error);
    throw error;
  }
}

async function carryOn(lease: NameLease): Promise<number | undefined> {
  const { ports, identity } = lease;
  const fleet = await ports.fleetFor?.(identity);
  if (fleet === undefined) throw new VendingError('PERMISSION_DENIED', 'Nothing may be asked of instances here');
  const rename = fleet.rename?.bind(fleet);
  for (let steps = 0; steps < MOST_STEPS && lease.record.nameSlot !== undefined; steps += 1) {
    lease.requireTime(4 * ports.settings.callTimeoutMs);
    const againAtMs = await (rename === undefined ? byImport(lease) : byRenaming(lease, rename));
    if (againAtMs === undefined || againAtMs > ports.clock.wallMs()) return againAtMs;
  }
  return ports.clock.wallMs();
}

/** Gives up the lease. What it waits for may have changed since it was taken: then it is due at once. */
async function released(lease: NameLease, againAtMs: number | undefined): Promise<void> {
  if (lease.record.nameSlot === undefined) return;
  const taken = lease.taken.nameSlot?.work.nextTryAtMs;
  await lease.change((work) => {
    const { lease: _, lastError: _error, failingSinceMs: _since, nextTryAtMs, ...rest } = work;
    const next = nextTryAtMs === taken ? againAtMs : nextTryAtMs;
    return { ...rest, failures: 0, ...(next !== undefined && { nextTryAtMs: next }) };
  });
}
