// The instances of a cloud in memory, as its fleet adapter shows them.
import type { Fleet, Instance, Reference } from '../../lib/providers/fleet.ts';
import { carriesTags } from '../../lib/providers/instances.ts';
import type { MemoryCloud } from './memory-cloud.ts';

/** How a process reaches the cloud. */
type Send = <T>(action: 'holders' | 'detach' | 'references', act: () => T) => Promise<T>;

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
  holders: ({ id = '', name }) =>
    send('holders', () =>
      cloud
        .holdersOf(id)
        .map((instance) => machines.find((one) => one.id === instance.id) ?? instanceOf(instance.id, name)),
    ),
  instances: async ({ ids, tags }) =>
    machines.filter((one) => (ids?.includes(one.id) ?? true) && carriesTags(one, tags)),
  references: ({ name }) => send('references', () => references.get(name) ?? []),
  attach: async () => {
    throw new TypeError('nothing is attached here');
  },
  detach: ({ id = '' }, instances) =>
    send('detach', () =>
      instances.map((instance) => {
        cloud.detach(id, instance);
        return { id: instance, outcome: 'done' } as const;
      }),
    ),
});
