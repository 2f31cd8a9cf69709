// Which instances have which pairs. The instances' own record is the only one; everything else is read from it.
import type { Fleet, Instance } from '../state/fleet.ts';
import type { Pair } from '../state/registry.ts';
import type { World } from './service.ts';

/** The ids of the instances to which a pair is bound. One that was released counts until its binding has lapsed. */
export const boundTo = ({ fleet, nowMs }: Pick<World, 'fleet' | 'nowMs'>, pair: Pair): string[] =>
  fleet.instances
    .at(pair)
    .filter(({ boundUntilMs = nowMs + 1 }) => boundUntilMs > nowMs)
    .filter(({ keyPairs }) => keyPairs.some(({ id }) => id === pair.id))
    .map(({ id }) => id);

/** This place's instances, as calls show them. */
export const instancesOf = ({ fleet, place }: Pick<World, 'fleet' | 'place'>): Instance[] =>
  fleet.instances.at(place).filter(({ boundUntilMs }) => boundUntilMs === undefined);

export const bindingOf = ({ id, name }: Pair): Instance['keyPairs'][number] => ({ id, name });

/** Writes instances, on disk too. When the disk refuses, they are as before. */
export async function rewrite(
  { fleet, save }: { readonly fleet: Fleet; readonly save: () => Promise<void> },
  changed: readonly Instance[],
): Promise<void> {
  const before = changed.map((one) => fleet.instances.get(one, one.id));
  for (const one of changed) fleet.instances.put(one);
  try {
    await save();
  } catch (error) {
    before.forEach((old, i) => {
      if (old) fleet.instances.put(old);
      else fleet.instances.remove(changed[i]!);
    });
    throw error;
  }
}
