// A key that is made here, stored, and imported: what whoever asks is answered, what is left when something goes wrong, and a caller's
// own key.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { deadlineIn } from '../../../lib/clock.ts';
import { providerNames } from '../../../lib/provider-table.ts';
import { parsePublicKey, publicKeyBits } from '../../../lib/ssh/public-key.ts';
import { reconcile } from '../../../lib/vending/reconcile.ts';
import type { Request } from '../../../lib/vending/record.ts';
import { recover } from '../../../lib/vending/recover.ts';
import { requestHash } from '../../../lib/vending/request-hash.ts';
import { vend } from '../../../lib/vending/vend.ts';
import { diesAfter } from '../../doubles/dies-after.ts';
import { keys } from '../../doubles/key-pairs.ts';
import { STRANGER } from '../../doubles/memory-cloud.ts';
import { type World, world } from './world.ts';

const importing = { keySource: 'import' } as const;
const own = keys[60]!;

const ask = (all: World, request: Request = importing, ports = all.worker()) =>
  vend(ports, { identity: all.identity, request, caller: 'test', deadline: deadlineIn(all.clock, 28_500) });
const recordOf = async (all: World) => (await all.ledger.read(all.identity))!.record;
const recovered = async (all: World, minutes = 3) => {
  for (let i = 0; i < minutes; i += 1) {
    all.clock.advance(60_000);
    await recover(all.worker(), { until: deadlineIn(all.clock, 60_000) });
  }
};

describe.each(providerNames)('a key that is made here, on %s', (provider) => {
  it('is stored, and the pair is its own', async () => {
    const all = world(provider);
    const { keyPairId, fingerprint, created } = await ask(all);
    const [pair] = all.cloud.pairs;
    expect({ created, fingerprint }).toEqual({ created: true, fingerprint: pair!.fingerprint });
    expect(keyPairId).toBe(provider === 'ecs' ? undefined : pair!.id); // ECS tells no id of what was imported
    const { versions } = await recordOf(all);
    expect(versions).toMatchObject([{ keySource: 'import', publicKey: pair!.publicKey, evidence: 'agrees' }]);
    expect((await all.store.reveal(all.identity))?.reveal()).toMatch(/^-----BEGIN RSA PRIVATE KEY-----\n/);
    expect(await ask(all)).toEqual({ ...(keyPairId && { keyPairId }), fingerprint, created: false });
    expect(all.announced).toMatchObject([{ fingerprint, publicKey: pair!.publicKey }]);
  });

  it('is as large as it was asked for, or as the deployment says', async () => {
    for (const [request, over, bits] of [
      [{ ...importing, keyBits: 3_072 }, {}, 3_072],
      [{}, { keySource: 'import', keyBits: 4_096 }, 4_096],
      [{ keyBits: 3_072, ...importing }, { keySource: 'import', keyBits: 4_096 }, 3_072],
    ] as const) {
      const all = world(provider, over);
      await ask(all, request, all.worker());
      expect(publicKeyBits(parsePublicKey(all.cloud.pairs[0]!.publicKey))).toBe(bits);
    }
  });

  it('is taken back where somebody else has the name, and the name is free for the next request once they have gone', async () => {
    const all = world(provider);
    const theirs = all.cloud.create({ region: all.identity.region, name: all.identity.name }, STRANGER);
    await expect(ask(all)).rejects.toMatchObject({ code: 'NAME_TAKEN' });
    expect((await all.ledger.read(all.identity))?.record.state ?? 'vacant').toBe('vacant');
    expect(await all.store.find(all.identity)).toBeUndefined();
    const gone = { ...all.identity, id: theirs.id };
    all.cloud.remove(gone, STRANGER, { askedAtMs: 0, sawAtMs: 0 });
    expect((await ask(all)).created).toBe(true);
  });

  it.each(['store.put', 'cloud.import', 'cloud.find', 'ledger.fileAttempt'])(
    'is lost by no crash at %s, and nothing is left of it that nobody was answered with',
    async (at) => {
      const all = world(provider);
      await ask(all, importing, all.worker(diesAfter(at))).catch(() => {});
      await recovered(all, 30);
      const { versions = [] } = (await all.ledger.read(all.identity))?.record ?? {};
      const stored = (await all.store.find(all.identity))?.versions ?? [];
      expect(all.cloud.pairs).toHaveLength(versions.length);
      expect(stored.map(({ id }) => id)).toEqual(versions.map(({ id }) => id));
      expect((await ask(all)).fingerprint).toBe(all.cloud.pairs[0]!.fingerprint);
    },
  );

  it("is not made where a caller names their own: that one's pair is made, and nothing is stored", async () => {
    const all = world(provider);
    const request = { publicKey: own.publicKey };
    await ask(all, request);
    const { versions } = await recordOf(all);
    expect(versions).toMatchObject([{ keySource: 'caller', publicKey: own.publicKey }]);
    expect(versions[0]).not.toHaveProperty('secretReference');
    expect(all.cloud.pairs).toMatchObject([{ publicKey: own.publicKey, name: all.identity.name }]);
    expect(await all.store.find(all.identity)).toBeUndefined();
    await expect(ask(all, { publicKey: keys[61]!.publicKey })).rejects.toMatchObject({ code: 'DIFFERENT_REQUEST' });
    const found = await reconcile(all.worker(), all.identity);
    expect(found).toMatchObject([{ name: all.identity.name, kind: 'matched' }]);
  });

  it("whose own key's answer was lost names it once more, and has one pair", async () => {
    const all = world(provider);
    const request = { publicKey: own.publicKey };
    await ask(all, request, all.worker(diesAfter('cloud.import'))).catch(() => {});
    await recovered(all, 30);
    expect((await ask(all, request)).created).toBe(true);
    expect(all.cloud.pairs).toHaveLength(1);
  });
});

