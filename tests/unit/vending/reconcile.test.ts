// Ledger, cloud and store compared in full: what each difference is called, and what may be done about it.
import { describe, expect, it } from 'vitest';
import { deadlineIn } from '../../../lib/clock.ts';
import { identityKey } from '../../../lib/identity.ts';
import { type ProviderName, providerNames } from '../../../lib/provider-table.ts';
import { parsePrivateKey } from '../../../lib/ssh/private-key.ts';
import type { Finding } from '../../../lib/vending/finding.ts';
import { reconcile } from '../../../lib/vending/reconcile.ts';
import { vend } from '../../../lib/vending/vend.ts';
import { diesAfter } from '../../doubles/dies-after.ts';
import { STRANGER } from '../../doubles/memory-cloud.ts';
import { type World, world } from './world.ts';

const STRAY = '00000000-0000-4000-8000-00000000abcd';

type Named = (name: string) => World['identity'];

async function started(provider: ProviderName) {
  const all = world(provider);
  const identity: Named = (name) => ({ ...all.identity, name });
  const make = (name: string, ports = all.worker()) => {
    const order = { identity: identity(name), request: {}, caller: 'portal', deadline: deadlineIn(all.clock, 29_000) };
    return vend(ports, order);
  };
  const { name: _, ...place } = all.identity;
  const found = async (fix = false) => {
    const findings = await reconcile(all.worker(), place, { fix });
    return Object.fromEntries(
      findings.map(({ name, kind, fixed }) => [name, fixed === undefined ? kind : [kind, fixed]]),
    );
  };
  const versionOf = async (name: string) => (await all.store.find(identity(name)))!.versions[0]!.id;
  const dies = (name: string, after: string) => make(name, all.worker(diesAfter(after))).catch(() => {});
  return { ...all, identity, make, found, versionOf, dies, place };
}
const stranger = ({ cloud, place: { region } }: Awaited<ReturnType<typeof started>>, name: string) =>
  cloud.create({ region, name }, STRANGER);

