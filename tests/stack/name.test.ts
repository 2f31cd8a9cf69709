// A key pair's own name at the cloud, over HTTP: where the policy has it kept, it leads to the key that counts again once it can.
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KeyPairMetadata } from '../../lib/contract/metadata.ts';
import { ReleaseAnswer, RotationAnswer } from '../../lib/contract/rotation-answer.ts';
import { type ProviderName, providerNames } from '../../lib/provider-table.ts';
import type { Stack } from '../../local/stack/stack.ts';
import { type HastyStack, startHastyStack } from './hasty-stack.ts';

let stack: Stack;
let ask: HastyStack['ask'];
let stop: HastyStack['stop'];
beforeAll(async () => {
  // Long enough for a create that has to wait for its second (CVM).
  ({ stack, ask, stop } = await startHastyStack({ KEYVEND_LEASE_MS: '16000' }));
  stack.clouds.admin!.setLimits({ 'cvm.requestsPerSecond': 1_000 }); // workers that wait for a minute would be waited for
}, 30_000);
afterAll(() => stop());

const regions: Readonly<Record<ProviderName, string>> = { ens: 'global', ecs: 'cn-hangzhou', cvm: 'ap-guangzhou' };

function about(provider: ProviderName, name: string) {
  const region = regions[provider];
  const query = provider === 'ens' ? '' : `?region=${region}`;
  const pathOf = (below = '') => `/v1/${provider}/key-pairs/${name}${below}${query}`;
  const read = async () => KeyPairMetadata.parse((await ask('GET', pathOf())).body);
  const until = async (isThere: (seen: KeyPair) => boolean): Promise<KeyPair> => {
    for (let tries = 0; ; tries += 1) {
      const seen = await read();
      if (isThere(seen)) return seen;
      if (tries === 900) expect(seen).toBe('something else by now');
      await wait(100); // a worker that failed comes again after half a minute
    }
  };
  return {
    read,
    until,
    ask: (method: string, below: string, body?: object) => ask(method, pathOf(below), body),
    /** What the cloud has under a name: the public key's own part, as its own listing shows it. */
    atCloud: (called: string) => stack.clouds.admin!.pairs(provider).filter((pair) => pair.name === called),
    async vended(policy: object) {
      const more = provider === 'ens' ? {} : provider === 'cvm' ? { region, projectId: 0 } : { region };
      expect((await ask('POST', `/v1/${provider}/key-pairs`, { name, ...more })).status).toBe(201);
      expect((await ask('PUT', pathOf('/policy'), { overlapDays: 0, ...policy })).status).toBe(200);
    },
    async rotated() {
      const { id } = RotationAnswer.parse((await ask('POST', pathOf('/rotations'))).body);
      return until(({ rotations }) =>
        rotations.some((one) => one.id === id && ['old-key-removed', 'purged'].includes(one.state)),
      );
    },
  };
}
type KeyPair = ReturnType<typeof KeyPairMetadata.parse>;

const standing = ({ versions }: KeyPair) => versions.find(({ current }) => current)!;
const leads = (pair: KeyPair) => pair.ownName?.current === true;

describe.concurrent.each(providerNames)(
  'the name of a key pair of %s that is kept',
  { timeout: 90_000 },
  (provider) => {
    it('leads to the current key after each rotation, and what was made beside it goes', async () => {
      const pair = about(provider, 'steady');
      await pair.vended({ keepName: true });
      expect((await pair.read()).ownName).toMatchObject({ current: true });
      for (const number of [2, 3]) {
        await pair.rotated();
        const seen = await pair.until((one) => leads(one) && one.versions.length === 1);
        expect(seen.ownName).toEqual({ leadsTo: standing(seen).id, current: true });
        expect(pair.atCloud('steady').map(({ publicKey }) => publicKey)).toEqual([standing(seen).publicKey]);
        expect(pair.atCloud(`steady_r${number}`)).toHaveLength(provider === 'cvm' ? 0 : 1);
        expect(standing(seen).keyPairName).toBe(provider === 'cvm' ? 'steady' : `steady_r${number}`);
      }
      const { status } = await pair.ask('DELETE', '');
      expect(status).toBe(202);
    });

    it('is as it always was where the policy says nothing', async () => {
      const pair = about(provider, 'usual');
      await pair.vended({});
      await pair.rotated();
      const seen = await pair.until(({ versions }) => versions.length === 1);
      expect(seen.ownName).toBeUndefined();
      expect(pair.atCloud('usual')).toEqual([]);
    });
  },
);

