// What only a ledger on the network meets: answers that get lost after the write was done, throttling, half answers,
// and indexes that lag behind.
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { VendingError } from '../../lib/errors.ts';
import { failureOf } from './key-pair-provider.ts';
import { type LocalDynamo, type LocalTable, startDynalite } from './ledger-dynamodb-local.ts';
import { type Spoil, type SpoilingProxy, startProxy } from './ledger-dynamodb-proxy.ts';
import { active, called, everyCall, namesOf, numbers, type TestLedger, web } from './ledger-harness.ts';

let dynamo: LocalDynamo;
let proxy: SpoilingProxy;
let table: LocalTable;
/** Behind the proxy; `other` is not. */
let ledger: TestLedger;
let other: TestLedger;
let waits: number[];
let now: number;

beforeAll(async () => {
  dynamo = await startDynalite();
});
afterAll(() => dynamo.stop());
beforeEach(async () => {
  proxy = await startProxy(dynamo.endpoint);
  table = await dynamo.table();
  waits = [];
  ledger = table.open({
    endpoint: proxy.endpoint,
    jitter: () => 1,
    wait: async (ms) => {
      waits.push(ms);
    },
  });
  other = table.ledger;
  now = table.clock.wallMs();
});
afterEach(() => proxy.stop());

const unavailable = (effect: 'none' | 'unknown') => ({ name: 'VendingError', code: 'LEDGER_UNAVAILABLE', effect });
const lost: Spoil[] = ['drop after', '500 after', 'HTML 200 after', 'half a body after'];

describe('an answer that got lost after the write was done', () => {
  it.for(lost)('leads to no false conflict: %s', async (spoil) => {
    proxy.spoil(spoil);
    expect(await ledger.write(active(web, { note: 1 }), 0)).toBe(1);
    proxy.spoil(spoil, spoil);
    expect(await ledger.write(active(web, { note: 2 }), 1)).toBe(2);
    expect(await other.read(web)).toEqual({ record: active(web, { note: 2 }), revision: 2 });
  });

  it('leads to no false success when another writer was faster than the second try', async () => {
    await other.write(active(web, { note: 0 }), 0);
    proxy.spoil('drop before');
    proxy.between(1, () => other.write(active(web, { note: 'theirs' }), 1));
    expect(await ledger.write(active(web, { note: 'ours' }), 1)).toBe('conflict');
    expect((await other.read(web))?.record.note).toBe('theirs');
  });

  it('leads to no false success when another writer won the opening', async () => {
    proxy.spoil('drop before');
    proxy.between(1, () => other.write(active(web, { note: 'theirs' }), 0));
    expect(await ledger.write(active(web, { note: 'ours' }), 0)).toBe('conflict');
  });

  it('leads to a conflict when the revision had never been written', async () => {
    proxy.spoil('drop before');
    expect(await ledger.write(active(web), 7)).toBe('conflict');
    await other.write(active(web), 0);
    proxy.spoil('drop before');
    expect(await ledger.write(active(web), 7)).toBe('conflict');
  });

  it('leaves the effect unknown once others have written over it', async () => {
    proxy.spoil('drop after');
    proxy.between(1, () => other.write(active(web, { note: 'later' }), 1));
    expect(await failureOf(ledger.write(active(web), 0))).toMatchObject(unavailable('unknown'));
  });

  it('leaves the effect unknown when it happens three times', async () => {
    proxy.spoil('drop after', 'drop after', '500 after');
    expect(await failureOf(ledger.write(active(web), 0))).toMatchObject(unavailable('unknown'));
    expect((await other.read(web))?.revision).toBe(1);
  });

  it('leaves the effect unknown even if the last try was throttled', async () => {
    const throttle = { refuse: 'ThrottlingException' };
    proxy.spoil('drop after', throttle, throttle);
    expect(await failureOf(ledger.write(active(web), 0))).toMatchObject(unavailable('unknown'));
  });

  it.for(lost)('leaves what is remembered as it was asked to be: %s', async (spoil) => {
    proxy.spoil(spoil);
    expect(await ledger.remember('key', 'ours', now, now + 1_000)).toBe('ours');
    expect(await other.remember('key', 'theirs', now, now + 1_000)).toBe('ours');
    proxy.spoil(spoil);
    await ledger.restate('key', 'done', now + 1_000);
    expect(await other.remember('key', 'theirs', now, now + 1_000)).toBe('done');
  });

  it('does not hide that the only permit was acquired', async () => {
    proxy.spoil('drop after');
    const take = (one: TestLedger) => one.tryAcquire('cvm/default/1', 1, now + 1_000);
    expect([await take(ledger), await take(other)]).toEqual([true, false]);
  });

  it('acquires one permit, not two', async () => {
    proxy.spoil('drop after', '500 after');
    const take = (one: TestLedger) => one.tryAcquire('cvm/default/1', 2, now + 1_000);
    expect([await take(ledger), await take(other), await take(other)]).toEqual([true, true, false]);
    proxy.spoil('500 before');
    expect(await take(ledger)).toBe(false);
  });

  it('files an attempt once', async () => {
    proxy.spoil('drop after', '500 after');
    await ledger.fileAttempt(web, 'a', { note: 1 });
    expect(await other.attempts(web)).toEqual(new Map([['a', { note: 1 }]]));
  });
});

