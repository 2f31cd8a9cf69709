// What every fleet owes to whoever binds a key pair to machines or releases it: one outcome for each, and nothing sent twice.
import { describe, expect, it } from 'vitest';
import { serviceNames } from '../../local/clouds/state/registry.ts';
import { actions, call, type FleetHarness, localFleet } from './fleet-harness.ts';
import { failureOf } from './key-pair-provider.ts';

const lost = { kind: 'drop', when: 'after-commit' } as const;
const all = (ids: readonly string[], outcome: string) => ids.map((id) => ({ id, outcome }));
const isThere = ({ clouds }: FleetHarness, id: string) => clouds.admin.fleet.instances().some((one) => one.id === id);

describe.each(serviceNames)('the fleet of %s', (name) => {
  const start = localFleet(name);
  const { attach, detach, mostBound } = actions[name];
  const unknownId = { ens: 'i-5notthere', ecs: 'i-bpnotthere', cvm: 'ins-notthere' }[name];

  it('binds a pair to more instances than fit into a request, and releases it from them', async () => {
    const cloud = await start();
    const pair = await cloud.used('web_1');
    const ids = await cloud.launch(mostBound * 2 + 1);
    expect(await cloud.fleet.attach(pair, ids, call)).toEqual(all(ids, 'done'));
    expect(cloud.sent(attach)).toBe(3);
    expect([...cloud.bound('web_1')].sort()).toEqual([...ids].sort());
    expect((await cloud.fleet.holders(pair, call)).map(({ id }) => id).sort()).toEqual([...ids].sort());

    const some = ids.slice(0, mostBound + 1);
    expect(await cloud.fleet.detach(pair, some, call)).toEqual(all(some, 'done'));
    expect(cloud.sent(detach)).toBe(2);
    expect([...cloud.bound('web_1')].sort()).toEqual(ids.slice(mostBound + 1).sort());
  });

  it('puts a pair in the place of the one that an instance has', async () => {
    const cloud = await start();
    const [, next] = [await cloud.used('web_1'), await cloud.used('web_2')];
    const ids = await cloud.launch(2, { keyPair: 'web_1' });
    expect(await cloud.fleet.attach(next, ids, call)).toEqual(all(ids, 'done'));
    expect(cloud.bound('web_1')).toEqual([]);
    expect([...cloud.bound('web_2')].sort()).toEqual(ids.sort());
  });

  it('asks for nothing where there is no instance', async () => {
    const cloud = await start();
    const pair = await cloud.used('web_1');
    expect(await cloud.fleet.attach(pair, [], call)).toEqual([]);
    expect(cloud.sent(attach)).toBe(0);
  });

  it('tells of an instance that is not there, and deals with the others; it counts as released', async () => {
    const cloud = await start();
    const pair = await cloud.used('web_1');
    const [one, two] = await cloud.launch(2);
    const ids = [one!, unknownId, two!];
    const outcomes = [
      { id: one, outcome: 'done' },
      { id: unknownId, outcome: 'gone' },
      { id: two, outcome: 'done' },
    ];
    expect(await cloud.fleet.attach(pair, ids, call)).toEqual(outcomes);
    expect(cloud.bound('web_1')).toHaveLength(2);
    expect(await cloud.fleet.detach(pair, ids, call)).toEqual(all(ids, 'done'));
    expect(cloud.bound('web_1')).toEqual([]);
  });

  // On ECS there is only one request: it takes instances in any state, so they are not looked at before.
  it.each(name === 'ecs' ? [0] : [0, 1])(
    'deals with one that is released in the middle, after %i requests',
    async (requests) => {
      const cloud = await start();
      const pair = await cloud.used('web_1');
      const ids = await cloud.launch(3, { keyPair: 'web_1' });
      cloud.between(requests, () => cloud.clouds.admin.fleet.release(ids[1]!));
      expect(await cloud.fleet.detach(pair, ids, call)).toEqual(all(ids, 'done'));
      expect(isThere(cloud, ids[1]!)).toBe(false);
      expect(cloud.bound('web_1')).toEqual([]);
    },
  );

  it('leaves a running instance as it is where the service takes stopped ones only, and says so', async () => {
    const cloud = await start();
    const pair = await cloud.used('web_1');
    const [running] = await cloud.launch(1, { state: 'Running' });
    const [stopped] = await cloud.launch(1);
    const outcomes = await cloud.fleet.attach(pair, [running!, stopped!], call);
    const forRunning = name === 'ecs' ? 'done' : 'not-stopped';
    expect(outcomes).toEqual([
      { id: running, outcome: forRunning },
      { id: stopped, outcome: 'done' },
    ]);
    expect(cloud.bound('web_1')).toHaveLength(name === 'ecs' ? 2 : 1);
  });

  it('does not know what became of a batch whose answer is lost, and sends nothing twice', async () => {
    const cloud = await start();
    const pair = await cloud.used('web_1');
    const ids = await cloud.launch(mostBound + 2);
    cloud.spoil(attach, lost);
    const outcomes = await cloud.fleet.attach(pair, ids, call);
    expect(outcomes.filter(({ outcome }) => outcome === 'unknown')).toHaveLength(mostBound);
    expect(outcomes.slice(mostBound)).toEqual(all(ids.slice(mostBound), 'done'));
    expect(outcomes[0]).toMatchObject({ id: ids[0], failure: { code: 'OUTCOME_UNKNOWN', effect: 'unknown' } });
    expect(cloud.sent(attach)).toBe(2);
    expect(cloud.bound('web_1')).toHaveLength(mostBound + 2);
  });

  it('does not know it after half an answer or none either', async () => {
    const cloud = await start();
    const pair = await cloud.used('web_1');
    const ids = await cloud.launch(2, { keyPair: 'web_1' });
    cloud.spoil(detach, { kind: 'stall', when: 'before-commit' });
    // Long enough to look at the instances first.
    expect(await cloud.fleet.detach(pair, ids, { timeoutMs: 2_000 })).toMatchObject(all(ids, 'unknown'));
    cloud.spoil(detach, { kind: 'truncated', how: 'json' });
    expect(await cloud.fleet.detach(pair, ids, call)).toMatchObject(all(ids, 'unknown'));
    expect(cloud.sent(detach)).toBe(2);
  });

  it('is told to wait for some, and deals with the rest', async () => {
    const cloud = await start();
    const pair = await cloud.used('web_1');
    const ids = await cloud.launch(mostBound + 1);
    cloud.spoil(attach, { kind: 'throttle' });
    const outcomes = await cloud.fleet.attach(pair, ids, call);
    expect(outcomes[0]).toMatchObject({ outcome: 'refused', failure: { code: 'THROTTLED', effect: 'none' } });
    expect(outcomes.at(-1)).toEqual({ id: ids.at(-1), outcome: 'done' });
    expect(cloud.bound('web_1')).toEqual(ids.slice(-1));
  });

  it('refuses for a pair that is not there, for every instance', async () => {
    const cloud = await start();
    const ids = await cloud.launch(2);
    const absent = { region: cloud.region, name: 'absent_1', ...(name !== 'ecs' && { id: 'skey-00000000' }) };
    const outcomes = await cloud.fleet.attach(absent, ids, call);
    const code = name === 'ens' ? 'INVALID_REQUEST' : 'KEY_PAIR_ABSENT';
    expect(outcomes).toMatchObject(ids.map((id) => ({ id, outcome: 'refused', failure: { code, effect: 'none' } })));
  });

  it('sends nothing, and says so, when the instances cannot be looked at first', async () => {
    const cloud = await start();
    const pair = await cloud.used('web_1');
    const ids = await cloud.launch(2);
    cloud.spoil('DescribeInstances', lost);
    const result = cloud.fleet.attach(pair, ids, call);
    // ECS takes instances in any state, so they are not looked at.
    if (name === 'ecs') return expect(await result).toEqual(all(ids, 'done'));
    expect(await failureOf(result)).toMatchObject({ code: 'CLOUD_UNREACHABLE', effect: 'none' });
    expect(cloud.sent(attach)).toBe(0);
  });
});

