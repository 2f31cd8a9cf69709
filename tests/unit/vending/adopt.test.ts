// Pairs that were there before: whose key is taken for theirs, what is stored, and what becomes of them afterwards.
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { DAY_MS, deadlineIn } from '../../../lib/clock.ts';
import { hasTags, providerNames } from '../../../lib/provider-table.ts';
import { Secret } from '../../../lib/secret.ts';
import { parsePrivateKey } from '../../../lib/ssh/private-key.ts';
import { type AdoptCommand, adopt } from '../../../lib/vending/adopt.ts';
import type { Attempt } from '../../../lib/vending/attempt.ts';
import { Deployment } from '../../../lib/vending/deployment.ts';
import { DEPLOYMENT_TAG } from '../../../lib/vending/ownership.ts';
import { reconcile } from '../../../lib/vending/reconcile.ts';
import type { KeyPairRecord } from '../../../lib/vending/record.ts';
import { recover } from '../../../lib/vending/recover.ts';
import { retire } from '../../../lib/vending/retire.ts';
import { vend } from '../../../lib/vending/vend.ts';
import { diesAfter } from '../../doubles/dies-after.ts';
import { keys } from '../../doubles/key-pairs.ts';
import { STRANGER } from '../../doubles/memory-cloud.ts';
import { memoryLedger } from '../../doubles/memory-ledger.ts';
import { rotated } from './rotation/world.ts';
import { type World, world } from './world.ts';

/** Somebody else's pair of the name, and its key as they kept it. */
function theirs(all: World, tags?: Readonly<Record<string, string>>) {
  const { region, name } = all.identity;
  const made = all.cloud.create({ region, name, ...(tags && { tags }) }, STRANGER);
  return parsePrivateKey(made.privateKey);
}
const other = parsePrivateKey(new Secret(keys[63]!.pem));
const ask = (all: World, key: AdoptCommand['key'], { dryRun = false, ports = all.worker() } = {}) =>
  adopt(ports, {
    ...{ identity: all.identity, request: {}, caller: 'test', key, dryRun },
    deadline: deadlineIn(all.clock, 28_500),
  });
const recordOf = async (all: World) => (await all.ledger.read(all.identity))?.record;