describe('a change between two requests of one call', () => {
  it('makes the call ask again when the value that stood has been forgotten', async () => {
    await other.remember('key', 'theirs', now, now + 1_000);
    proxy.between(1, () => other.restate('key', 'over', now));
    expect(await ledger.remember('key', 'ours', now, now + 1_000)).toBe('ours');
    expect(proxy.actions()).toEqual(['PutItem', 'GetItem', 'PutItem']);
  });

  it('makes the call give up after the third time', async () => {
    await other.remember('key', 'theirs', now, now + 1_000);
    for (const i of numbers(3)) {
      proxy.between(2 * i, () => other.remember('key', 'theirs', now, now + 1_000));
      proxy.between(2 * i + 1, () => other.restate('key', 'over', now));
    }
    expect(await failureOf(ledger.remember('key', 'ours', now, now + 1_000))).toMatchObject(unavailable('none'));
    expect(proxy.seen).toHaveLength(6);
  });
});

describe('a failure that may pass', () => {
  it.for<Spoil>([
    'drop before',
    '500 before',
    'HTML 503',
    'half a body after',
    { refuse: 'ProvisionedThroughputExceededException' },
    { refuse: 'ThrottlingException' },
    { refuse: 'RequestLimitExceeded' },
    { refuse: 'ReplicatedWriteConflictException' },
    { refuse: 'ExpiredTokenException' },
  ])('is tried again twice, after pauses that grow: %o', async (spoil) => {
    await other.write(active(web), 0);
    for (const call of Object.values(everyCall(ledger, now).reads)) {
      proxy.spoilEach(spoil, 2);
      const before = proxy.seen.length;
      await call();
      expect((proxy.seen.length - before) % 3).toBe(0);
    }
    proxy.spoilEach(spoil, 0);
    waits.length = 0;
    proxy.spoil(spoil, spoil);
    expect(await ledger.write(active(web), 1)).toBe(2);
    expect(waits).toEqual([200, 400]);
  });

  it('ends with LEDGER_UNAVAILABLE after the third try, and the code that DynamoDB gave', async () => {
    const throttle = { refuse: 'ProvisionedThroughputExceededException' };
    proxy.spoil(throttle, throttle, throttle);
    const failure = await failureOf(ledger.write(active(web), 0));
    expect(failure).toMatchObject({
      ...unavailable('none'),
      upstreamCode: 'ProvisionedThroughputExceededException',
      requestId: 'REQUEST1',
    });
    expect(proxy.actions()).toEqual(['PutItem', 'PutItem', 'PutItem']);
    expect(await other.read(web)).toBeUndefined();
  });

  it.for(['AccessDeniedException', 'ResourceNotFoundException', 'ValidationException'])(
    'does not include %s, which is not tried again',
    async (refuse) => {
      const { reads, writes } = everyCall(ledger, now);
      for (const call of Object.values({ ...reads, ...writes })) {
        proxy.spoil(...numbers(call.name === 'due' ? 4 : 1).map(() => ({ refuse })));
        const failure = await failureOf(call());
        expect(failure).toMatchObject({ ...unavailable('none'), upstreamCode: refuse });
        expect(failure.message).not.toMatch(/web|key|value|window|html/);
      }
      expect(waits).toEqual([]);
    },
  );

  it('is tried again after pauses that are spread', async () => {
    const pauses: number[] = [];
    const parts = [0.25, 0.75];
    const spread = table.open({
      endpoint: proxy.endpoint,
      jitter: () => parts.shift()!,
      wait: async (ms) => void pauses.push(ms),
    });
    proxy.spoil('500 before', '500 before');
    await spread.read(web);
    expect(pauses).toEqual([50, 300]);
  });
});

