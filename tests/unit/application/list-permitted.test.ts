// Pages of what somebody may read, held against reading everything and leaving out the rest; and what their cursors give away.
import { describe, expect, it } from 'vitest';
import type { Grant } from '../../../lib/access/access-document.ts';
import { matches } from '../../../lib/access/patterns.ts';
import { listPermitted } from '../../../lib/application/list-permitted.ts';
import { type Identity, identityKey } from '../../../lib/identity.ts';
import type { Listing } from '../../../lib/ledger/ledger.ts';
import { providerNames } from '../../../lib/provider-table.ts';
import type { Attempt } from '../../../lib/vending/attempt.ts';
import type { KeyPairRecord } from '../../../lib/vending/record.ts';
import { memoryLedger } from '../../doubles/memory-ledger.ts';
import { random } from '../../doubles/random.ts';
import { testClock } from '../../doubles/test-clock.ts';

const names = [
  'team',
  'team-',
  'team-a',
  'team-a-',
  'team-a-1',
  'team-a:1',
  'team-ab',
  'team-b-1',
  'team_a_1',
  'Team-a-1',
  'web',
  'web:prod',
  'web:prod-2',
  'web;',
];
const identities: Identity[] = ['ens', 'ecs', 'cvm'].flatMap((provider) =>
  ['global', 'cn-hangzhou', 'cn-hangzhou-2', 'ap-tokyo'].flatMap((region) =>
    ['default', 'default-2', 'other'].flatMap((account) =>
      names.map((name) => ({ provider, account, region, name }) as Identity),
    ),
  ),
);
const patterns = ['team-a-*', 'team-*', 'team_a_*', 'web:*', 'web:prod', 'team-a', 'web'];

async function filled() {
  const clock = testClock();
  const ledger = memoryLedger<KeyPairRecord, Attempt>({ clock });
  for (const identity of identities)
    await ledger.write({ identity, state: identity.name.length % 2 ? 'active' : 'conflict' } as KeyPairRecord, 0);
  return ledger;
}

const allowed = (granted: readonly Grant['on'][], { provider, account, region, name }: Identity): boolean =>
  granted.some(
    (on) =>
      (on.provider === 'any' || on.provider.includes(provider)) &&
      (on.account === 'any' || on.account.includes(account)) &&
      (on.region === 'any' || on.region.includes(region)) &&
      (on.name === 'any' || on.name.some((pattern) => matches(pattern, name))),
  );

describe('a list of what a caller may read', () => {
  it('is all of that, in order, page by page, and nothing else; its cursors name nothing else either', async () => {
    const ledger = await filled();
    const everything: Identity[] = [];
    for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
      const page = await ledger.list({ limit: 100, ...(cursor === undefined ? {} : { cursor }) });
      everything.push(...page.records.map(({ identity }) => identity));
      cursor = page.cursor;
    }
    const chance = random(7);
    const some = <T>(all: readonly T[]): readonly T[] | 'any' => {
      const chosen = all.filter(() => chance.chance(0.4));
      return chosen.length === 0 || chance.chance(0.3) ? 'any' : chosen;
    };
    let shown = 0;
    for (let i = 0; i < 40; i += 1) {
      const granted = Array.from({ length: chance.below(4) }, () => ({
        provider: some(providerNames),
        account: some(['default', 'default-2']),
        region: some(['global', 'cn-hangzhou', 'ap-tokyo']),
        name: some(patterns),
      }));
      const filter: Omit<Listing, 'limit'> = {
        ...(chance.chance(0.4) && { provider: chance.pick(providerNames) }),
        ...(chance.chance(0.4) && { region: chance.pick(['global', 'cn-hangzhou']) }),
        ...(chance.chance(0.3) && { state: 'conflict' }),
      };
      const limit = chance.pick([2, 9, 100]);
      const found: Identity[] = [];
      for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
        const page = await listPermitted(
          ledger,
          { ...filter, limit, ...(cursor === undefined ? {} : { cursor }) },
          granted,
        );
        expect(page.records.length).toBeLessThanOrEqual(limit);
        found.push(...page.records.map(({ identity }) => identity));
        cursor = page.cursor;
        if (cursor === undefined) continue;
        const { provider, region, account, name } = found.at(-1)!;
        expect(Buffer.from(cursor, 'base64url').toString('latin1')).toContain(
          [provider, region, account, name].join('/'),
        );
      }
      const fits = (one: Identity) =>
        (filter.provider === undefined || one.provider === filter.provider) &&
        (filter.region === undefined || one.region === filter.region) &&
        (filter.state === undefined || one.name.length % 2 === 0);
      expect(found.map(identityKey)).toEqual(
        everything.filter((one) => fits(one) && allowed(granted, one)).map(identityKey),
      );
      shown += found.length;
    }
    expect(shown).toBeGreaterThan(500);
  });

  it("goes on from another caller's cursor only with what is the caller's own", async () => {
    const ledger = await filled();
    const on = (name: string): Grant['on'] => ({ provider: 'any', account: 'any', region: 'any', name: [name] });
    const { cursor } = await listPermitted(ledger, { limit: 3 }, [on('team-a-*')]);
    const { records } = await listPermitted(ledger, { limit: 100, cursor: cursor! }, [on('web:*')]);
    expect(records.length).toBeGreaterThan(10);
    expect(records.every(({ identity }) => identity.name.startsWith('web:'))).toBe(true);
  });

  it('is empty where nothing is granted, whatever is there', async () => {
    expect(await listPermitted(await filled(), { limit: 100 }, [])).toEqual({ records: [] });
  });
});
