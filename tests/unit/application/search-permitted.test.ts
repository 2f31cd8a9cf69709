// What is looked for by name, owner, age and order, page by page: held against reading everything, leaving out the rest and sorting it.
import { describe, expect, it } from 'vitest';
import type { Grant } from '../../../lib/access/access-document.ts';
import { matches } from '../../../lib/access/patterns.ts';
import { type Search, searchPermitted } from '../../../lib/application/search-permitted.ts';
import { sortings } from '../../../lib/contract/metadata.ts';
import { VendingError } from '../../../lib/errors.ts';
import { type Identity, identityKey } from '../../../lib/identity.ts';
import type { Attempt } from '../../../lib/vending/attempt.ts';
import type { KeyPairRecord } from '../../../lib/vending/record.ts';
import type { AgeDefaults } from '../../../lib/vending/rotation/rotation-schedule.ts';
import { memoryLedger } from '../../doubles/memory-ledger.ts';
import { type Random, random } from '../../doubles/random.ts';
import { testClock } from '../../doubles/test-clock.ts';

const DAY_MS = 24 * 60 * 60_000;
const age = { maxAgeDays: 0, spread: 0 } as unknown as AgeDefaults;
const owners = ['issuer default, subject ana', 'issuer default, subject ben'];
const names = ['a', 'ab', 'abc', 'team-a-1', 'team-a-2', 'team-b-1', 'web:prod', 'web:prod-2', 'z'];

async function filled(chance: Random, most = Number.POSITIVE_INFINITY) {
  const ledger = memoryLedger<KeyPairRecord, Attempt>({ clock: testClock() });
  const records: KeyPairRecord[] = [];
  for (const provider of ['ens', 'ecs', 'cvm'] as const)
    for (const region of ['global', 'cn-hangzhou'])
      for (const account of ['default', 'other'])
        for (const name of names) {
          if (records.length >= most) continue;
          const requestedAtMs = chance.below(4) * DAY_MS; // some at the same moment
          const versions = chance.chance(0.8) ? [{ activatedAtMs: requestedAtMs + chance.below(3) * DAY_MS }] : [];
          const record = {
            ...{
              identity: { provider, account, region, name } as Identity,
              requestedBy: chance.pick(owners),
              requestedAtMs,
            },
            ...{ state: versions.length > 0 ? 'active' : 'vacant', request: {}, requestHash: '', versions },
          } as unknown as KeyPairRecord;
          await ledger.write(record, 0);
          records.push(record);
        }
  return { ledger, records };
}

const grants: readonly (readonly Grant['on'][] | undefined)[] = [
  undefined,
  [{ provider: ['ecs'], account: 'any', region: 'any', name: ['team-a-*', 'web:prod'] }],
  [
    { provider: 'any', account: ['default'], region: ['cn-hangzhou'], name: 'any' },
    { provider: ['cvm'], account: 'any', region: 'any', name: ['a'] },
  ],
  [],
];

const has = (allowed: readonly string[] | 'any', word: string) => allowed === 'any' || allowed.includes(word);
const mayRead = (granted: readonly Grant['on'][] | undefined, { provider, account, region, name }: Identity): boolean =>
  granted === undefined ||
  granted.some(
    (on) =>
      has(on.provider, provider) &&
      has(on.account, account) &&
      has(on.region, region) &&
      (on.name === 'any' || on.name.some((pattern) => matches(pattern, name))),
  );

/** In the order of a listing, where nothing else tells two apart. */
const place = ({ identity: { provider, region, account, name } }: KeyPairRecord) =>
  [provider, region, account, name].join('/');
const activated = ({ versions }: KeyPairRecord) => versions.at(-1)?.activatedAtMs;

