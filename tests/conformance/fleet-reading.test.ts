// What every fleet owes to whoever asks which machines have a key pair, and what else names it.
import { describe, expect, it } from 'vitest';
import type { Fault } from '../../local/clouds/faults/fault.ts';
import { serviceNames } from '../../local/clouds/state/registry.ts';
import { call, hurried, localFleet } from './fleet-harness.ts';
import { failureOf } from './key-pair-provider.ts';

const addresses = { privateAddresses: ['10.0.0.7'], publicAddresses: ['47.100.1.2'], elasticAddress: '47.100.1.3' };
const troubles: Record<string, Fault> = {
  'a connection that is dropped': { kind: 'drop', when: 'after-commit' },
  'HTML with a 5xx status': { kind: 'server-error', when: 'before-commit' },
  'no answer at all': { kind: 'stall', when: 'before-commit' },
  'half an answer': { kind: 'truncated', how: 'json' },
  'an answer without its list': { kind: 'empty-body' },
};

describe.each(serviceNames)('the fleet of %s', (name) => {
  const start = localFleet(name);
  const byName = name !== 'cvm';

  describe('tells which instances have a pair', () => {
    it('over many pages, and leaves out those that have another', async () => {
      const { fleet, used, launch } = await start();
      const pair = await used('web_1');
      await used('web_10');
      const ids = await launch(230, { keyPair: 'web_1' });
      await launch(20, { keyPair: 'web_10' });
      await launch(5);
      const holders = await fleet.holders(pair, call);
      expect(holders.map(({ id }) => id).sort()).toEqual(ids.sort());
    });

    it('with the name, the state and the addresses of each', async () => {
      const { fleet, used, launch } = await start();
      const pair = await used('web_1');
      const [id] = await launch(1, { keyPair: 'web_1', name: 'front', ...addresses });
      const [running] = await launch(1, { keyPair: 'web_1', name: 'back', state: 'Running' });
      const [starting] = await launch(1, { keyPair: 'web_1', state: 'Pending' });
      const holders = await fleet.holders(pair, call);
      expect(holders.find((one) => one.id === id)).toMatchObject({
        name: 'front',
        status: 'stopped',
        privateAddresses: ['10.0.0.7'],
        publicAddresses: ['47.100.1.2', '47.100.1.3'],
        keyPairs: [byName ? 'web_1' : pair.id],
      });
      expect(holders.find((one) => one.id === running)).toMatchObject({ name: 'back', status: 'running' });
      expect(holders.find((one) => one.id === starting)).toMatchObject({ status: 'other', publicAddresses: [] });
    });

    it('and none for a pair that nobody has, or that does not exist', async () => {
      const { fleet, used, launch, region } = await start();
      const pair = await used('web_1');
      await launch(3);
      expect(await fleet.holders(pair, call)).toEqual([]);
      expect(await fleet.holders({ region, name: 'absent_1', id: 'skey-00000000' }, call)).toEqual([]);
    });

    it('also where only its name is known', async () => {
      const { fleet, used, launch, region } = await start();
      await used('web_1');
      const ids = await launch(2, { keyPair: 'web_1' });
      const holders = await fleet.holders({ region, name: 'web_1' }, call);
      expect(holders.map(({ id }) => id).sort()).toEqual(ids.sort());
    });

    it('and misses none of those that stay while others are released', async () => {
      const { fleet, used, launch, between, clouds } = await start();
      const pair = await used('web_1');
      const ids = (await launch(230, { keyPair: 'web_1' })).sort();
      between(1, async () => {
        for (const id of ids.slice(0, 5)) await clouds.admin.fleet.release(id);
      });
      const found = new Set((await fleet.holders(pair, call)).map(({ id }) => id));
      expect(ids.slice(5).filter((id) => !found.has(id))).toEqual([]);
    });

    it.each(Object.entries(troubles))('and does not take %s for an answer', async (_what, fault) => {
      const { fleet, used, launch, spoil } = await start();
      const pair = await used('web_1');
      await launch(2, { keyPair: 'web_1' });
      spoil('DescribeInstances', fault);
      expect(await failureOf(fleet.holders(pair, hurried))).toMatchObject({
        code: 'CLOUD_UNREACHABLE',
        effect: 'none',
      });
    });
  });

  describe('finds instances', () => {
    it('by more ids than fit into a request, and leaves out those that are not there', async () => {
      const { fleet, launch, region } = await start();
      const ids = await launch(130, { name: 'front' });
      const found = await fleet.instances({ region, ids: [...ids, unknownId[name]] }, call);
      expect(found.map(({ id }) => id).sort()).toEqual(ids.sort());
      expect(await fleet.instances({ region, ids: [] }, call)).toEqual([]);
      expect(await fleet.instances({ region, ids: [unknownId[name]] }, call)).toEqual([]);
    });

    it('by tags, all of which they must carry', async () => {
      const { fleet, launch, region } = await start();
      const both = [
        { key: 'team', value: 'platform' },
        { key: 'Bär 東京', value: "!'()*~ +/=" },
      ];
      const ids = await launch(2, { tags: both });
      await launch(1, { tags: both.slice(0, 1) });
      await launch(1, { tags: [{ key: 'team', value: 'other' }] });
      const tags = Object.fromEntries(both.map(({ key, value }) => [key, value]));
      expect((await fleet.instances({ region, tags }, call)).map(({ id }) => id).sort()).toEqual(ids.sort());
      const [found] = await fleet.instances({ region, tags, ids: ids.slice(0, 1) }, call);
      expect(found).toMatchObject({ id: ids[0] });
      expect(found?.tags).toEqual(name === 'ens' ? undefined : tags);
      expect(await fleet.instances({ region }, call)).toHaveLength(4);
    });

    it('by more tags than a request may name', async () => {
      const { fleet, launch, region } = await start();
      const list = Array.from({ length: 11 }, (_, i) => ({ key: `key${i}`, value: 'v' }));
      const ids = await launch(1, { tags: list });
      const tags = Object.fromEntries(list.map(({ key, value }) => [key, value]));
      expect((await fleet.instances({ region, tags }, call)).map(({ id }) => id)).toEqual(ids);
      // ENS shows no tags, so there the request alone can tell.
      await launch(1, { tags: list.slice(0, 10) });
      expect((await fleet.instances({ region, tags }, call)).map(({ id }) => id)).toEqual(ids);
    });
  });
});