describe('the fleet of cvm', () => {
  const start = localFleet('cvm');

  it('switches running instances off where that is permitted, and leaves those alone that are on their way', async () => {
    const cloud = await start();
    const pair = await cloud.used('web_1');
    const [running] = await cloud.launch(1, { state: 'Running' });
    const [starting] = await cloud.launch(1, { state: 'Pending' });
    const outcomes = await cloud.fleet.attach(pair, [running!, starting!], { ...call, force: true });
    expect(outcomes).toEqual([
      { id: running, outcome: 'done' },
      { id: starting, outcome: 'not-stopped' },
    ]);
  });

  it('sends a batch again without the instance that was switched on meanwhile', async () => {
    const cloud = await start();
    const pair = await cloud.used('web_1');
    const ids = await cloud.launch(4);
    cloud.between(1, () => cloud.clouds.admin.fleet.changeInstance(ids[2]!, { state: 'Running' }));
    const outcomes = await cloud.fleet.attach(pair, ids, call);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['done', 'done', 'not-stopped', 'done']);
    expect(cloud.sent('AssociateInstancesKeyPairs')).toBe(2);
  });

  it('passes on why a batch was refused when looking explains nothing', async () => {
    const cloud = await start();
    const pair = await cloud.used('web_1');
    const ids = await cloud.launch(2);
    cloud.spoil('AssociateInstancesKeyPairs', { kind: 'refuse', code: 'MutexOperation.TaskRunning' });
    expect(await cloud.fleet.attach(pair, ids, call)).toMatchObject(
      ids.map((id) => ({ id, outcome: 'refused', failure: { upstreamCode: 'MutexOperation.TaskRunning' } })),
    );
    expect(cloud.sent('AssociateInstancesKeyPairs')).toBe(1);
  });

  it('binds by id alone: a name may belong to another pair by now', async () => {
    const cloud = await start();
    await cloud.used('web_1');
    const ids = await cloud.launch(1);
    const named = { region: cloud.region, name: 'web_1' };
    expect(await failureOf(cloud.fleet.attach(named, ids, call))).toBeInstanceOf(TypeError);
  });

  it('has a pair that no instance has, and that an image keeps from being deleted', async () => {
    const cloud = await start();
    const pair = await cloud.used('web_1');
    const [{ id } = { id: '' }] = cloud.clouds.admin.pairs('cvm');
    await cloud.clouds.admin.holdInImages(id, ['img-1']);
    expect(await cloud.fleet.holders(pair, call)).toEqual([]);
    expect(await failureOf(cloud.provider.remove(pair, call))).toMatchObject({
      code: 'KEY_PAIR_IN_USE',
      upstreamCode: 'InvalidKeyPair.NotSupported',
      effect: 'none',
    });
    await cloud.clouds.admin.holdInImages(id, []);
    expect(await cloud.provider.remove(pair, call)).toBe('removed');
  });
});

