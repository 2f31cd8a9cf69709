// The instances of a cloud in memory, as its fleet adapter shows them.
import { VendingError } from '../../lib/errors.ts';
import type { Fleet, Instance, Reference } from '../../lib/providers/fleet.ts';
import { carriesTags } from '../../lib/providers/instances.ts';
import type { MemoryCloud } from './memory-cloud.ts';

/** How a process reaches the cloud. */
type Send = <T>(action: 'holders' | 'attach' | 'detach' | 'references' | 'rename', act: () => T) => Promise<T>;

const instanceOf = (id: string, keyPair: string): Instance => ({
  ...{ id, status: 'running', privateAddresses: [], publicAddresses: [], keyPairs: [keyPair] },
});

/**
 * @param references what names a pair, by the pair's name
 * @param machines that can be found; one that is not among them has a pair and nothing else
 */
export const memoryFleet = (
  cloud: MemoryCloud,
  send: Send = async (_, act) => act(),
  references: ReadonlyMap<string, readonly Reference[]> = new Map(),
  machines: readonly Instance[] = [],
): Fleet => ({
  provider: cloud.provider,
  referenceKinds: ['launch-template'],
  ...(cloud.renames && { rename: ({ id }, to) => send('rename', () => cloud.rename(id, to)) }),
  holders: ({ id, name }) =>
    send('holders', () =>
      cloud
        .holdersOf(id ?? cloud.pairs.find((pair) => pair.name === name)?.id ?? '')
        .map((instance) => machines.find((one) => one.id === instance.id) ?? instanceOf(instance.id, name)),
    ),
  instances: async ({ ids, tags }) =>
    machines.filter((one) => (ids?.includes(one.id) ?? true) && carriesTags(one, tags)),
  references: ({ name }) => send('references', () => references.get(name) ?? []),
  attach: ({ id = '' }, instances) =>
    send('attach', () =>
      instances.map((instance) => {
        if (!cloud.pairs.some((pair) => pair.id === id)) {
          const failure = new VendingError('KEY_PAIR_ABSENT', 'No such pair');
          return { id: instance, outcome: 'refused', failure } as const;
        }
        cloud.rebind(id, instance);
        return { id: instance, outcome: 'done' } as const;
      }),
    ),
  retarget: async ({ id, kind }, to) => {
    for (const [name, list] of references)
      (references as Map<string, readonly Reference[]>).set(
        name,
        list.filter((one) => one.id !== id || one.kind !== kind),
      );
    const known = references.get(to.name) ?? [];
    (references as Map<string, readonly Reference[]>).set(to.name, [
      ...known,
      { kind, id, region: to.region, version: 2, isDefault: true, by: 'name' },
    ]);
    return { version: 2 };
  },
  detach: ({ id, name }, instances) =>
    send('detach', () =>
      instances.map((instance) => {
        cloud.detach(id ?? cloud.pairs.find((pair) => pair.name === name)?.id ?? '', instance);
        return { id: instance, outcome: 'done' } as const;
      }),
    ),
});
