// Having what names the old pair name its successor, where the policy asks for that: launch templates get a new default version, and
// configurations are changed in place. What does not succeed is told; nothing waits for it.
import { codeOf } from '../../errors.ts';
import type { Fleet, Reference } from '../../providers/fleet.ts';
import { pairsOf } from '../own-name/slot.ts';
import { policyOf } from './policy.ts';
import { allReferences } from './references.ts';
import type { Retargeted } from './references-record.ts';
import type { RotationLease } from './step-support.ts';

/** Later on, a person sees to what is left. */
const MOST_TRIES = 3;
const NAMED = 20;

/** Each try is on record before it is sent; sent again, it finds what it has already made. */
export async function updateTemplates(lease: RotationLease): Promise<void> {
  const { ports, identity, record, until } = lease;
  const { successor, from, retargeted } = lease.work;
  const old = record.versions.find(({ id }) => id === from.id);
  const asked = policyOf(record, ports.rotation.defaults).updateTemplates === true;
  const isOver = retargeted !== undefined && (retargeted.left.length === 0 || retargeted.tries >= MOST_TRIES);
  if (!asked || isOver || old === undefined || successor === undefined) return;
  const fleet = await ports.fleetFor?.(identity);
  if (fleet?.retarget === undefined) return;
  const call = { timeoutMs: ports.settings.callTimeoutMs, signBefore: until };
  const place = { region: identity.region };
  const [gone] = pairsOf(record, old);
  const { keyPairId: id } = successor;
  const next = { ...place, name: successor.upstreamName ?? identity.name, ...(id !== undefined && { id }) };
  // What holds a name that is kept needs no change: it will lead to the successor by itself.
  const isKept = policyOf(record, ports.rotation.defaults).keepName === true && gone!.name === identity.name;
  const references = (await allReferences(fleet, gone!, call)).found.filter(
    (reference) => isChangeable(reference) && !(isKept && reference.by === 'name'),
  );
  const tries = (retargeted?.tries ?? 0) + 1;
  const before = retargeted?.done ?? [];
  await lease.change((rotation) => ({
    ...rotation,
    retargeted: { tries, done: before, left: references.slice(0, NAMED) },
  }));
  await ports.deployment.assertHome();
  const outcomes: (Retargeted['left'][number] | undefined)[] = [];
  for (const reference of references) {
    lease.requireTime(3 * ports.settings.callTimeoutMs);
    outcomes.push(await changed(fleet, reference, next, call));
  }
  const done = references.filter((_, i) => outcomes[i] === undefined).map(({ kind, id }) => `${kind} ${id}`);
  const left = outcomes.filter((one) => one !== undefined).slice(0, NAMED);
  await lease.change((rotation) => ({
    ...rotation,
    retargeted: { tries, done: [...before, ...done].slice(0, NAMED), left },
  }));
}

/** Other versions of a template are chosen by number, and stay what they are. */
const isChangeable = ({ kind, isDefault }: Reference): boolean => kind !== 'launch-template' || isDefault === true;

/** @returns undefined when it names the other pair now */
async function changed(
  fleet: Fleet,
  reference: Reference,
  to: Parameters<NonNullable<Fleet['retarget']>>[1],
  call: Parameters<NonNullable<Fleet['retarget']>>[2],
): Promise<Retargeted['left'][number] | undefined> {
  const { region: _, ...known } = reference;
  try {
    return void (await fleet.retarget!(reference, to, call));
  } catch (error) {
    return { ...known, code: codeOf(error) };
  }
}
