// requested -> staged: the successor is vended like any key pair, by the same protocol, under a name and a record of its own.
// Only its key is stored with the others, as the pending one.
import { VendingError } from '../../errors.ts';
import type { Identity } from '../../identity.ts';
import type { Request } from '../record.ts';
import { findStoredKeys } from '../stored-key.ts';
import { vend } from '../vend.ts';
import { freeNumber } from './free-number.ts';
import { policyOf } from './policy.ts';
import { renewKey } from './renew-key.ts';
import { type Counted, mayBeShared } from './room.ts';
import { abandon, type RotationLease } from './step-support.ts';
import { successorName } from './successor-name.ts';

/** How many names are tried in one go, where strangers have the first ones. */
const NAMES = 5;

export async function stageSuccessor(lease: RotationLease): Promise<undefined> {
  const { ports, identity } = lease;
  await vended(lease, await assertRoom(lease));
  const { driver, successorName: name } = lease.work;
  const version = (await ports.ledger.read({ ...identity, name }))?.record.versions.at(-1);
  if (version === undefined) throw new VendingError('KEY_PAIR_ABSENT', 'The successor that was made is gone');
  lease.requireTime(ports.settings.callTimeoutMs);
  // AWS's own label is left to AWS to move: held for long, it breaks RotateSecret.
  if (driver === 'keyvend') await ports.store.markPending(identity, version.id, lease.until);
  await lease.change((rotation) => {
    const { id: replacesId, keyPairId: replaces } = rotation.from;
    const from = { replacesId, ...(replaces !== undefined && { replaces }) };
    return { ...rotation, state: 'staged', failures: 0, successor: { ...version, upstreamName: name, ...from } };
  });
}

/**
 * Where a store keeps only so many keys, no attempt is opened whose key would be one too many, even if all that earlier ones have sent
 * arrives late. Nothing is asked where there is a successor already: then nothing more is stored.
 * @returns how many that is, beside the keys that are stored
 * @throws {VendingError} ROTATION_WAITS
 */
async function assertRoom(lease: RotationLease): Promise<number> {
  const { ports, identity, record, work } = lease;
  const { mostVersions } = ports.rotation.defaults;
  if (mostVersions === undefined) return 0;
  const made = await ports.ledger.read({ ...identity, name: work.successorName });
  if ((made?.record.versions.length ?? 0) > 0) return 0;
  const { ids, closing, arriving } = await mayBeShared(ports, record);
  if (ids.size >= mostVersions) throw noRoomYet(ports, closing);
  return ports.settings.dropsEarliest ? renewed(lease, { closing, arriving }) : arriving.size;
}

/** The key that counts must not be the earliest version when another one comes in. @returns how many keys may still arrive */
async function renewed(
  lease: RotationLease,
  { closing, arriving }: Pick<Counted, 'closing' | 'arriving'>,
): Promise<number> {
  const { ports, identity } = lease;
  const { room = Number.POSITIVE_INFINITY } = (await findStoredKeys(ports.store, identity)) ?? {};
  if (room > arriving.size + 1) return arriving.size;
  if (room < arriving.size + 1) {
    if (arriving.size === 0) return 0; // the store says why it takes none
    throw noRoomYet(ports, closing);
  }
  await renewKey(lease);
  return arriving.size;
}

function noRoomYet({ clock }: RotationLease['ports'], closing: Counted['closing']): VendingError {
  const overMs = Math.min(...closing.map(({ untilMs }) => untilMs)) - clock.wallMs();
  return new VendingError('ROTATION_WAITS', 'The store has no room for another key yet', {
    ...(Number.isFinite(overMs) && { retryAfterMs: Math.max(overMs, 0) }),
  });
}

async function vended(lease: RotationLease, mayArrive: number): Promise<void> {
  const { ports, identity, until } = lease;
  for (let tried = 1; ; tried += 1) {
    const { id, driver, requestedBy: caller, successorName: name } = lease.work;
    const attempt = driver === 'secrets-manager' ? { attemptId: id } : {};
    const request = requestOf(lease);
    const successor = { ...identity, name };
    const command = { request, caller, deadline: until, successorOf: identity.name, mayArrive, ...attempt };
    if (driver === 'secrets-manager' && tried < NAMES && (await isOthers(lease, successor))) {
      await nextName(lease);
      continue;
    }
    try {
      return void (await vend(ports, { ...command, identity: successor }));
    } catch (error) {
      if (!isTaken(error) || tried === NAMES || (await isTiedTo(lease, successor))) throw error;
      await nextName(lease);
    }
  }
}

/** As for the key pair itself, but for its key: a caller's own is not the next one's, and the policy may ask for another kind. */
function requestOf({ record, ports }: RotationLease): Request {
  const { publicKey: _, keySource: asked, keyBits: size, ...request } = record.request;
  const { keySource = asked, keyBits = keySource === asked ? size : undefined } = policyOf(
    record,
    ports.rotation.defaults,
  );
  return { ...request, ...(keySource && { keySource }), ...(keyBits && { keyBits }) };
}

/**
 * Whether the id that this rotation's key is to have was given to an attempt under that name. AWS gives one id for all tries:
 * under a second name, settling what the first one left would remove the second one's key. So such a rotation ends there.
 */
async function isTiedTo({ ports, work }: RotationLease, successor: Identity): Promise<boolean> {
  const { attempt, closing = [] } = (await ports.ledger.read(successor))?.record ?? {};
  const inRecord = [attempt, ...closing.map((one) => one.attempt)];
  // An attempt is in its record before it is on file, and on file before it leaves its record.
  return inRecord.some((one) => one?.id === work.id) || (await ports.ledger.attempts(successor)).has(work.id);
}

/** Whether somebody else has the name: checked beforehand where there is only one try. */
async function isOthers(lease: RotationLease, successor: Identity): Promise<boolean> {
  if (await isTiedTo(lease, successor)) return false;
  const { ports, until } = lease;
  const provider = await ports.providerFor(successor);
  const { pairs } = await provider.find(successor, { timeoutMs: ports.settings.callTimeoutMs, signBefore: until });
  return pairs.length > 0;
}

const taken: readonly string[] = ['NAME_TAKEN', 'DIFFERENT_REQUEST', 'KEY_PAIR_RETIRED'];
const isTaken = (error: unknown): boolean => error instanceof VendingError && taken.includes(error.code);

async function nextName(lease: RotationLease): Promise<void> {
  await abandon(lease);
  const number = await freeNumber(lease.ports, lease.record);
  await lease.change((rotation, record) => [
    { ...rotation, successorName: successorName(lease.identity, number) },
    { ...record, successors: number - 1 },
  ]);
}
