// Our requests beside those of the official SDK, and what they cost.
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { brotliDecompressSync } from 'node:zlib';
import { DynamoDBClient, GetItemCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { identityKey } from '../../lib/identity.ts';
import { ttlAttribute } from '../../lib/ledger/dynamodb/dynamodb-items.ts';
import { providerNames } from '../../lib/provider-table.ts';
import { Secret } from '../../lib/secret.ts';
import { createTransport } from '../../lib/transport/transport.ts';
import type { Transport } from '../../lib/transport/wire.ts';
import { type LocalDynamo, type LocalTable, startDynalite } from './ledger-dynamodb-local.ts';
import { type Seen, type SpoilingProxy, startProxy } from './ledger-dynamodb-proxy.ts';
import { active, called, everyCall, numbers, web } from './ledger-harness.ts';

let dynamo: LocalDynamo;
let proxy: SpoilingProxy;
beforeAll(async () => {
  dynamo = await startDynalite();
  proxy = await startProxy(dynamo.endpoint);
});
afterAll(async () => {
  await proxy.stop();
  await dynamo.stop();
});

const pair = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const record = active(web, { settleAtMs: 5, note: 'Bär 東京 🗝️ "quoted"' });

/** SigV4 once more, from AWS's page "Create a signed AWS API request", so that the signer is not its own judge. */
function signature({ headers, raw }: Seen): string {
  const said = /SignedHeaders=([^,]+)/.exec(String(headers.authorization))![1]!;
  const names = said.split(';');
  const sha = (text: string) => createHash('sha256').update(text).digest('hex');
  const mac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const canonical = ['POST', '/', '', ...names.map((name) => `${name}:${headers[name]}`), '', said, sha(raw)].join(
    '\n',
  );
  const time = String(headers['x-amz-date']);
  const scope = [time.slice(0, 8), 'us-east-1', 'dynamodb', 'aws4_request'];
  const key = scope.reduce<string | Buffer>(mac, `AWS4${pair.secretAccessKey}`);
  return mac(key, ['AWS4-HMAC-SHA256', time, scope.join('/'), sha(canonical)].join('\n')).toString('hex');
}

describe('a request', () => {
  it.for([undefined, 'a+session/token=='])(
    'is what the SDK sends, and is signed correctly (session token: %s)',
    async (token) => {
      const table = await dynamo.table();
      const ledger = table.open({
        endpoint: proxy.endpoint,
        credentials: async () => ({
          accessKeyId: pair.accessKeyId,
          secretAccessKey: new Secret(pair.secretAccessKey),
          ...(token && { sessionToken: new Secret(token) }),
        }),
      });
      proxy.seen.length = 0;
      await ledger.write(record, 0);
      await ledger.read(web);
      await ledger.attempts(web);
      const ours = proxy.seen.splice(0);

      const credentials = { ...pair, ...(token && { sessionToken: token }) };
      const client = new DynamoDBClient({ region: 'us-east-1', endpoint: proxy.endpoint, credentials });
      const [put, get, query] = ours.map(({ body }) => body);
      await client.send(new PutItemCommand(put)).catch(() => undefined); // it is there already
      await client.send(new GetItemCommand(get));
      await client.send(new QueryCommand(query));
      client.destroy();
      const theirs = proxy.seen.splice(0);

      expect(ours.map(({ action }) => action)).toEqual(['PutItem', 'GetItem', 'Query']);
      for (const [i, one] of ours.entries()) {
        const other = theirs[i]!;
        expect(one).toMatchObject({ method: other.method, url: other.url, raw: other.raw });
        const same = [
          'content-type',
          'x-amz-target',
          'x-amz-content-sha256',
          'x-amz-security-token',
          'content-length',
          'host',
        ];
        for (const name of same) expect([name, one.headers[name]]).toEqual([name, other.headers[name]]);
        const signed = (seen: Seen) => /SignedHeaders=([^,]+)/.exec(String(seen.headers.authorization))![1]!.split(';');
        expect(signed(one)).toEqual(
          expect.arrayContaining(signed(other).filter((name) => /^(host|x-amz-(?!user-agent))/.test(name))),
        );
        const at = new Date(table.clock.wallMs()).toISOString().replace(/[-:]|\.\d{3}/g, '');
        expect(one.headers['x-amz-date']).toBe(at);
        expect(String(one.headers.authorization).split('Signature=')[1]).toBe(signature(one));
        expect(String(other.headers.authorization).split('Signature=')[1]).toBe(signature(other)); // the judge is right
      }
    },
  );

  it('reads the table as it is now, and calls nothing by a name that DynamoDB may have reserved', async () => {
    const table = await dynamo.table();
    const ledger = table.open({ endpoint: proxy.endpoint });
    await table.ledger.write(record, 0);
    await table.ledger.remember('key', 'value', table.clock.wallMs(), table.clock.wallMs() + 1);
    proxy.seen.length = 0;
    const { reads, writes } = everyCall(ledger, table.clock.wallMs());
    for (const call of Object.values({ ...reads, ...writes })) await call();
    const known = /^(AND|OR|BETWEEN|SET|ADD|DELETE|attribute_not_exists|begins_with|contains|size)$/;
    for (const { action, body } of proxy.seen) {
      if (action === 'GetItem') expect(body.ConsistentRead).toBe(true);
      if (action === 'BatchGetItem') expect(body.RequestItems[table.table].ConsistentRead).toBe(true);
      if (action === 'Query') expect(body.ConsistentRead ?? body.IndexName).toBeTruthy(); // an index cannot
      for (const part of ['KeyConditionExpression', 'ConditionExpression', 'UpdateExpression']) {
        const words: string[] = String(body[part] ?? '').match(/[#:]?[a-zA-Z_]+/g) ?? [];
        expect(words.filter((word) => !/^[#:]/.test(word) && !known.test(word))).toEqual([]);
      }
    }
    const actions = new Set(proxy.actions());
    expect([...actions].sort()).toEqual(['BatchGetItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem']);
  });

  it('goes to the host of the region, which has a domain of its own in China', async () => {
    const origins: string[] = [];
    const transport: Transport = {
      send: ({ origin, sign }) => {
        origins.push(origin, sign(0).host!);
        return Promise.reject(new TypeError('enough'));
      },
      close() {},
    };
    const { endpoint: _, ...options } = (await dynamo.table()).options;
    const { dynamoLedger } = await import('../../lib/ledger/dynamodb/dynamodb-ledger.ts');
    for (const region of ['eu-central-1', 'cn-north-1']) {
      await expect(dynamoLedger({ ...options, transport, region }).read(web)).rejects.toMatchObject({
        code: 'LEDGER_UNAVAILABLE',
      });
    }
    const hosts = ['dynamodb.eu-central-1.amazonaws.com', 'dynamodb.cn-north-1.amazonaws.com.cn'];
    expect(origins).toEqual(hosts.flatMap((host) => [`https://${host}`, host]));
  });
});

describe('an item', () => {
  it('is readable by the SDK when we wrote it', async () => {
    const { ledger, client, table: TableName, clock } = await dynamo.table();
    await ledger.write(record, 0);
    const Key = { pk: { S: identityKey(web) }, sk: { S: 'record' } };
    const { Item } = await client.send(new GetItemCommand({ TableName, Key }));
    expect(Item).toMatchObject({
      ...Key,
      revision: { N: '1' },
      settle: { N: '5' },
      providerState: { S: 'ecs/active' },
    });
    expect(Item).not.toHaveProperty('rotate');
    expect(Item).not.toHaveProperty(ttlAttribute); // records never expire
    expect(JSON.parse(Item!.record!.S!)).toEqual(record);
    await ledger.remember('key', 'value', clock.wallMs(), clock.wallMs() + 1_500);
    const hash = createHash('sha256').update('key').digest('hex');
    const remembered = { pk: { S: `remembered/${hash}` }, sk: { S: 'remembered' } };
    const row = (await client.send(new GetItemCommand({ TableName, Key: remembered }))).Item!;
    expect(Number(row[ttlAttribute]!.N) * 1_000).toBeGreaterThanOrEqual(clock.wallMs() + 1_500);
    await ledger.tryAcquire('window', 1, clock.wallMs() + 1_500);
    const slots = { pk: { S: 'slots/window' }, sk: { S: 'slots' } };
    expect((await client.send(new GetItemCommand({ TableName, Key: slots }))).Item).toMatchObject({
      takers: { SS: [expect.any(String)] },
      [ttlAttribute]: row[ttlAttribute],
    });
    await ledger.fileAttempt(web, 'a', {});
    const attempt = { pk: Key.pk, sk: { S: 'attempt/a' } };
    const filed = await client.send(new GetItemCommand({ TableName, Key: attempt }));
    expect(filed.Item).toEqual({ ...attempt, attempt: { S: '{}' } }); // nor do attempts, unless it is said of one
    await ledger.fileAttempt(web, 'a', {}, undefined, clock.wallMs() + 1_500);
    const refused = await client.send(new GetItemCommand({ TableName, Key: attempt }));
    expect(refused.Item![ttlAttribute]).toEqual(row[ttlAttribute]);
  });

  it('holds a long record packed, in less than the 400 KB that an item may have', async () => {
    const { ledger, client, table: TableName } = await dynamo.table();
    const Key = { pk: { S: identityKey(web) }, sk: { S: 'record' } };
    const note = randomBytes(260 * 1024).toString('base64'); // does not pack into less than these bytes
    const long = active(web, { note: [note, note, note] });
    await ledger.write(long, 0);
    const { Item } = await client.send(new GetItemCommand({ TableName, Key }));
    const packed = Item!.record!.B!;
    expect(packed.length).toBeGreaterThan(260 * 1024);
    expect(JSON.parse(brotliDecompressSync(packed).toString())).toEqual(long);
    expect(await ledger.read(web)).toEqual({ record: long, revision: 1 });
    await ledger.write(active(web, { note }), 1);
    await expect(ledger.write(active(web, { note: randomBytes(400 * 1024).toString('base64') }), 2)).rejects.toThrow(
      TypeError,
    );
    expect(await ledger.read(web)).toEqual({ record: active(web, { note }), revision: 2 });
    await ledger.write(record, 2);
    expect((await client.send(new GetItemCommand({ TableName, Key }))).Item!.record).toEqual({
      S: JSON.stringify(record),
    });
  });

  it('is readable by us when the SDK wrote it', async () => {
    const { ledger, client, table: TableName } = await dynamo.table();
    const pk = { S: identityKey(web) };
    const Item = { pk, sk: { S: 'record' }, revision: { N: '41' }, record: { S: JSON.stringify(record) } };
    await client.send(new PutItemCommand({ TableName, Item }));
    expect(await ledger.read(web)).toEqual({ record, revision: 41 });
    expect(await ledger.write(record, 41)).toBe(42);
  });
});

describe('a call', () => {
  /** Requests that go out and items that DynamoDB looks at, for each call: what is paid for. */
  async function costs(table: LocalTable) {
    const inner = createTransport({ clock: table.clock });
    let requests = 0;
    let items = 0;
    const transport: Transport = {
      async send(request, call) {
        requests += 1;
        const answer = await inner.send(request, call);
        const { ScannedCount = 0, Item, Responses = {} } = JSON.parse(answer.body.toString());
        items += ScannedCount + (Item ? 1 : 0) + Object.values<unknown[]>(Responses).flat().length;
        return answer;
      },
      close: () => inner.close(),
    };
    const ledger = table.open({ transport });
    const { reads, writes } = everyCall(ledger, table.clock.wallMs());
    const page = await ledger.list({ provider: 'ecs', limit: 5 });
    const calls = {
      ...reads,
      ...writes,
      replace: () => ledger.write(active(called('n3')), 1),
      listOwn: () => ledger.list({ own: true, limit: 10 }),
      listOwnOfProvider: () => ledger.list({ own: true, provider: 'ecs', limit: 5, cursor: page.cursor! }),
      listProvider: () => ledger.list({ provider: 'ecs', limit: 5, cursor: page.cursor! }),
      listRegion: () => ledger.list({ region: 'cn-hangzhou', limit: 5 }),
      listRareState: () => ledger.list({ state: 'conflict', limit: 5 }),
    };
    const cost: Record<string, string> = {};
    for (const [name, call] of Object.entries(calls)) {
      [requests, items] = [0, 0];
      await call();
      cost[name] = `${requests} requests, ${items} items`;
    }
    transport.close();
    return cost;
  }

  const filled = async (count: number) => {
    const table = await dynamo.table();
    const all = numbers(count).map((i) => called(`n${i}`));
    while (all.length > 0)
      await Promise.all(all.splice(0, 50).map((identity) => table.ledger.write(active(identity), 0)));
    for (const i of [0, 1])
      await table.ledger.write({ identity: called(`due${i}`), state: 'conflict', settleAtMs: i }, 0);
    return costs(table);
  };

  it('costs the same among 2,000 records as among 10', async () => {
    const few = await filled(10);
    expect(few).toEqual({
      read: '1 requests, 0 items',
      list: '5 requests, 21 items',
      due: '4 requests, 2 items',
      attempts: '1 requests, 0 items',
      write: '1 requests, 0 items',
      fileAttempt: '1 requests, 0 items',
      remember: '1 requests, 0 items',
      recall: '1 requests, 0 items',
      restate: '1 requests, 0 items',
      claim: '1 requests, 0 items',
      claimable: '1 requests, 0 items',
      unclaim: '1 requests, 0 items',
      tryAcquire: '1 requests, 0 items',
      replace: '1 requests, 0 items',
      listOwn: '3 requests, 21 items',
      listOwnOfProvider: '2 requests, 11 items',
      listProvider: '3 requests, 11 items',
      listRegion: '5 requests, 11 items',
      listRareState: `${2 * providerNames.length + 1} requests, 4 items`,
    });
    expect(await filled(2_000)).toEqual(few);
  }, 120_000);
});
