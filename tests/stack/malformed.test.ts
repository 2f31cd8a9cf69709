// Words that are not what they should be, on every route and from every side: each is refused as a request that has to
// be corrected, naming the word, and nothing comes of it.
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contextFor, handlerOf } from '../../local/stack/invoke.ts';
import { type Stack, startStack } from '../../local/stack/stack.ts';

let stack: Stack;
let home: string;
beforeAll(async () => {
  process.env.POWERTOOLS_LOG_LEVEL = 'SILENT';
  home = await mkdtemp(join(tmpdir(), 'keyvend-malformed-'));
  stack = await startStack({ port: 0, cloudsPort: 0, home });
});
afterAll(async () => {
  await stack.stop();
  await rm(home, { recursive: true });
});

async function ask(method: string, path: string, body?: object) {
  const answer = await fetch(`${stack.endpoint}${path}`, {
    method,
    headers: { authorization: `Bearer ${stack.token}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const problem = (await answer.json()) as {
    code?: string;
    errors?: readonly { pointer?: string; parameter?: string; detail: string }[];
  };
  return { status: answer.status, ...problem };
}

const below: readonly [method: string, path: string, body?: object][] = [
  ['GET', ''],
  ['DELETE', ''],
  ['POST', '/restoration'],
  ['GET', '/policy'],
  ['PUT', '/policy', {}],
  ['POST', '/rotations'],
  ['GET', '/rotations/1'],
  ['DELETE', '/rotations/1'],
  ['POST', '/rotations/1/waivers', { host: 'root@web:22' }],
];

describe.each(below)('%s /v1/{provider}/key-pairs/{name}%s', (method, path, body) => {
  it.each([
    ['ens/key-pairs/web', 'account=a/b', 'account'],
    ['ens/key-pairs/web', 'account=', 'account'],
    ['ens/key-pairs/web', 'account=Prod', 'account'],
    ['ens/key-pairs/web', `account=${'a'.repeat(33)}`, 'account'],
    ['ens/key-pairs/web', 'account=%00', 'account'],
    ['ens/key-pairs/web', 'account=a&account=b', 'account'],
    ['ens/key-pairs/web', 'region=cn-hangzhou', 'region'],
    ['ecs/key-pairs/web', '', 'region'],
    ['ecs/key-pairs/web', 'region=', 'region'],
    ['ecs/key-pairs/web', 'region=cn/x', 'region'],
    ['ecs/key-pairs/web', 'region=-cn', 'region'],
    ['ecs/key-pairs/web', `region=${'a'.repeat(64)}`, 'region'],
    ['ecs/key-pairs/web', 'region=cn-a&region=cn-b', 'region'],
    ['ecs/key-pairs/a%2Fb', 'region=cn-a', 'name'],
    ['ecs/key-pairs/%E0%A4%A', 'region=cn-a', 'name'],
    ['ecs/key-pairs/1web', 'region=cn-a', 'name'],
    ['cvm/key-pairs/web-1', 'region=ap-tokyo', 'name'],
    ['gcp/key-pairs/web', 'region=cn-a', 'provider'],
    ['constructor/key-pairs/web', 'region=cn-a', 'provider'],
  ])('refuses %s?%s and names %s', async (keyPair, query, parameter) => {
    const answer = await ask(method, `/v1/${keyPair}${path}?${query}`, body);
    expect(answer).toMatchObject({ status: 400, code: 'INVALID_REQUEST' });
    expect(answer.errors?.map((field) => field.parameter)).toEqual([parameter]);
  });

  it('calls a malformed region malformed, and not missing', async () => {
    const { errors } = await ask(method, `/v1/ecs/key-pairs/web${path}?region=CN`, body);
    expect(errors).toEqual([{ parameter: 'region', detail: 'does not have the required form' }]);
  });
});

describe('GET /v1/key-pairs', () => {
  it.each([
    ['provider=gcp', 'provider'],
    ['provider=constructor', 'provider'],
    ['region=CN', 'region'],
    ['region=a&region=b', 'region'],
    ['state=toString', 'state'],
    ['limit=0', 'limit'],
    ['limit=1e2', 'limit'],
  ])('refuses ?%s and names %s', async (query, parameter) => {
    const answer = await ask('GET', `/v1/key-pairs?${query}`);
    expect(answer).toMatchObject({ status: 400, code: 'INVALID_REQUEST' });
    expect(answer.errors?.map((field) => field.parameter)).toEqual([parameter]);
  });

  it.each(['x', '', 'a'.repeat(2_000), Buffer.from('ens/a/b/c').toString('base64url')])(
    'refuses the cursor %j, which no page gave',
    async (cursor) => {
      const answer = await ask('GET', `/v1/key-pairs?cursor=${cursor}`);
      expect(answer).toMatchObject({ status: 400, code: 'INVALID_REQUEST' });
    },
  );
});

describe('nothing of a request is dropped', () => {
  const pair = '/v1/ens/key-pairs/web';
  const routes: readonly [method: string, path: string, body?: object][] = [
    ['GET', '/health'],
    ['GET', '/openapi.json'],
    ['GET', '/v1/key-pairs'],
    ['POST', '/v1/ens/key-pairs', { name: 'web' }],
    ...below.map(
      ([method, path, body]) => [method, `${pair}${path}`, ...(body ? [body] : [])] as [string, string, object?],
    ),
  ];

  it.each(routes)('of the query of %s %s', async (method, path, body) => {
    const allowed = path.startsWith(pair)
      ? 'there are account, region'
      : path === '/v1/key-pairs'
        ? 'there are provider'
        : 'there are none';
    for (const query of ['dryRun=true', 'Region=cn-a', 'dryRun=&dryRun=', 'publicKey=web']) {
      const name = query.split('=')[0];
      const answer = await ask(method, `${path}?${query}`, body);
      expect(answer).toMatchObject({ status: 400, code: 'FIELD_UNKNOWN', errors: [{ parameter: name }] });
      expect(answer.errors?.[0]?.detail).toContain(allowed);
    }
    const odd = await ask(method, `${path}?p4ss%20w0rd=1&__proto__=1`, body);
    expect(odd).toMatchObject({ status: 400, code: 'FIELD_UNKNOWN', errors: [{ parameter: '__proto__' }] });
    expect(JSON.stringify(odd)).not.toMatch(/p4ss/);
  });

  it('of the query of a request that vends, where a region was only heeded in the body', async () => {
    const answer = await ask('POST', '/v1/ecs/key-pairs?region=cn-beijing', { name: 'web', region: 'cn-hangzhou' });
    expect(answer).toMatchObject({ status: 400, code: 'FIELD_UNKNOWN', errors: [{ parameter: 'region' }] });
  });

  it.each([
    ['POST', '/v1/ens/key-pairs', '{"name":"web","name":"web2"}'],
    ['POST', '/v1/ens/key-pairs', '{"name":"web","n\\u0061me":"web2"}'],
    ['POST', '/v1/ecs/key-pairs', '{"name":"web","region":"cn-hangzhou","tags":{"team":"a","team":"b"}}'],
    ['POST', '/v1/ecs/key-pairs', '{"name":"web","region":"cn-hangzhou","tags":{"__proto__":"a"}}'],
    ['POST', '/v1/ens/key-pairs', '{"name":"web","__proto__":{"account":"prod"}}'],
    ['PUT', `${pair}/policy`, '{"coverage":1,"hosts":[{"host":"a.example","user":"root","host":"b.example"}]}'],
    ['POST', `${pair}/rotations/1/waivers`, '{"host":"root@a:22","host":"root@b:22"}'],
    ['POST', `${pair}/rotations`, '{"a":1,"a":1}'],
  ])('of a body, where a field is there twice or cannot be kept: %s %s %s', async (method, path, body) => {
    const answer = await fetch(`${stack.endpoint}${path}`, {
      method,
      headers: { authorization: `Bearer ${stack.token}`, 'content-type': 'application/json' },
      body,
    });
    const problem = (await answer.json()) as Record<string, unknown>;
    expect(problem).toMatchObject({ status: 400, code: 'INVALID_REQUEST', errors: [{ pointer: '#' }] });
  });

  it.each([
    ['DELETE', pair],
    ['POST', `${pair}/restoration`],
    ['POST', `${pair}/rotations`],
    ['DELETE', `${pair}/rotations/1`],
  ])('of the body of %s %s, which has no fields', async (method, path) => {
    expect(await ask(method, path, { force: true })).toMatchObject({ status: 400, code: 'FIELD_UNKNOWN' });
  });

  it('of a message, which is refused for good where a field is there twice', async () => {
    const handler = await handlerOf('functions/ens.queue');
    const eventSourceARN = 'arn:aws:sqs:us-east-1:000000000000:keyvend-ens';
    const body = '{"provider":"ens","name":"queued","name":"queued-2"}';
    const record = { messageId: 'm-1', receiptHandle: 'r', body, eventSource: 'aws:sqs', eventSourceARN };
    expect(await handler({ Records: [record] }, contextFor('ens'))).toEqual({ batchItemFailures: [] });
    for (const name of ['queued', 'queued-2'])
      expect(await ask('GET', `/v1/ens/key-pairs/${name}`)).toMatchObject({ code: 'KEY_PAIR_ABSENT' });
  });
});

describe('a word that every object has a property for', () => {
  it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
    'is not taken for a method: %s',
    async (method) => {
      const handler = await handlerOf('functions/lifecycle.http');
      const event = {
        version: '2.0',
        rawPath: '/v1/ens/key-pairs/web',
        headers: { authorization: `Bearer ${stack.token}` },
        requestContext: { http: { method } },
      };
      const answer = (await handler(event, contextFor('lifecycle'))) as { statusCode: number; body: string };
      expect([answer.statusCode, JSON.parse(answer.body).code]).toEqual([404, 'ROUTE_UNKNOWN']);
    },
  );

  it.each(['constructor', 'toString', '__proto__'])('is not taken for anything below a key pair: %s', async (word) => {
    const handler = await handlerOf('functions/lifecycle.http');
    const event = {
      version: '2.0',
      rawPath: `/v1/ens/key-pairs/web/${word}`,
      headers: { authorization: `Bearer ${stack.token}` },
      requestContext: { http: { method: 'GET' } },
    };
    const answer = (await handler(event, contextFor('lifecycle'))) as { statusCode: number; body: string };
    expect([answer.statusCode, JSON.parse(answer.body).code]).toEqual([404, 'ROUTE_UNKNOWN']);
  });

  it('is not taken for an account unless there is one of that name', async () => {
    const answer = await ask('POST', '/v1/ens/key-pairs', { name: 'web', account: 'constructor' });
    expect(answer).toMatchObject({ status: 422, code: 'ACCOUNT_UNKNOWN' });
  });

  it('is not taken for a host of a rotation', async () => {
    await ask('POST', '/v1/ens/key-pairs', { name: 'waived' });
    const { id } = (await ask('POST', '/v1/ens/key-pairs/waived/rotations')) as unknown as { id: string };
    const answer = await ask('POST', `/v1/ens/key-pairs/waived/rotations/${id}/waivers`, { host: 'constructor' });
    expect(answer).toMatchObject({ status: 404, code: 'HOST_UNKNOWN' });
  });

  it.each(['constructor', 'toString', '__proto__'])('is not taken for a command of the command line: %s', (command) => {
    const { status, stderr } = spawnSync(process.execPath, ['local/keyvend.ts', command], { encoding: 'utf8' });
    expect(status).toBe(2);
    expect(stderr).toContain(`unknown command '${command}'`);
  });
});

describe('the command line', () => {
  it.each([
    [['key', 'ens', 'web', '--account', 'a/b'], 'account does not have the required form'],
    [['key', 'ecs', 'web', '--region', 'CN'], 'region does not have the required form'],
    [['key', 'cvm', 'web-1', '--region', 'ap-tokyo'], 'name does not have the required form'],
    [['rotate', 'ens', 'web', '--region', 'cn-hangzhou'], 'region is not one of the allowed values'],
    [['key', 'gcp', 'web'], 'the provider is one of ens, ecs, cvm'],
  ])('refuses %j and names the word at fault', (words, named) => {
    const env = { ...process.env, KEYVEND_HOME: home };
    const { status, stderr } = spawnSync(process.execPath, ['local/keyvend.ts', ...words], { encoding: 'utf8', env });
    expect(status).toBe(2);
    expect(stderr).toContain(named);
  });
});
