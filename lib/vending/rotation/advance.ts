// The rotation worker: takes whatever is due in one key pair as far as it goes. A failure is written down with the time of the
// next try, so nothing is forgotten and nothing is asked for in a hurry.
import { type Deadline, leftMs } from '../../clock.ts';
import { VendingError } from '../../errors.ts';
import type { Identity } from '../../identity.ts';
import { inProgress } from '../held-lease.ts';
import { keepName } from '../own-name/keep-name.ts';
import type { KeyPairRecord } from '../record.ts';
import { ageRotationLaterAtMs } from './age-room.ts';
import { changeRecord, hasReached, rotationOf } from './change-record.ts';
import { findHosts } from './find-hosts.ts';
import { policyOf } from './policy.ts';
import { purgeOutgoing } from './purge-outgoing.ts';
import { purgeRetired } from './purge-retired.ts';
import { putOff } from './put-off.ts';
import { requestRotation } from './rotation-commands.ts';
import type { RotationPorts } from './rotation-ports.ts';
import { isDone, isUnderWay, type Rotation, type Work } from './rotation-record.ts';
import { oldAtMs } from './rotation-schedule.ts';
import { steps } from './steps.ts';
import { rotationSlot, WorkLease } from './work-lease.ts';

/** With less time left than this, nothing more is begun. */
export const STEP_NEEDS_MS = 20_000;

/**
 * Begins a rotation when the key is old, moves rotations on, purges what is retired.
 * @param until when the function must be over; what is not done by then is due again at once
 * @param failed called with every failure
 * @returns when something is due next, in wall-clock milliseconds; undefined for never
 */
export async function advance(
  ports: RotationPorts,
  identity: Identity,
  until: Deadline,
  failed: (error: unknown) => void,
): Promise<number | undefined> {
  const tried = new Set<string>();
  for (;;) {
    const record = (await ports.ledger.read(identity))?.record;
    if (record === undefined || leftMs(ports.clock, until) < STEP_NEEDS_MS) return record?.rotateAtMs;
    const nowMs = ports.clock.wallMs();
    const next = nextOf(record, nowMs, tried);
    if (next !== undefined) {
      tried.add(next.id);
      await next.act(ports, identity, until).catch(failed);
    } else if ((oldAtMs(record, ports.rotation.defaults) ?? Number.POSITIVE_INFINITY) <= nowMs) {
      const laterAtMs = await ageRotationLaterAtMs(ports, record);
      if (laterAtMs === undefined) await requestRotation(ports, identity, { caller: 'schedule', reason: 'age' });
      else await putOffAge(ports, record, laterAtMs);
    } else {
      // The sender of this work has put its moment off; set it back to what the record itself asks for.
      return (await changeRecord(ports, identity, (standing) => ({ ...standing }))).rotateAtMs;
    }
  }
}

/** Nobody is told: the alarm on the quota is. */
const putOffAge = (ports: RotationPorts, { identity, versions }: KeyPairRecord, atMs: number) =>
  changeRecord(ports, identity, (record) => {
    const versionId = record.versions.at(-1)?.id ?? '';
    const days = policyOf(record, ports.rotation.defaults).maxAgeDays;
    return versionId === versions.at(-1)?.id ? { ...record, agePlan: { versionId, days, atMs } } : record;
  });

type Act = (ports: RotationPorts, identity: Identity, until: Deadline) => Promise<void>;

function nextOf(
  { state, rotations = [], outgoing, nameSlot, retirement }: KeyPairRecord,
  nowMs: number,
  tried: ReadonlySet<string>,
): { readonly id: string; readonly act: Act } | undefined {
  const due = ({ nextTryAtMs = Number.POSITIVE_INFINITY }: Work) => nextTryAtMs <= nowMs;
  if (state === 'retired' || state === 'purging') {
    return retirement !== undefined && due(retirement.work) && !tried.has('retirement')
      ? { id: 'retirement', act: purgeRetired }
      : undefined;
  }
  if (state !== 'active') return undefined;
  const rotation = rotations.find((one) => due(one) && !tried.has(one.id));
  if (rotation === undefined) {
    if (outgoing !== undefined && due(outgoing.work) && !tried.has('outgoing'))
      return { id: 'outgoing', act: purgeOutgoing };
    return nameSlot !== undefined && due(nameSlot.work) && !tried.has('name')
      ? { id: 'name', act: keepName }
      : undefined;
  }
  const act: Act = async (ports, identity, until) => {
    const lease = await WorkLease.take(ports, identity, rotationSlot(rotation.id), until);
    if (lease !== undefined) await carryOn(lease, () => isDone(lease.work) || isDrivenByAws(lease.work));
  };
  return { id: rotation.id, act };
}

const aboutHosts: ReadonlySet<string> = new Set(['staged', 'rolled-out', 'proven', 'promoted', 'cancelling']);

/** Until it is promoted, a rotation that AWS Secrets Manager drives is moved on by that service's steps alone. */
const isDrivenByAws = (rotation: Rotation): boolean =>
  rotation.driver === 'secrets-manager' && isUnderWay(rotation) && rotation.state !== 'cancelling';

/**
 * Moves one rotation on until it has reached a state, for a driver outside keyvend.
 * @throws {VendingError} what kept it from getting there; the call may be repeated
 */
export async function advanceTo(
  ports: RotationPorts,
  identity: Identity,
  id: string,
  state: Rotation['state'],
  until: Deadline,
): Promise<Rotation> {
  const record = (await ports.ledger.read(identity))?.record;
  const standing = record && rotationOf(record, id);
  if (standing === undefined || standing.state === 'cancelling' || standing.state === 'cancelled') {
    throw new VendingError('ROTATION_ABSENT', 'This rotation was cancelled, or was never begun');
  }
  if (hasReached(standing, state)) return standing;
  const lease = await WorkLease.take(ports, identity, rotationSlot(id), until, true);
  if (lease === undefined) throw inProgress(1_000);
  await carryOn(lease, () => hasReached(lease.work, state));
  return lease.work;
}

/**
 * Takes step after step, until the rotation is done or must wait.
 * @throws {VendingError} what a step failed with; it is on record by then
 */
async function carryOn(lease: WorkLease<Rotation>, isThere: () => boolean): Promise<void> {
  const { clock } = lease.ports;
  try {
    while (!isThere()) {
      const { state } = lease.work;
      if (state === 'purged' || state === 'cancelled') break;
      lease.requireTime(STEP_NEEDS_MS);
      if (aboutHosts.has(state)) await findHosts(lease);
      const againAtMs = await steps[state](lease);
      if (againAtMs !== undefined && againAtMs > clock.wallMs()) {
        return await lease.release({ failures: 0, nextTryAtMs: againAtMs });
      }
    }
    const waits = isDone(lease.work) || isDrivenByAws(lease.work);
    await lease.release({ failures: 0, ...(waits ? {} : { nextTryAtMs: clock.wallMs() }) });
  } catch (error) {
    await putOff(lease, error, isDrivenByAws(lease.work));
    throw error;
  }
}