describe.each(providerNames)('reconciling %s', (provider) => {
  it('finds that everything matches, and reports it in the order of names', async () => {
    const all = await started(provider);
    for (const name of ['b', 'a', 'c']) await all.make(name);
    const findings: readonly Finding[] = await reconcile(all.worker(), all.place);
    expect(findings.map(({ name, kind }) => [name, kind])).toEqual(['a', 'b', 'c'].map((name) => [name, 'matched']));
  });

  it('asks the cloud after no name that is over: the listing has answered for all of them', async () => {
    const all = await started(provider);
    const calls: string[] = [];
    for (const name of ['gone', 'gone_too']) {
      await all.dies(name, 'cloud.create');
      all.cloud.pairs.splice(0);
    }
    await all.make('web');
    for (let round = 0; round < 3; round += 1) {
      await all.found(true);
      all.clock.advance(30 * 60_000);
    }
    const watched = all.worker({ before: (_, call) => void calls.push(call) });
    const findings = await reconcile(watched, all.place);
    expect(findings.map(({ name, kind }) => [name, kind])).toEqual([['web', 'matched']]);
    expect(calls.filter((call) => call.startsWith('cloud.'))).toEqual(['cloud.list']);
  });

  it('asks nobody for the names that ever were', async () => {
    const calls = async (gone: number) => {
      const all = await started(provider);
      await all.make('web');
      const { record } = (await all.ledger.read(all.identity('web')))!;
      const vacant = { ...record, state: 'vacant' as const, versions: [] };
      for (let i = 0; i < gone; i += 1) await all.ledger.write({ ...vacant, identity: all.identity(`gone_${i}`) }, 0);
      const counted = new Map<string, number>();
      const watched = all.worker({ before: (_, call) => void counted.set(call, (counted.get(call) ?? 0) + 1) });
      expect((await reconcile(watched, all.place)).map(({ kind }) => kind)).toEqual(['matched']);
      return Object.fromEntries(counted);
    };
    expect(await calls(300)).toEqual(await calls(0));
  });

  it('asks once more for the pair that a listing left out while others were deleted, and by its name', async () => {
    const all = await started(provider);
    for (const name of ['a', 'b', 'c']) await all.make(name);
    const calls: string[] = [];
    const missing = all.worker({
      before(_, call) {
        calls.push(call);
        if (call === 'cloud.list') hidden.push(...all.cloud.pairs.splice(1, 1));
      },
      after(_, call) {
        if (call === 'cloud.list') all.cloud.pairs.push(...hidden.splice(0));
      },
    });
    const hidden: typeof all.cloud.pairs = [];
    const findings = await reconcile(missing, all.place);
    expect(findings.map(({ kind }) => kind)).toEqual(['matched', 'matched', 'matched']);
    expect(calls.filter((call) => call.startsWith('cloud.'))).toEqual(['cloud.list', 'cloud.find']);
  });

  it("calls a stranger's pair foreign, and does not touch it even when it is told to fix", async () => {
    const all = await started(provider);
    stranger(all, 'theirs');
    expect(await all.found()).toEqual({ theirs: 'foreign' });
    expect(await all.found(true)).toEqual({ theirs: 'foreign' });
    expect(all.cloud.pairs.map(({ name }) => name)).toEqual(['theirs']);
  });

  it('reports an acknowledged key pair that lost its key, its pair or both, and removes nothing of it', async () => {
    const all = await started(provider);
    for (const name of ['key', 'pair', 'both']) await all.make(name);
    await all.store.remove(all.identity('key'), await all.versionOf('key'));
    all.cloud.pairs.splice(
      all.cloud.pairs.findIndex(({ name }) => name === 'pair'),
      1,
    );
    await all.store.remove(all.identity('both'), await all.versionOf('both'));
    all.cloud.pairs.splice(
      all.cloud.pairs.findIndex(({ name }) => name === 'both'),
      1,
    );
    const expected = { key: 'upstream-only', pair: 'secret-only', both: 'ledger-only' };
    expect(await all.found()).toEqual(expected);
    expect(await all.found(true)).toEqual({
      both: ['ledger-only', 'left'],
      key: ['upstream-only', 'left'],
      pair: ['secret-only', 'left'],
    });
    expect(all.cloud.pairs.map(({ name }) => name)).toEqual(['key']);
    expect(await all.store.reveal(all.identity('pair'))).toBeDefined();
  });

  it('brings back the secret of a key pair that somebody has deleted, when it is told to fix', async () => {
    const all = await started(provider);
    const late: (() => void)[] = [];
    all.storeLimits.deletes = (act) => void late.push(act);
    await all.store.prepare(all.identity('web'));
    await all.store.remove(all.identity('web'), 'none');
    await all.make('web');
    late[0]!();
    expect(await all.found()).toEqual({ web: 'upstream-only' });
    expect(await all.found(true)).toEqual({ web: ['upstream-only', 'settled'] });
    expect(await all.found()).toEqual({ web: 'matched' });
  });

  it('reports a pair that is not the one whose key is stored under its name', async () => {
    const all = await started(provider);
    await all.make('web');
    const at = all.cloud.pairs.findIndex(({ name }) => name === 'web');
    const [old] = all.cloud.pairs.splice(at, 1);
    await all.adapter.create(
      { region: all.place.region, name: 'web', ...(old!.tags && { tags: old!.tags }) },
      { timeoutMs: 1 },
    );
    expect(await all.found()).toEqual({ web: 'fingerprint-mismatch' });
    expect(await all.found(true)).toEqual({ web: ['fingerprint-mismatch', 'left'] });
    expect(all.cloud.pairs).toHaveLength(1);
  });

  it('leaves an open attempt alone during its lease, and settles it after that', async () => {
    const all = await started(provider);
    await all.dies('web', 'cloud.create');
    expect(await all.found(true)).toEqual({ web: ['in-progress', 'waiting'] });
    expect(all.cloud.pairs).toHaveLength(1);
    all.clock.advance(96_000);
    expect((await all.found(true)).web).toEqual(['in-progress', expect.any(String)]);
    expect(all.cloud.pairs).toHaveLength(0); // its key is lost for good
  });
});

describe('a place among those of a grant', () => {
  it('is given back of a name that is over, and not of one that is vended at that very moment', async () => {
    const all = await started('ecs');
    const group = 'access/portal';
    const order = (name: string) => ({
      ...{ identity: all.identity(name), request: {}, caller: 'portal', deadline: deadlineIn(all.clock, 29_000) },
      admit: async () => ({ group, most: 5 }),
    });
    await vend(all.worker(), order('web'));
    const { record, revision } = (await all.ledger.read(all.identity('web')))!;
    all.cloud.pairs.length = 0;
    await all.store.remove(all.identity('web'), await all.versionOf('web'));
    await all.ledger.write({ ...record, state: 'vacant', versions: [] }, revision);
    await all.found(true);
    expect([...all.ledger.claimed(group)]).toEqual([]);

    await all.ledger.claim(group, identityKey(all.identity('web')), 5);
    let vended = false;
    const meanwhile = all.worker({
      async before(_, call) {
        if (call !== 'ledger.unclaim' || vended) return;
        vended = true;
        await vend(all.worker(), order('web'));
      },
    });
    await reconcile(meanwhile, all.place, { fix: true });
    expect(vended).toBe(true);
    expect([...all.ledger.claimed(group)]).toEqual([identityKey(all.identity('web'))]);
  });
});

