// Binding a pair to instances and releasing it. Each instance is sent once, and its outcome is its own: what one instance refuses
// says nothing about the others, whichever way a service puts that.
import { VendingError } from '../errors.ts';
import type { Instance, InstanceOutcome } from './fleet.ts';
import { inParts } from './instances.ts';

export interface Binding {
  readonly instanceIds: readonly string[];
  readonly detaches: boolean;
  /** How many instances one request may name. */
  readonly most: number;
  /** Where the service refuses others: which instances it takes. They are looked at before anything is sent. */
  readonly takes?: (instance: Instance) => boolean;
  /** One instance has the whole batch refused. The others are then sent without it, as nothing was done to them. */
  readonly allOrNothing: boolean;
  look(ids: readonly string[]): Promise<readonly Instance[]>;
  /**
   * @returns what failed, by instance
   * @throws {VendingError} when all of it did
   */
  send(ids: readonly string[]): Promise<ReadonlyMap<string, VendingError>>;
}

type Outcomes = Map<string, InstanceOutcome>;

/** @throws {VendingError} when the instances could not be looked at, and so nothing was sent */
export async function bind(binding: Binding): Promise<readonly InstanceOutcome[]> {
  const outcomes: Outcomes = new Map();
  const ids = [...new Set(binding.instanceIds)];
  const willing = binding.takes === undefined ? ids : await sortOut(binding, ids, outcomes);
  for (const batch of inParts(willing, binding.most)) await sendBatch(binding, batch, outcomes, binding.allOrNothing);
  return binding.instanceIds.map((id) => outcomes.get(id)!);
}

async function sendBatch(binding: Binding, ids: readonly string[], outcomes: Outcomes, again: boolean): Promise<void> {
  const failures = await binding.send(ids).catch((error: unknown) => {
    if (error instanceof VendingError) return new Map(ids.map((id) => [id, error]));
    throw error;
  });
  for (const id of ids) if (!failures.has(id)) outcomes.set(id, { id, outcome: 'done' });
  const refused = ids.filter((id) => isAboutInstance(failures.get(id)));
  // It may be gone by now, or running: that is told by looking, not by codes that no page lists.
  const left = refused.length === 0 ? [] : await sortOut(binding, refused, outcomes).catch(() => refused);
  if (again && left.length > 0 && left.length < ids.length) return sendBatch(binding, left, outcomes, false);
  for (const [id, failure] of failures) {
    if (outcomes.has(id)) continue;
    outcomes.set(id, { id, outcome: failure.effect === 'none' ? 'refused' : 'unknown', failure });
  }
}

const isAboutInstance = (failure: VendingError | undefined): boolean =>
  failure?.code === 'CLOUD_REFUSED' && failure.effect === 'none';

/** Records what can be told without asking for a change. @returns the others */
async function sortOut(
  { detaches, takes = () => true, look }: Binding,
  ids: readonly string[],
  outcomes: Outcomes,
): Promise<readonly string[]> {
  const found = new Map((await look(ids)).map((one) => [one.id, one]));
  return ids.filter((id) => {
    const instance = found.get(id);
    if (instance !== undefined && takes(instance)) return true;
    const absent = detaches ? 'done' : 'gone';
    outcomes.set(id, { id, outcome: instance === undefined ? absent : 'not-stopped' });
    return false;
  });
}