const unknownId = { ens: 'i-5notthere', ecs: 'i-bpnotthere', cvm: 'ins-notthere' } as const;

describe('what a cloud leaves open about its instances', () => {
  const ecs = localFleet('ecs');
  it('is survived on ECS, which finds no more than a thousand by tags and does not say so', async () => {
    const { fleet, launch, region } = await ecs();
    const tags = [{ key: 'team', value: 'platform' }];
    await launch(1_001, { tags });
    expect(await fleet.instances({ region, tags: { team: 'platform' } }, call)).toHaveLength(1_001);
  });

  const cvm = localFleet('cvm');
  it('is survived on CVM, which may refuse a whole request for one id that is not there', async () => {
    const { fleet, launch, region, clouds } = await cvm();
    clouds.admin.setBehaviour({ 'cvm.unknownInstance': 'InvalidInstanceId.NotFound' });
    const ids = await launch(7);
    const asked = [...ids.slice(0, 3), 'ins-notthere', ...ids.slice(3)];
    expect((await fleet.instances({ region, ids: asked }, call)).map(({ id }) => id).sort()).toEqual(ids.sort());
  });

  it('is survived on CVM, which may refuse an id of a pair that is not there: nobody has it', async () => {
    const { fleet, region, spoil } = await cvm();
    spoil('DescribeKeyPairs', { kind: 'refuse', code: 'InvalidKeyPairId.NotFound' });
    expect(await fleet.holders({ region, name: 'absent_1', id: 'skey-00000000' }, call)).toEqual([]);
  });

  it('is told on CVM: an instance that only the pair’s record still knows is gone', async () => {
    const { fleet, used, launch, clouds } = await cvm();
    const pair = await used('web_1');
    const [id] = await launch(1, { keyPair: 'web_1' });
    clouds.admin.setBehaviour({ 'binding.lagMs': 60_000 });
    await clouds.admin.fleet.release(id!);
    expect(await fleet.holders(pair, call)).toMatchObject([{ id, status: 'gone', keyPairs: [pair.id] }]);
    clouds.admin.advanceClock(60_000);
    expect(await fleet.holders(pair, call)).toEqual([]);
  });

  const ens = localFleet('ens');
  it('is told on ENS: an instance keeps the name of a pair that is gone', async () => {
    const { fleet, used, launch, clouds, provider } = await ens();
    const pair = await used('web_1');
    const ids = await launch(1, { keyPair: 'web_1' });
    clouds.admin.setBehaviour({ 'ens.deleteAttached': 'success' });
    await provider.remove(pair, call);
    expect((await fleet.holders(pair, call)).map(({ id }) => id)).toEqual(ids);
  });
});