describe('a pair or a stored key without an open attempt', () => {
  it('is removed when it is a pair that an attempt on file made and whose key is lost', async () => {
    const all = await started('cvm');
    await all.dies('web', 'cloud.create');
    const { record, revision } = (await all.ledger.read(all.identity('web')))!;
    const { attempt: _, settleAtMs: _s, ...rest } = record;
    await all.ledger.write({ ...rest, state: 'vacant' }, revision); // as after a ledger was restored from a backup
    expect(await all.found()).toEqual({ web: 'upstream-only' });
    expect(all.cloud.pairs).toHaveLength(1);
    expect((await all.found(true)).web).toEqual(['upstream-only', expect.any(String)]);
    expect(all.cloud.pairs).toHaveLength(0);
  });

  it('counts again when the key is stored and agrees with the pair', async () => {
    const all = await started('ecs');
    await all.dies('web', 'store.put');
    const { record, revision } = (await all.ledger.read(all.identity('web')))!;
    const { attempt: _, settleAtMs: _s, ...rest } = record;
    await all.ledger.write({ ...rest, state: 'vacant' }, revision);
    expect(await all.found()).toEqual({ web: 'unacknowledged' });
    expect(await all.found(true)).toEqual({ web: ['unacknowledged', 'settled'] });
    expect(await all.found()).toEqual({ web: 'matched' });
    const key = await all.store.reveal(all.identity('web'));
    expect(parsePrivateKey(key!).publicKey).toBe(all.cloud.pairs[0]!.publicKey);
  });

  it('is left alone when no attempt of its name is on file, whatever tag it carries', async () => {
    const all = await started('cvm');
    const { tag } = await all.deployment.tags();
    await all.adapter.create({ region: all.place.region, name: 'web', tags: { keyvend: tag } }, { timeoutMs: 1 });
    expect(await all.found(true)).toEqual({ web: 'unrecorded' });
    expect(all.cloud.pairs).toHaveLength(1);
  });

  it('is a stray key beside the one that counts, and is removed without it', async () => {
    const all = await started('ecs');
    await all.make('web');
    const identity = all.identity('web');
    const counting = await all.versionOf('web');
    const [attempt] = (await all.ledger.attempts(identity)).values();
    await all.ledger.fileAttempt(identity, STRAY, attempt!);
    await all.store.put(identity, STRAY, (await all.store.reveal(identity))!);
    expect(await all.found()).toEqual({ web: 'stray-key' });
    expect(await all.found(true)).toEqual({ web: ['stray-key', 'settled'] });
    expect(await all.found()).toEqual({ web: 'matched' });
    expect(await all.versionOf('web')).toBe(counting);
  });

  it.each(['beside a key that counts', 'by itself'])(
    'is left alone when it is a key that nothing on file explains, %s',
    async (where) => {
      const all = await started('ecs');
      await all.make('known');
      if (where !== 'by itself') await all.make('web');
      await all.store.put(all.identity('web'), STRAY, (await all.store.reveal(all.identity('known')))!);
      expect(await all.found(true)).toEqual({ known: 'matched', web: 'unrecorded' });
      expect((await all.store.find(all.identity('web')))!.versions.map(({ id }) => id)).toContain(STRAY);
    },
  );

  it('is removed when it is a stored key whose pair was seen to be absent twice', async () => {
    const all = await started('ens');
    await all.dies('web', 'store.put');
    all.cloud.pairs.length = 0;
    const { record, revision } = (await all.ledger.read(all.identity('web')))!;
    const { attempt: _, settleAtMs: _s, ...rest } = record;
    await all.ledger.write({ ...rest, state: 'vacant' }, revision);
    expect(await all.found(true)).toEqual({ web: ['secret-only', 'waiting'] });
    expect(await all.store.find(all.identity('web'))).toBeDefined();
    all.clock.advance(96_000);
    await all.found(true);
    expect(await all.store.find(all.identity('web'))).toBeUndefined();
  });
});
