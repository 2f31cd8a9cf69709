// A place that was only ever asked for in vain is not gone back to; one where a pair may be always is, wherever the process died.
import { describe, expect, it } from 'vitest';
import { deadlineIn } from '../../../lib/clock.ts';
import { VendingError } from '../../../lib/errors.ts';
import type { Place } from '../../../lib/identity.ts';
import { placesInUse } from '../../../lib/vending/places-in-use.ts';
import type { Ports } from '../../../lib/vending/ports.ts';
import { vend } from '../../../lib/vending/vend.ts';
import { diesAfter } from '../../doubles/dies-after.ts';
import { type World, world } from './world.ts';

async function places({ ledger }: World): Promise<Place[]> {
  const found: Place[] = [];
  for await (const place of placesInUse(ledger)) found.push(place);
  return found;
}
const asked = (all: World, ports: Ports, over: Partial<World['identity']> = {}) =>
  vend(ports, {
    identity: { ...all.identity, ...over },
    request: {},
    caller: 'portal',
    deadline: deadlineIn(all.clock, 29_000),
  }).catch((error: unknown) => error);

/** A cloud that has no such region. */
const nowhere = (all: World) =>
  all.worker({
    async before(_step, call) {
      if (call === 'cloud.create') throw new VendingError('REGION_UNKNOWN', 'There is no such region');
    },
  });

describe.each(['ecs', 'cvm'] as const)('a region of %s', (provider) => {
  it('that the cloud says does not exist leaves no place behind, however often it is asked for', async () => {
    const all = world(provider);
    for (const name of ['web_1', 'web_2', 'web_1'])
      expect(await asked(all, nowhere(all), { name })).toMatchObject({ code: 'REGION_UNKNOWN' });
    expect(await places(all)).toEqual([]);
  });

  it('is a place once a key pair is there, whatever was refused before and since', async () => {
    const all = world(provider);
    await asked(all, nowhere(all), { name: 'web_0' });
    await asked(all, all.worker());
    await asked(all, nowhere(all), { name: 'web_2' });
    await asked(all, nowhere(all), { name: 'web_3', region: 'elsewhere-1' });
    const { name: _, ...place } = all.identity;
    expect(await places(all)).toEqual([place]);
  });

  it.each(['ledger.fileAttempt', 'ledger.write', 'cloud.create', 'store.put'])(
    'is a place while it is not known what a process that died after %s has left there',
    async (call) => {
      const all = world(provider);
      await asked(all, nowhere(all), { name: 'web_0' });
      await asked(all, all.worker(diesAfter(call)));
      expect(await places(all)).toHaveLength(1);
    },
  );
});