describe('an answer in pieces', () => {
  const short = { ask: (body: { Limit?: number }) => ({ ...body, Limit: Math.min(body.Limit ?? 3, 3) }) };

  it('is put together for attempts, for what is due and for a listing', async () => {
    for (const i of numbers(10)) {
      await other.write(active(called(`n${i}`), { settleAtMs: i }), 0);
      await other.fileAttempt(web, `a${i}`, i);
    }
    proxy.spoil(...numbers(4).map(() => short));
    expect((await ledger.attempts(web)).size).toBe(10);
    proxy.spoil(...numbers(20).map(() => short));
    expect(namesOf(await ledger.due('settle', 10, 100))).toEqual(numbers(10).map((i) => `n${i}`));
    proxy.seen.length = 0;
    const listed = await ledger.list({ provider: 'ecs', limit: 10 });
    expect(listed.records.map(({ identity }) => identity.name)).toEqual(numbers(10).map((i) => `n${i}`));
  });

  it('is completed by asking again for records that a batch left out', async () => {
    for (const i of numbers(5)) await other.write(active(called(`n${i}`)), 0);
    const keysOf = (body: { RequestItems: Record<string, { Keys: unknown[] }> }) =>
      body.RequestItems[table.table]!.Keys;
    const one: Spoil = {
      ask: (body) => ({ RequestItems: { [table.table]: { Keys: keysOf(body).slice(0, 1), ConsistentRead: true } } }),
      answer: (body, asked) => ({
        ...body,
        UnprocessedKeys: keysOf(asked).length > 1 ? { [table.table]: { Keys: keysOf(asked).slice(1) } } : {},
      }),
    };
    proxy.spoil(undefined, undefined, ...numbers(5).map(() => one));
    const { records } = await ledger.list({ provider: 'ecs', limit: 5 });
    expect(namesOf(records.map(({ identity }) => identity))).toEqual(['n0', 'n1', 'n2', 'n3', 'n4']);
    const none: Spoil = { answer: (_, asked) => ({ Responses: {}, UnprocessedKeys: asked.RequestItems }) };
    proxy.spoil(undefined, undefined, none, none, none);
    expect(await failureOf(ledger.list({ provider: 'ecs', limit: 5 }))).toMatchObject(unavailable('none'));
  });

  it('shows the records as they are now when the index lags behind', async () => {
    for (const name of ['a', 'b', 'c']) await other.write({ identity: called(name), state: 'conflict' }, 0);
    const filter = { provider: 'ecs', state: 'conflict', limit: 2 } as const;
    let stale: unknown;
    proxy.spoil({ answer: (body) => (stale = body) });
    const first = await ledger.list(filter);
    expect(first.records).toHaveLength(2);
    await other.write(active(called('a')), 1);
    proxy.spoil({ answer: () => stale });
    const behind = await ledger.list(filter);
    expect(behind.records).toEqual([{ identity: called('b'), state: 'conflict' }]);
    const next = await ledger.list({ ...filter, cursor: behind.cursor! });
    expect(next.records).toEqual([{ identity: called('c'), state: 'conflict' }]);
  });

  it.for<[string, object]>([
    ['a record that is not JSON', { Item: { record: { S: '{' }, revision: { N: '1' } } }],
    ['a record that does not unpack', { Item: { record: { B: 'd2Vi' }, revision: { N: '1' } } }],
    ['a record of neither kind', { Item: { record: { N: '1' }, revision: { N: '1' } } }],
    ['no revision', { Item: { record: { S: '{}' } } }],
    ['no record', { Item: { revision: { N: '1' } } }],
  ])('is not made up when it has %s', async ([, answer]) => {
    proxy.spoil({ answer: () => answer });
    expect(await failureOf(ledger.read(web))).toMatchObject(unavailable('none'));
  });
});

describe('a ledger that cannot be asked', () => {
  const all = async (one: TestLedger) => {
    const { reads, writes } = everyCall(one, now);
    const failures: VendingError[] = [];
    for (const call of Object.values({ ...reads, ...writes })) failures.push(await failureOf(call()));
    return failures;
  };

  it('says that nothing was done when the server is gone', async () => {
    const gone = await startProxy(dynamo.endpoint);
    await gone.stop();
    for (const failure of await all(table.open({ endpoint: gone.endpoint }))) {
      expect(failure).toMatchObject(unavailable('none'));
      expect(failure.message).toContain('ECONNREFUSED');
    }
  });

  it('says that nothing was done when there are no credentials, and does not repeat why', async () => {
    const credentials = () => Promise.reject(new Error('wJalrXUtnFEMI'));
    for (const failure of await all(table.open({ credentials }))) {
      expect(failure).toMatchObject(unavailable('none'));
      expect(inspect(failure)).not.toContain('wJalrXUtnFEMI');
    }
  });
});
