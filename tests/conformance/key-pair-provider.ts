// What every provider owes to whatever vends through it. Run by each adapter against its local cloud, and by anything
// else that claims to be a KeyPairProvider.
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { VendingError } from '../../lib/errors.ts';
import { hasTags, rowOf } from '../../lib/provider-table.ts';
import type { KeyPairProvider, NewPair } from '../../lib/providers/provider.ts';
import { fingerprintEvidence } from '../../lib/ssh/evidence.ts';
import { fingerprints } from '../../lib/ssh/fingerprint.ts';
import { parsePrivateKey } from '../../lib/ssh/private-key.ts';
import type { CallLimits } from '../../lib/transport/wire.ts';

type Action = 'create' | 'import' | 'describe' | 'delete';

/** What can go wrong with one call. `committed` says whether the cloud carries the action out all the same. */
const troubles = {
  'a connection dropped before the action': { committed: false },
  'a connection dropped after the action': { committed: true },
  'HTML with a 5xx status before the action': { committed: false },
  'HTML with a 5xx status after the action': { committed: true },
  'no answer at all': { committed: false },
  'an empty answer': { committed: true },
  'a truncated answer': { committed: true },
  'half an answer of the right length': { committed: true },
  'an answer that is not JSON': { committed: true },
  'an endless answer': { committed: true },
} as const;
export type Trouble = keyof typeof troubles;

export interface Harness {
  readonly provider: KeyPairProvider;
  readonly region: string;
  /** A request for a name, with what this provider requires besides. */
  pair(name: string): NewPair;
  /** A fresh RSA public key, an OpenSSH line without comment. */
  publicKey(): string;
  /** Spoils the next call of that action. */
  trouble(action: Action, trouble: Trouble): void;
  throttle(action: Action, waitMs: number): void;
  /** Somebody else's pair appears, or any pair disappears, without a word to us. */
  stranger(name: string): Promise<unknown>;
  vanish(name: string): Promise<void>;
  /** The names that exist in the cloud. */
  names(): string[];
  /** How many calls of that action arrived. */
  calls(action: Action): number;
  /** Moves the cloud's clock, and ours with it. */
  advance(ms: number): void;
  cloudNow(): number;
}

const call: CallLimits = { timeoutMs: 20_000 };
const hurried: CallLimits = { timeoutMs: 300 };

/** The error a call ends with; a call that succeeds fails the test. */
export const failureOf = (result: Promise<unknown>): Promise<VendingError> =>
  result.then(
    (value) => Promise.reject(new Error(`succeeded with ${inspect(value)}`)),
    (error) => error,
  );