describe('a pair that was imported on ENS', () => {
  it('counts once the list shows it, from which alone its id is known', async () => {
    const all = world('ens');
    all.cloud.lagMs = 0;
    const hidden = all.worker({
      before: async (_, call) => {
        if (call === 'cloud.find' && all.cloud.pairs.length > 0) throw new Error('the list is not to be had');
      },
    });
    await expect(ask(all, importing, hidden)).rejects.toMatchObject({ code: 'IN_PROGRESS' });
    await recovered(all);
    const { keyPairId, created } = await ask(all);
    expect({ keyPairId, created }).toEqual({ keyPairId: all.cloud.pairs[0]!.id, created: false });
  });

  it.each([false, true])(
    'counts by the fingerprint of its answer, where that has a form that nobody knows (strict: %s)',
    async (strict) => {
      const all = world('ens', { strict });
      all.cloud.vague = true;
      if (strict) await expect(ask(all)).rejects.toMatchObject({ code: 'KEY_UNPROVEN' });
      else expect((await ask(all)).fingerprint).toBe(all.cloud.pairs[0]!.fingerprint);
      expect((await recordOf(all)).versions.map(({ evidence }) => evidence)).toEqual(strict ? [] : ['unverified']);
    },
  );

  it('is not taken for the one of a stranger whose fingerprint proves nothing either', async () => {
    const all = world('ens');
    all.cloud.vague = true;
    const worker = all.worker({
      before: async (_, call) => {
        if (call !== 'cloud.import') return;
        all.cloud.create({ region: all.identity.region, name: all.identity.name }, STRANGER);
        throw new Error('no answer');
      },
    });
    await ask(all, importing, worker).catch(() => {});
    await recovered(all, 30);
    expect((await all.ledger.read(all.identity))!.record.versions).toEqual([]);
  });
});

describe('a request', () => {
  it('for a key of another kind is another request, and one from before there were kinds is what it was', () => {
    const tags = { team: 'web' };
    const hashes = [{ tags }, { tags, ...importing }, { tags, ...importing, keyBits: 4_096 }, { tags, publicKey: 'x' }];
    expect(new Set(hashes.map((one) => requestHash(one as Request))).size).toBe(4);
    // As older records have it.
    const canonical = JSON.stringify([[['team', 'web']], null, null]);
    expect(requestHash({ tags })).toBe(createHash('sha256').update(canonical).digest('hex'));
  });
});