function expected(records: readonly KeyPairRecord[], { name, requestedBy, activatedBefore, sort, provider }: Search) {
  const wanted = records.filter(
    (record) =>
      (provider === undefined || record.identity.provider === provider) &&
      (name === undefined || record.identity.name.startsWith(name)) &&
      (requestedBy === undefined || record.requestedBy === requestedBy) &&
      (activatedBefore === undefined || (activated(record) ?? Number.POSITIVE_INFINITY) < Date.parse(activatedBefore)),
  );
  const value = (record: KeyPairRecord): string | number | undefined =>
    sort?.endsWith('name')
      ? record.identity.name
      : sort?.endsWith('requestedAt')
        ? record.requestedAtMs
        : sort?.endsWith('activatedAt')
          ? activated(record)
          : undefined;
  const turn = sort?.startsWith('-') ? -1 : 1;
  const order = (a: string | number, b: string | number) => (a < b ? -1 : a > b ? 1 : 0);
  return wanted
    .sort((a, b) => {
      const [x, y] = [value(a), value(b)];
      if (x === undefined || y === undefined) return x === y ? order(place(a), place(b)) : x === undefined ? 1 : -1;
      return turn * order(x, y) || order(place(a), place(b));
    })
    .map(({ identity }) => identityKey(identity));
}

describe('what is looked for', () => {
  it('is all of it, in its order and page by page, and nothing that the caller may not read', async () => {
    const chance = random(11);
    const { ledger, records } = await filled(chance);
    let found = 0;
    for (let i = 0; i < 150; i += 1) {
      const granted = chance.pick(grants);
      const search: Omit<Search, 'limit'> = {
        own: true,
        ...(chance.chance(0.3) && { provider: chance.pick(['ens', 'ecs', 'cvm'] as const) }),
        ...(chance.chance(0.5) && { name: chance.pick(['a', 'ab', 'team-', 'team-a-', 'web', 'web:prod', 'q', 'z']) }),
        ...(chance.chance(0.4) && { requestedBy: chance.pick(owners) }),
        ...(chance.chance(0.4) && { activatedBefore: new Date(chance.below(6) * DAY_MS).toISOString() }),
        ...(chance.chance(0.7) && { sort: chance.pick(sortings) }),
      };
      const limit = 1 + chance.below(7);
      const seen: string[] = [];
      for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
        const page = await searchPermitted(
          ledger,
          { ...search, limit, ...(cursor !== undefined && { cursor }) },
          granted,
          age,
        );
        expect(page.records.length).toBeLessThanOrEqual(limit);
        seen.push(...page.records.map(({ identity }) => identityKey(identity)));
        cursor = page.cursor;
      }
      const permitted = records.filter(({ identity }) => mayRead(granted, identity));
      expect(seen, JSON.stringify({ search, granted, limit })).toEqual(expected(permitted, { ...search, limit }));
      found += seen.length;
    }
    expect(found).toBeGreaterThan(500);
  });

  it('is not put in order where it is too much for one request, and says how to narrow it', async () => {
    const ledger = memoryLedger<KeyPairRecord, Attempt>({ clock: testClock() });
    for (let i = 0; i < 2_001; i += 1) {
      const identity = { provider: 'ecs', account: 'default', region: 'cn-a', name: `w-${i}` } as Identity;
      await ledger.write(
        { identity, state: 'active', versions: [], requestedBy: 'x', requestedAtMs: i } as unknown as KeyPairRecord,
        0,
      );
    }
    const sorted = searchPermitted(ledger, { limit: 10, sort: '-requestedAt' }, undefined, age);
    await expect(sorted).rejects.toMatchObject({
      code: 'LISTING_TOO_LONG',
      message: expect.stringContaining('leave out the sort'),
    });
    const narrowed = await searchPermitted(ledger, { limit: 1, sort: '-requestedAt', name: 'w-19' }, undefined, age);
    expect(narrowed.records.map(({ identity }) => identity.name)).toEqual(['w-1999']);
  });

  it('takes no cursor of another search, or one that nobody gave', async () => {
    const { ledger } = await filled(random(3));
    const { cursor = '' } = await searchPermitted(ledger, { limit: 1, sort: 'name' }, undefined, age);
    expect(cursor).not.toBe('');
    const forged = `${cursor.split('.')[0]}.${Buffer.from('{"a":1}').toString('base64url')}`;
    for (const search of [
      { sort: '-name', cursor },
      { name: 'a', cursor },
      { sort: 'name', cursor: forged },
      { sort: 'name', cursor: 'x' },
    ] as const) {
      const page = searchPermitted(ledger, { limit: 1, ...search }, undefined, age);
      await expect(page, JSON.stringify(search)).rejects.toThrow(VendingError);
    }
  });
});
