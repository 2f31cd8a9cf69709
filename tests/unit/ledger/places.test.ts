// The places that a ledger knows of: each is found once, by pages as small as can be, whatever it holds.
import { describe, expect, it } from 'vitest';
import type { Place } from '../../../lib/identity.ts';
import { placesOf } from '../../../lib/ledger/places.ts';
import { memoryLedger } from '../../doubles/memory-ledger.ts';
import { testClock } from '../../doubles/test-clock.ts';

const places: Place[] = [
  { provider: 'cvm', account: 'default', region: 'ap-tokyo' },
  { provider: 'ecs', account: 'default', region: 'cn-hangzhou' },
  { provider: 'ecs', account: 'default-2', region: 'cn-hangzhou' },
  { provider: 'ecs', account: 'default', region: 'cn-hangzhou-finance' },
  { provider: 'ens', account: 'default', region: 'global' },
  { provider: 'ens', account: 'prod', region: 'global' },
];

async function found(perPlace: number) {
  const ledger = memoryLedger<{ identity: Place & { name: string }; state: string }, never>({ clock: testClock() });
  for (const place of places) {
    for (let i = 0; i < perPlace; i += 1) {
      await ledger.write({ identity: { ...place, name: `${'aZ_:'[i % 4]}${i}` }, state: 'active' }, 0);
    }
  }
  let pages = 0;
  const counting: Pick<typeof ledger, 'list'> = {
    list(listing) {
      pages += 1;
      return ledger.list(listing);
    },
  };
  const all: Place[] = [];
  for await (const place of placesOf(counting)) all.push(place);
  return { all, pages };
}

describe('the search for the places of a ledger', () => {
  it('finds each place once, by the same number of pages however many key pairs the places hold', async () => {
    const few = await found(1);
    expect(new Set(few.all.map((place) => JSON.stringify(place)))).toEqual(
      new Set(places.map((place) => JSON.stringify(place))),
    );
    expect(few.all).toHaveLength(places.length);
    expect(await found(60)).toEqual(few);
  });

  it('finds no place in an empty ledger', async () => {
    expect((await found(0)).all).toEqual([]);
  });
});