describe.each(providerNames)('a pair on %s that was there before', (provider) => {
  it('is adopted with its key, once; the pair stays as it is', async () => {
    const all = world(provider);
    const key = theirs(all);
    const before = structuredClone(all.cloud.pairs);
    const adopted = await ask(all, key);
    expect(adopted).toMatchObject({ stored: true, adopted: true, publicKey: key.publicKey });
    expect((await all.store.reveal(all.identity))?.reveal()).toBe(key.privateKey.reveal());
    expect(await ask(all, key)).toEqual({ ...adopted, adopted: false });
    expect(all.cloud.pairs).toEqual(before);
    expect(all.announced).toMatchObject([{ publicKey: key.publicKey, keySource: 'adopted' }]);
    const { pending: trail = [] } = (await recordOf(all))!.trail!;
    expect(trail.map(({ did }) => did)).toEqual(['attempt-opened', 'adopted']);
    expect(trail.at(-1)!.after).toMatchObject({ keySource: 'adopted' });
    expect(await reconcile(all.worker(), all.identity)).toMatchObject([{ kind: 'matched' }]);
  });

  it('is not adopted with the key of another pair, and nothing is stored or written down', async () => {
    const all = world(provider);
    theirs(all);
    for (const key of [other, { publicKey: other.publicKey }])
      await expect(ask(all, key)).rejects.toMatchObject({ code: 'KEY_NOT_OF_PAIR', effect: 'none' });
    expect(await recordOf(all)).toBeUndefined();
    expect(await all.store.find(all.identity)).toBeUndefined();
  });

  it('changes nothing in a dry run, which says what would be', async () => {
    const all = world(provider);
    const key = theirs(all);
    expect(await ask(all, key, { dryRun: true })).toMatchObject({ stored: true, adopted: true });
    expect(await recordOf(all)).toBeUndefined();
    expect(await all.store.find(all.identity)).toBeUndefined();
  });

  it('is adopted without its private key where the public one is shown or named', async () => {
    const all = world(provider);
    const key = theirs(all);
    const { publicKey } = key;
    if (hasTags(provider)) expect(await ask(all, {})).toMatchObject({ stored: false, publicKey });
    else await expect(ask(all, {})).rejects.toMatchObject({ code: 'PAIR_UNPROVEN' });
    expect(await ask(all, { publicKey })).toMatchObject({ stored: false, publicKey });
    expect((await recordOf(all))!.versions[0]).not.toHaveProperty('secretReference');
    await expect(ask(all, key)).rejects.toMatchObject({ code: 'DIFFERENT_REQUEST', message: /without its key/ });
    expect(await reconcile(all.worker(), all.identity)).toMatchObject([{ kind: 'matched' }]);
  });

  it.each(['ledger.write', 'store.put'])(
    'is as it was when whoever adopts it dies at %s, and can be adopted again',
    async (at) => {
      const all = world(provider);
      const key = theirs(all);
      const before = structuredClone(all.cloud.pairs);
      await ask(all, key, { ports: all.worker(diesAfter(at)) }).catch(() => {});
      for (let i = 0; i < 30; i += 1) {
        all.clock.advance(60_000);
        await recover(all.worker(), { until: deadlineIn(all.clock, 60_000) });
      }
      expect(await all.store.find(all.identity)).toBeUndefined();
      expect((await recordOf(all))!.state).toBe('vacant');
      expect((await ask(all, key)).adopted).toBe(true);
      expect(all.cloud.pairs).toEqual(before);
    },
  );

  it('is not adopted where there is none, and none is made of it', async () => {
    const all = world(provider);
    await expect(ask(all, other)).rejects.toMatchObject({ code: 'KEY_PAIR_ABSENT' });
    expect(all.cloud.pairs).toEqual([]);
  });

  it('that keyvend looks after already is not adopted with another key, or out of use', async () => {
    const all = world(provider);
    await vend(all.worker(), {
      ...{ identity: all.identity, request: {}, caller: 'test' },
      deadline: deadlineIn(all.clock, 28_500),
    });
    for (const key of [other, {}]) await expect(ask(all, key)).rejects.toMatchObject({ code: 'DIFFERENT_REQUEST' });
  });

  it('that was vended is adopted with the key that the store still has, where the ledger is lost', async () => {
    const all = world(provider);
    const { identity, clock } = all;
    await vend(all.worker(), { ...{ identity, request: {}, caller: 'test' }, deadline: deadlineIn(clock, 28_500) });
    const kept = (await all.store.reveal(identity))!;
    const ledger = memoryLedger<KeyPairRecord, Attempt>({ clock });
    const ports = () => ({ ...all.worker(), ledger, deployment: new Deployment('test', ledger, clock, randomUUID) });

    clock.advance(DAY_MS);
    expect(await ask(all, parsePrivateKey(kept), { ports: ports() })).toMatchObject({ stored: true, adopted: true });
    clock.advance(DAY_MS);
    await recover(ports(), { until: deadlineIn(clock, 60_000) });
    expect((await all.store.reveal(identity))?.reveal()).toBe(kept.reveal());
    expect((await ledger.read(identity))!.record).toMatchObject({
      state: 'active',
      versions: [{ keySource: 'adopted' }],
    });
    expect(all.cloud.pairs).toHaveLength(1);
  });

  it('is purged once it was retired, by its key, and somebody else’s that has its name by then is not', async () => {
    for (const replaced of [false, true]) {
      const here = await rotated(provider, 'other');
      const { region } = here.identity;
      const identity = { ...here.identity, name: 'legacy' };
      const made = parsePrivateKey(here.cloud.create({ region, name: 'legacy' }, STRANGER).privateKey);
      await adopt(here.ports, { identity, request: {}, caller: 'test', key: made, deadline: here.soon() });
      await retire(here.ports, identity, 'test');
      const pair = here.cloud.pairs.find(({ name }) => name === 'legacy')!;
      if (replaced) {
        here.cloud.remove({ region, name: 'legacy', id: pair.id }, STRANGER, { askedAtMs: 0, sawAtMs: 0 });
        here.cloud.create({ region, name: 'legacy' }, STRANGER);
      }
      here.clock.advance(31 * DAY_MS);
      for (let i = 0; i < 6; i += 1) {
        await here.workOn(identity);
        here.clock.advance(60_000);
      }
      const left = here.cloud.pairs.filter(({ name }) => name === 'legacy');
      expect(left).toHaveLength(replaced ? 1 : 0);
      expect(await here.store.find(identity)).toBeUndefined();
    }
  });
});

describe('a pair with the tag of another keyvend', () => {
  it('is for whoever has its private key', async () => {
    const all = world('ecs');
    const key = theirs(all, { [DEPLOYMENT_TAG]: 'elsewhere-0123456789ab' });
    await expect(ask(all, {})).rejects.toMatchObject({ code: 'NAME_TAKEN' });
    expect((await ask(all, key)).adopted).toBe(true);
  });
});