describe.concurrent('a name that an instance has by its pair', { timeout: 90_000 }, () => {
  it('is not given back on ECS, and it says why, until the instance lets the pair go', async () => {
    const pair = about('ecs', 'bound');
    await pair.vended({ keepName: true });
    const { fleet } = stack.clouds.admin!;
    const instance = await fleet.addInstance({ service: 'ecs', region: regions.ecs, keyPair: 'bound' });
    await pair.rotated();
    const { ownName, lingering } = await pair.until((seen) => seen.ownName?.code !== undefined);
    expect(ownName).toMatchObject({ current: false, code: 'KEY_PAIR_IN_USE', instances: [instance.id], count: 1 });

    const below = `/lingering/${lingering![0]!.id}/release`;
    const { confirmation } = ReleaseAnswer.parse((await pair.ask('POST', below)).body);
    expect((await pair.ask('POST', below, { confirmation })).status).toBe(202);
    const after = await pair.until(leads);
    expect(pair.atCloud('bound').map(({ publicKey }) => publicKey)).toEqual([standing(after).publicKey]);
    // Whoever launches by the name has the current key, and keeps the imported pair at the next rotation.
    const next = await fleet.addInstance({ service: 'ecs', region: regions.ecs, keyPair: 'bound' });
    await pair.rotated();
    const kept = await pair.until((seen) => seen.ownName?.current === false && seen.ownName.code !== undefined);
    expect(kept.ownName).toMatchObject({ code: 'KEY_PAIR_IN_USE', instances: [next.id] });
    expect(kept.versions).toHaveLength(2);
    const lingers = await pair.until((seen) => seen.lingering !== undefined);
    const release = `/lingering/${lingers.lingering![0]!.id}/release`;
    const told = ReleaseAnswer.parse((await pair.ask('POST', release)).body);
    expect(told.instances).toEqual([next.id]);
    await pair.ask('POST', release, { confirmation: told.confirmation });
    const last = await pair.until((seen) => leads(seen) && seen.versions.length === 1);
    expect(pair.atCloud('bound').map(({ publicKey }) => publicKey)).toEqual([standing(last).publicKey]);
  });

  it('is given back on CVM at once, and the old pair has another name for as long as it is kept', async () => {
    const pair = about('cvm', 'held');
    await pair.vended({ keepName: true });
    const first = standing(await pair.read());
    const { fleet } = stack.clouds.admin!;
    await fleet.addInstance({ service: 'cvm', region: regions.cvm, keyPair: 'held' });
    await pair.rotated();
    const seen = await pair.until((one) => leads(one) && one.lingering !== undefined);
    expect(pair.atCloud('held').map(({ id }) => id)).toEqual([standing(seen).keyPairId]);
    const old = seen.versions.find(({ id }) => id === first.id)!;
    expect(old.keyPairId).toBe(first.keyPairId);
    expect(old.keyPairName).not.toBe('held');
    expect(pair.atCloud(old.keyPairName).map(({ id }) => id)).toEqual([first.keyPairId]);
  });
});

describe.concurrent("a name that is somebody else's by now", { timeout: 90_000 }, () => {
  it('is left to them, and it says so', async () => {
    const pair = about('ecs', 'theirs');
    await pair.vended({});
    await pair.rotated();
    await pair.until(({ versions }) => versions.length === 1);
    const { admin } = stack.clouds;
    await admin!.addStranger({ service: 'ecs', region: regions.ecs, name: 'theirs' });
    await pair.ask('PUT', '/policy', { keepName: true });
    const { ownName } = await pair.until((seen) => seen.ownName?.code !== undefined);
    expect(ownName).toMatchObject({ current: false, code: 'NAME_TAKEN' });
    expect(ownName?.leadsTo).toBeUndefined();
    expect(pair.atCloud('theirs')).toHaveLength(1);
  });
});