describe('the fleet of ens', () => {
  const start = localFleet('ens');

  it('binds and releases by name where there is no id', async () => {
    const cloud = await start();
    await cloud.used('web_1');
    const ids = await cloud.launch(2);
    const named = { region: cloud.region, name: 'web_1' };
    expect(await cloud.fleet.attach(named, ids, call)).toEqual(all(ids, 'done'));
    expect(await cloud.fleet.detach(named, ids, call)).toEqual(all(ids, 'done'));
    expect(cloud.bound('web_1')).toEqual([]);
  });

  it('tells for each instance that it keeps the pair that it has, if that is what the cloud does', async () => {
    const cloud = await start();
    cloud.clouds.admin.setBehaviour({ 'ens.attachBound': 'refused' });
    const [, next] = [await cloud.used('web_1'), await cloud.used('web_2')];
    const [held] = await cloud.launch(1, { keyPair: 'web_1' });
    const [free] = await cloud.launch(1);
    expect(await cloud.fleet.attach(next, [held!, free!], call)).toMatchObject([
      { id: held, outcome: 'refused', failure: { code: 'CLOUD_REFUSED', effect: 'none' } },
      { id: free, outcome: 'done' },
    ]);
  });
});

describe('the fleet of ecs', () => {
  const start = localFleet('ecs');

  it('tells why one instance was refused, and does not know of one that the answer leaves out', async () => {
    const cloud = await start();
    const pair = await cloud.used('web_1');
    const [starting, fine] = [(await cloud.launch(1, { state: 'Pending' }))[0]!, (await cloud.launch(1))[0]!];
    expect(await cloud.fleet.attach(pair, [starting, fine], call)).toMatchObject([
      { outcome: 'refused', failure: { upstreamCode: 'IncorrectInstanceStatus', effect: 'none' } },
      { outcome: 'done' },
    ]);
    cloud.spoil('AttachKeyPair', { kind: 'missing-field', field: 'InstanceId' });
    expect(await cloud.fleet.attach(pair, [fine], call)).toMatchObject([
      { outcome: 'unknown', failure: { code: 'OUTCOME_UNKNOWN' } },
    ]);
  });
});