export function keyPairProviderContract(start: () => Promise<Harness>): void {
  describe('making pairs', () => {
    it('gives an id, a private key that parses, and evidence that agrees with it', async () => {
      const { provider, pair } = await start();
      const made = await provider.create(pair('web_1'), call);
      const key = parsePrivateKey(made.privateKey);
      expect(made).toMatchObject({ name: 'web_1', id: expect.stringMatching(/^(ssh|skey)-[a-z0-9]+$/) });
      expect(made.fingerprint).toMatch(/^[0-9a-f]{2}(:[0-9a-f]{2})+$/);
      expect(fingerprintEvidence(made.fingerprint, key)).toBe('agrees');
      expect(made.publicKey ?? key.publicKey).toBe(key.publicKey);
    });

    it('makes different keys for different names, even for many at once', async () => {
      const { provider, pair } = await start();
      const names = Array.from({ length: 8 }, (_, i) => `burst_${i}`);
      const made = await Promise.all(names.map((name) => provider.create(pair(name), call)));
      expect(new Set(made.map(({ privateKey }) => parsePrivateKey(privateKey).publicKey)).size).toBe(names.length);
      expect(made.map(({ name }) => name)).toEqual(names);
    });

    it('answers NAME_TAKEN to a name that is there, with an unknown effect, since the pair may be ours', async () => {
      const { provider, pair, calls } = await start();
      await provider.create(pair('web_1'), call);
      const failure = await failureOf(provider.create(pair('web_1'), call));
      expect(failure).toMatchObject({ code: 'NAME_TAKEN', effect: 'unknown' });
      expect(calls('create')).toBe(2);
    });

    it('shows the key to nobody who prints the answer', async () => {
      const { provider, pair } = await start();
      const made = await provider.create(pair('web_1'), call);
      const line = made.privateKey.reveal().split('\n')[1]!.slice(0, 40);
      for (const shown of [inspect(made, { depth: 9, showHidden: true }), JSON.stringify(made), String(made)]) {
        expect(shown).not.toContain(line);
        expect(shown).not.toContain('PRIVATE KEY');
      }
    });
  });

  describe('the outcome of a call', () => {
    it.each(Object.entries(troubles))(
      'is unknown after %s, and the create is not sent again',
      async (trouble, { committed }) => {
        const { provider, pair, trouble: spoil, calls, names } = await start();
        spoil('create', trouble as Trouble);
        const failure = await failureOf(provider.create(pair('web_1'), hurried));
        expect(failure).toMatchObject({ name: 'VendingError', code: 'OUTCOME_UNKNOWN', effect: 'unknown' });
        expect(calls('create')).toBe(1);
        expect(names()).toEqual(committed ? ['web_1'] : []);
        expect(inspect(failure, { depth: 9 })).not.toMatch(/PRIVATE KEY|MII[A-Za-z0-9+/]{20}/);
      },
    );

    it.each(['import', 'delete'] as const)('is unknown when the answer to the action "%s" is lost', async (action) => {
      const { provider, pair, trouble: spoil, calls, publicKey, region } = await start();
      const { id } = action === 'delete' ? await provider.create(pair('web_1'), call) : { id: undefined };
      spoil(action, 'a connection dropped after the action');
      const lost =
        action === 'import'
          ? provider.import({ ...pair('web_1'), publicKey: publicKey() }, call)
          : provider.remove({ region, name: 'web_1', ...(id === undefined ? {} : { id }) }, call);
      expect(await failureOf(lost)).toMatchObject({ code: 'OUTCOME_UNKNOWN', effect: 'unknown' });
      expect(calls(action)).toBe(1);
    });

    it('is that nothing was made when the call was cancelled or out of time before it was sent', async () => {
      const { provider, pair, names, calls } = await start();
      const cancelled = provider.create(pair('web_1'), { ...call, signal: AbortSignal.abort() });
      expect(await failureOf(cancelled)).toMatchObject({ code: 'CANCELLED', effect: 'none' });
      const late = provider.create(pair('web_1'), { ...call, signBefore: { wallMs: 0, monotonicMs: 0 } });
      expect(await failureOf(late)).toMatchObject({ code: 'DEADLINE_PASSED', effect: 'none' });
      expect(names()).toEqual([]);
      expect(calls('create')).toBe(0);
    });

    it('is that nothing was made when the call was throttled, together with how long to wait', async () => {
      const { provider, pair, throttle, names } = await start();
      throttle('create', 2_500);
      const failure = await failureOf(provider.create(pair('web_1'), call));
      expect(failure).toMatchObject({ code: 'THROTTLED', effect: 'none' });
      expect(failure.retryAfterMs).toBeGreaterThanOrEqual(1_000);
      expect(names()).toEqual([]);
    });
  });

  describe('finding pairs', () => {
    it('finds only pairs of exactly that name, together with the evidence of whose they are', async () => {
      const { provider, pair, region, stranger, advance, cloudNow } = await start();
      const madeAt = cloudNow();
      const made = await provider.create(pair('web_1'), call);
      advance(90_000);
      for (const name of ['web_10', 'aweb_1', 'WEB_1']) await stranger(name);
      const { pairs, cloudTime } = await provider.find({ region, name: 'web_1' }, call);
      expect(pairs).toHaveLength(1);
      const [found] = pairs;
      expect(found).toMatchObject({ name: 'web_1', fingerprint: made.fingerprint });
      expect(found?.id ?? made.id).toBe(made.id);
      expect(found?.publicKey ?? made.publicKey).toBe(made.publicKey ?? found?.publicKey);
      expect(found?.tags).toEqual(hasTags(provider.provider) ? (pair('web_1').tags ?? {}) : undefined);
      const age = madeAt - found!.createdAt!.getTime();
      expect(age).toBeGreaterThanOrEqual(0);
      expect(age).toBeLessThan(rowOf(provider.provider).createdAtPrecisionMs);
      expect(Math.abs(cloudTime!.getTime() - cloudNow())).toBeLessThan(1_000);
    });

    it('finds nothing where there is nothing', async () => {
      const { provider, region } = await start();
      expect((await provider.find({ region, name: 'web_1' }, call)).pairs).toEqual([]);
    });

    it.each(Object.keys(troubles))('does not take %s for absence', async (trouble) => {
      const { provider, region, trouble: spoil } = await start();
      spoil('describe', trouble as Trouble);
      const failure = await failureOf(provider.find({ region, name: 'web_1' }, hurried));
      expect(failure).toMatchObject({ code: 'CLOUD_UNREACHABLE', effect: 'none' });
    });
  });

  describe('listing pairs', () => {
    it('lists all pairs, over many pages', async () => {
      const { provider, region, stranger } = await start();
      const names = Array.from({ length: 230 }, (_, i) => `bulk_${i}`);
      for (const name of names) await stranger(name);
      const { pairs } = await provider.list({ region }, call);
      expect(pairs.map(({ name }) => name).sort()).toEqual(names.sort());
    });

    it('counts the pairs, whoever made them', async () => {
      const { provider, pair, region, stranger } = await start();
      expect(await provider.count(region, call)).toBe(0);
      await provider.create(pair('web_1'), call);
      await stranger('theirs_1');
      expect(await provider.count(region, call)).toBe(2);
    });

    it('lists only the pairs with our tag, where there are tags', async () => {
      const { provider, region, stranger, pair } = await start();
      await stranger('theirs');
      const tags = { keyvend: 'here' };
      if (!hasTags(provider.provider))
        return expect(failureOf(provider.list({ region, tags }, call))).resolves.toBeInstanceOf(TypeError);
      await provider.create({ ...pair('ours'), tags }, call);
      await provider.create({ ...pair('other'), tags: { keyvend: 'elsewhere' } }, call);
      expect((await provider.list({ region, tags }, call)).pairs.map(({ name }) => name)).toEqual(['ours']);
    });

    it('misses none of the pairs that stay while others go', async () => {
      const { provider, region, stranger, vanish } = await start();
      const names = Array.from({ length: 230 }, (_, i) => `bulk_${i}`);
      for (const name of names) await stranger(name);
      const listing = provider.list({ region }, call);
      const going = names.slice(0, 5);
      for (const name of going) {
        await new Promise(setImmediate);
        await vanish(name);
      }
      const listed = new Set((await listing).pairs.map(({ name }) => name));
      expect(names.filter((name) => !going.includes(name) && !listed.has(name))).toEqual([]);
    });
  });

  describe('importing and removing pairs', () => {
    it('imports a public key that is then found under its own fingerprint', async () => {
      const { provider, pair, publicKey, region } = await start();
      const line = publicKey();
      const imported = await provider.import({ ...pair('web_1'), publicKey: line }, call);
      const [found] = (await provider.find({ region, name: 'web_1' }, call)).pairs;
      expect(found?.fingerprint).toBe(fingerprints(line).md5);
      expect(imported.fingerprint ?? found?.fingerprint).toBe(found?.fingerprint);
      expect(imported.id ?? found?.id).toBe(found?.id ?? imported.id);
    });

    it('removes that pair and no other, and does not fail for one that is gone already', async () => {
      const { provider, pair, names, region } = await start();
      const { id } = await provider.create(pair('web_1'), call);
      await provider.create(pair('web_2'), call);
      const target = { region, name: 'web_1', id };
      expect(await provider.remove(target, call)).toBe('removed');
      expect(names()).toEqual(['web_2']);
      expect(['removed', 'absent']).toContain(await provider.remove(target, call));
      expect(names()).toEqual(['web_2']);
    });

    it('does not remove by name what can be removed by id', async () => {
      const { provider, pair, names, region } = await start();
      await provider.create(pair('web_1'), call);
      if (rowOf(provider.provider).removesBy === 'name')
        return expect(await provider.remove(pair('web_1'), call)).toBe('removed');
      expect(await failureOf(provider.remove({ region, name: 'web_1' }, call))).toBeInstanceOf(TypeError);
      expect(names()).toEqual(['web_1']);
    });
  });
}
