// Rotation's worker: takes whatever is due in one key pair as far as it goes. What fails is written down with the time of its next
// try, so nothing is forgotten and nothing is asked for in a hurry.
import { type Deadline, leftMs } from '../../clock.ts';
import { VendingError } from '../../errors.ts';
import type { Identity } from '../../identity.ts';
import { inProgress } from '../attempt-lease.ts';
import type { KeyPairRecord } from '../record.ts';
import { changed, reached, rotationOf } from './change-record.ts';
import { purgeRetired } from './purge-retired.ts';
import { requestRotation } from './rotation-commands.ts';
import type { RotationParts } from './rotation-ports.ts';
import { isOver, isUnderWay, type Rotation, type Work } from './rotation-record.ts';
import { oldAtMs } from './rotation-schedule.ts';
import { steps } from './steps.ts';
import { atRotation, Working } from './work-lease.ts';

/** With less than that, nothing more is begun. */
const ENOUGH_MS = 20_000;
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 60 * 60_000;

/**
 * Begins a rotation when the key is old, moves rotations on, purges what is retired.
 * @param until when the function has to be over; what is not done by then is due again at once
 * @param failed told of every failure
 * @returns when something is due next, in wall-clock milliseconds; undefined for never
 */
export async function advance(
  parts: RotationParts,
  identity: Identity,
  until: Deadline,
  failed: (error: unknown) => void,
): Promise<number | undefined> {
  const tried = new Set<string>();
  for (;;) {
    const record = (await parts.ledger.read(identity))?.record;
    if (record === undefined || leftMs(parts.clock, until) < ENOUGH_MS) return record?.rotateAtMs;
    const nowMs = parts.clock.wallMs();
    const next = nextOf(record, nowMs, tried);
    if (next !== undefined) {
      tried.add(next.id);
      await next.act(parts, identity, until).catch(failed);
    } else if ((oldAtMs(record, parts.rotation.defaults) ?? Number.POSITIVE_INFINITY) <= nowMs) {
      await requestRotation(parts, identity, { caller: 'schedule', reason: 'age' });
    } else {
      // Whoever sent us here has put its moment off; now it is what the record itself asks for.
      return (await changed(parts, identity, (standing) => ({ ...standing }))).rotateAtMs;
    }
  }
}

type Act = (parts: RotationParts, identity: Identity, until: Deadline) => Promise<void>;

function nextOf(
  { state, rotations = [], retirement }: KeyPairRecord,
  nowMs: number,
  tried: ReadonlySet<string>,
): { readonly id: string; readonly act: Act } | undefined {
  const due = ({ nextTryAtMs = Number.POSITIVE_INFINITY }: Work) => nextTryAtMs <= nowMs;
  if (state === 'retired' || state === 'purging') {
    return retirement !== undefined && due(retirement.work) && !tried.has('retirement')
      ? { id: 'retirement', act: purgeRetired }
      : undefined;
  }
  const rotation = state === 'active' ? rotations.find((one) => due(one) && !tried.has(one.id)) : undefined;
  if (rotation === undefined) return undefined;
  const act: Act = async (parts, identity, until) => {
    const working = await Working.take(parts, identity, atRotation(rotation.id), until);
    if (working !== undefined) await carriedOn(working, () => isOver(working.work) || handedOver(working.work));
  };
  return { id: rotation.id, act };
}

/** Until it is promoted, a rotation that AWS Secrets Manager drives is moved on by its steps alone. */
const handedOver = (rotation: Rotation): boolean =>
  rotation.driver === 'secrets-manager' && isUnderWay(rotation) && rotation.state !== 'cancelling';

/**
 * Moves one rotation on until it has reached a state, for who drives it from outside.
 * @throws {VendingError} what kept it from getting there; it may be asked again
 */
export async function advanceTo(
  parts: RotationParts,
  identity: Identity,
  id: string,
  state: Rotation['state'],
  until: Deadline,
): Promise<Rotation> {
  const record = (await parts.ledger.read(identity))?.record;
  const standing = record && rotationOf(record, id);
  if (standing === undefined || standing.state === 'cancelling' || standing.state === 'cancelled') {
    throw new VendingError('ROTATION_ABSENT', 'This rotation was cancelled');
  }
  if (reached(standing, state)) return standing;
  const working = await Working.take(parts, identity, atRotation(id), until, true);
  if (working === undefined) throw inProgress(1_000);
  await carriedOn(working, () => reached(working.work, state));
  return working.work;
}

/**
 * Step after step, until it is enough or has to wait.
 * @throws {VendingError} what a step failed with; it is on record by then
 */
async function carriedOn(working: Working<Rotation>, enough: () => boolean): Promise<void> {
  const { clock } = working.parts;
  try {
    while (!enough()) {
      const { state } = working.work;
      if (state === 'purged' || state === 'cancelled') break;
      working.enough(ENOUGH_MS);
      const againAtMs = await steps[state](working);
      if (againAtMs !== undefined && againAtMs > clock.wallMs()) {
        return await working.release({ failures: 0, nextTryAtMs: againAtMs });
      }
    }
    const waits = isOver(working.work) || handedOver(working.work);
    await working.release({ failures: 0, ...(waits ? {} : { nextTryAtMs: clock.wallMs() }) });
  } catch (error) {
    await putOff(working, error, handedOver(working.work));
    throw error;
  }
}

/** Writes down what failed, and when it is tried again. What cannot be written comes again once the lease is over. */
export async function putOff<W extends Work>(working: Working<W>, error: unknown, handed = false): Promise<void> {
  const nowMs = working.parts.clock.wallMs();
  const { failures } = working.work;
  const known = error instanceof VendingError ? error : undefined;
  const outOfTime = known?.code === 'DEADLINE_PASSED';
  const pauseMs = Math.max(Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS), known?.retryAfterMs ?? 0);
  const next = handed ? {} : { nextTryAtMs: nowMs + (outOfTime ? 0 : pauseMs) };
  const lastError = { code: known?.code ?? ('INTERNAL' as const), atMs: nowMs };
  await working
    .release(outOfTime ? { failures, ...next } : { failures: failures + 1, lastError, ...next })
    .catch(() => undefined);
}
