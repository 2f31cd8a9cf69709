// Three callers at every route, on a stack as a user starts it: what each may do is what its document says, and a refusal is the
// same whether the key pair is there or not.
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPEN } from '../../lib/access/access-document.ts';
import type { Right } from '../../lib/rights.ts';
import { type Running, start } from './process.ts';

let home: string;
let running: Running;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'keyvend-access-'));
  running = await start(home);
}, 30_000);
afterAll(async () => {
  await running.end('SIGTERM');
  await rm(home, { recursive: true });
});

type Holder = 'operator' | 'team-a' | 'auditor';
const tokenOf = async (holder: Holder) => (await readFile(join(home, 'tokens', holder), 'utf8')).trim();

async function ask(holder: Holder, method: string, path: string, body?: object) {
  const headers = { authorization: `Bearer ${await tokenOf(holder)}`, 'content-type': 'application/json' };
  const answer = await fetch(`${running.endpoint}${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answered = (await answer.json()) as Record<string, unknown>;
  return { status: answer.status, body: answered, challenge: answer.headers.get('www-authenticate') };
}

/** Every route about one key pair, with the right that it takes. */
const ofOne: readonly [right: Right, method: string, below: string, body?: object][] = [
  ['read', 'GET', ''],
  ['read', 'GET', '/policy'],
  ['policy', 'PUT', '/policy', { maxAgeDays: 30 }],
  ['rotate', 'POST', '/rotations'],
  ['read', 'GET', '/rotations/00000000-0000-4000-8000-000000000000'],
  ['cancel', 'DELETE', '/rotations/00000000-0000-4000-8000-000000000000'],
  ['waive', 'POST', '/rotations/00000000-0000-4000-8000-000000000000/waivers', { host: 'root@10.0.0.1' }],
  ['retire', 'DELETE', ''],
  ['release', 'POST', '/lingering/00000000-0000-4000-8000-000000000000/release'],
  ['restore', 'POST', '/restoration'],
];
const pathOf = (provider: string, name: string, below: string) =>
  `/v1/${provider}/key-pairs/${encodeURIComponent(name)}${below}${provider === 'ens' ? '' : '?region=cn-hangzhou'}`;
const vend = (holder: Holder, provider: 'ens' | 'ecs' | 'cvm', name: string, over: object = {}) =>
  ask(holder, 'POST', `/v1/${provider}/key-pairs`, {
    name,
    ...{ ens: {}, ecs: { region: 'cn-hangzhou' }, cvm: { region: 'ap-tokyo', projectId: 0 } }[provider],
    ...over,
  });

describe('what is granted', () => {
  it.each<[Holder, 'ens' | 'ecs' | 'cvm', string, number]>([
    ['operator', 'ecs', 'web:prod', 201],
    ['operator', 'cvm', 'web_prod', 201],
    ['operator', 'ens', 'edge', 201],
    ['team-a', 'ecs', 'team-a-1', 201],
    ['team-a', 'ens', 'team-a-1', 201],
    ['team-a', 'cvm', 'team_a_1', 201],
    ['team-a', 'ecs', 'team-a', 403],
    ['team-a', 'ecs', 'team-ab', 403],
    ['team-a', 'ecs', 'team-b-1', 403],
    ['team-a', 'ecs', 'Team-a-1', 403],
    ['team-a', 'ecs', 'x-team-a-1', 403],
    ['team-a', 'ecs', 'team_a_1', 403],
    ['team-a', 'cvm', 'team_ab', 403],
    ['auditor', 'ecs', 'team-a-1', 403],
  ])('lets %s vend on %s the name %s: %i', async (holder, provider, name, status) => {
    const { body, ...answer } = await vend(holder, provider, name);
    expect({ status: answer.status, body }).toMatchObject({
      status,
      body:
        status === 403
          ? { code: 'FORBIDDEN', detail: expect.stringContaining('"vend"') }
          : { keyPairId: expect.any(String) },
    });
  });

  it('refuses another account alias than the ones that are written out', async () => {
    expect((await vend('team-a', 'ecs', 'team-a-2', { account: 'other' })).body.code).toBe('FORBIDDEN');
    expect((await vend('operator', 'ecs', 'team-a-2', { account: 'other' })).body.code).toBe('ACCOUNT_UNKNOWN');
  });

  it.each<[right: Right, method: string, below: string, body?: object]>(ofOne)(
    'refuses what takes the right "%s" (%s %s), the same for what is there and what is not',
    async (right, method, below, body) => {
      const [there, absent] = [
        await ask('team-a', method, pathOf('ecs', 'web:prod', below), body),
        await ask('team-a', method, pathOf('ecs', 'never:seen', below), body),
      ];
      expect(there).toMatchObject({
        status: 403,
        body: { code: 'FORBIDDEN', detail: expect.stringContaining(`"${right}"`) },
      });
      expect(there.challenge).toMatch(/^Bearer error="insufficient_scope"/);
      expect(there).toEqual(absent);
      expect(JSON.stringify(there.body)).not.toContain('web');
    },
  );

  it.each<[right: Right, method: string, below: string, body?: object]>(ofOne)(
    'lets an auditor use "%s" (%s %s) only to read',
    async (right, method, below, body) => {
      const { status } = await ask('auditor', method, pathOf('ecs', 'web:prod', below), body);
      if (right === 'read') expect(status).not.toBe(403);
      else expect(status).toBe(403);
    },
  );

  it('takes the right "use" on the key pair that a policy names as its management key', async () => {
    const put = (managementKey: string) =>
      ask('team-a', 'PUT', pathOf('ecs', 'team-a-1', '/policy'), { managementKey });
    const [there, absent] = [await put('web:prod'), await put('never:seen')];
    expect(there).toMatchObject({ status: 403, body: { code: 'FORBIDDEN', detail: expect.stringContaining('"use"') } });
    expect(there).toEqual(absent);
    expect((await ask('team-a', 'GET', pathOf('ecs', 'team-a-1', '/policy'))).body).not.toHaveProperty('managementKey');
    expect(await put('team-a-admin')).toMatchObject({ status: 200, body: { managementKey: 'team-a-admin' } });
    expect((await ask('team-a', 'PUT', pathOf('ecs', 'team-a-1', '/policy'), {})).status).toBe(200);
  });

  it('left what others own as it was, after all of that', async () => {
    const { body } = await ask('operator', 'GET', pathOf('ecs', 'web:prod', ''));
    expect(body).toMatchObject({ state: 'active', rotations: [] });
    expect(body).not.toHaveProperty('retirement');
  });

  it('shows in lists what is theirs, page by page, and no cursor names anything else', async () => {
    for (const name of ['team-a-3', 'team-a-5', 'team-b-4', 'team-ab-1', 'a', 'z']) await vend('operator', 'ecs', name);
    const seen: string[] = [];
    for (let cursor: unknown = '', pages = 0; cursor !== undefined && pages < 20; pages += 1) {
      const { body } = await ask('team-a', 'GET', `/v1/key-pairs?limit=1${cursor ? `&cursor=${cursor}` : ''}`);
      seen.push(...(body.keyPairs as { name: string }[]).map(({ name }) => name));
      cursor = body.cursor;
      if (cursor !== undefined)
        expect(Buffer.from(String(cursor), 'base64url').toString('latin1')).toMatch(/\/team[-_]a[-_]\d$/);
    }
    expect(seen.sort()).toEqual(['team-a-1', 'team-a-1', 'team-a-3', 'team-a-5', 'team_a_1']);
    const all = (await ask('auditor', 'GET', '/v1/key-pairs')).body.keyPairs as unknown[];
    expect(all.length).toBeGreaterThan(seen.length + 4);
  });
});

describe('hosts that a policy no longer lists', () => {
  const hosts = (...names: string[]) => ({ hosts: names.map((host) => ({ host, user: 'app' })) });
  const dropped: readonly [string, object][] = [
    ['none at all', { hosts: [] }],
    ['no word about hosts', { maxAgeDays: 30 }],
    ['one of them less', hosts('web-1.example.com')],
    ['another one in place of one', hosts('web-1.example.com', 'web-3.example.com')],
    [
      'another user of one',
      {
        hosts: [
          { host: 'web-1.example.com', user: 'app' },
          { host: 'web-2.example.com', user: 'root' },
        ],
      },
    ],
  ];
  const kept: readonly [string, object][] = [
    ['the same ones', hosts('web-1.example.com', 'web-2.example.com')],
    ['them in capitals', hosts('WEB-1.example.com', 'web-2.example.com')],
    ['one more', hosts('web-1.example.com', 'web-2.example.com', 'web-3.example.com')],
  ];
  let document: string;
  let elsewhere: Running;
  let folder: string;
  const policyOf = async (holder: Holder, body?: object) => {
    const authorization = `Bearer ${(await readFile(join(folder, 'tokens', holder), 'utf8')).trim()}`;
    const answer = await fetch(`${elsewhere.endpoint}${pathOf('ecs', 'team-a-1', '/policy')}`, {
      headers: { authorization, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { method: 'PUT', body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keyvend-waive-'));
    document = (await readFile('access/example.yaml', 'utf8'))
      .replaceAll('policy, waive, cancel', 'policy, cancel')
      .replaceAll('limits: {', 'floors: { minCoverage: 0.2, minOverlapDays: 3 }\n    limits: {');
    await writeFile(join(folder, 'access.yaml'), document);
    elsewhere = await start(folder, { KEYVEND_ACCESS: join(folder, 'access.yaml') });
    await elsewhere.post('ecs', { name: 'team-a-1', region: 'cn-hangzhou' });
    expect((await policyOf('operator', hosts('web-1.example.com', 'web-2.example.com'))).status).toBe(200);
  }, 30_000);
  afterAll(async () => {
    await elsewhere.end('SIGTERM');
    await rm(folder, { recursive: true });
  });

  it.each(dropped)('take the right "waive" as well: %s', async (_, body) => {
    expect(document).not.toContain('waive,');
    const before = await policyOf('team-a');
    expect(await policyOf('team-a', body)).toMatchObject({
      status: 403,
      body: { code: 'FORBIDDEN', detail: expect.stringContaining('"waive"') },
    });
    expect(await policyOf('team-a')).toEqual(before);
  });

  it.each(kept)('are none where it lists %s, and then "policy" is enough', async (_, body) => {
    expect((await policyOf('team-a', body)).status).toBe(200);
    expect((await policyOf('operator', hosts('web-1.example.com', 'web-2.example.com'))).status).toBe(200);
  });

  it("are not the only thing that a grant can say of a policy: its floors beat the configuration's, either way", async () => {
    const bounds = async (holder: Holder, body: object) => {
      const { status, body: answer } = await policyOf(holder, {
        ...hosts('web-1.example.com', 'web-2.example.com'),
        ...body,
      });
      return status === 200 ? answer.coverage : (answer.errors as { detail: string }[])[0]?.detail;
    };
    expect(await bounds('operator', { coverage: 0.3 })).toBe('must be at least 0.5');
    expect(await bounds('team-a', { coverage: 0.3 })).toBe(0.3);
    expect((await policyOf('auditor')).body).toMatchObject({ coverage: 0.3 });
    expect(await bounds('team-a', { coverage: 0.1 })).toBe('must be at least 0.2');
    expect(await bounds('operator', { overlapDays: 2 })).toBe(1);
    expect(await bounds('team-a', { overlapDays: 2 })).toBe('must be at least 3');
  });

  it('are dropped by whoever has both rights', async () => {
    expect(await policyOf('operator', { hosts: [] })).toMatchObject({ status: 200, body: { hosts: [] } });
    expect((await policyOf('team-a', { hosts: [] })).status).toBe(200); // there is none to drop any more
  });
});

describe('a stack', () => {
  it('keeps its tokens where their owner alone can read them', async () => {
    for (const file of ['token', 'tokens/operator', 'tokens/team-a', 'tokens/auditor', 'access.json'])
      expect((await stat(join(home, file))).mode & 0o777).toBe(0o600);
  });

  it('does not start with a document that cannot be used, and says why', { timeout: 20_000 }, async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'keyvend-access-'));
    const file = join(elsewhere, 'access.yaml');
    await writeFile(
      file,
      'version: 1\nissuers: {}\ngrants: [{ id: a, who: { issuer: x, subject: a }, may: any, on: { name: any } }]\n',
    );
    await expect(start(elsewhere, { KEYVEND_ACCESS: file })).rejects.toThrow(
      /cannot be used:\n {2}grants\.0\.on\.provider/,
    );
    await expect(start(elsewhere, { KEYVEND_ACCESS: join(elsewhere, 'nowhere.yaml') })).rejects.toThrow(
      /cannot be read/,
    );
    await rm(elsewhere, { recursive: true });
  });

  it('lets every valid token do everything where that is said in these words', { timeout: 20_000 }, async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'keyvend-access-'));
    const open = await start(elsewhere, { KEYVEND_ACCESS: OPEN });
    const token = (await readFile(join(elsewhere, 'tokens/auditor'), 'utf8')).trim();
    const answer = await open.post('ens', { name: 'edge' }, { authorization: `Bearer ${token}` });
    expect(answer.status).toBe(201);
    await open.end('SIGTERM');
    await rm(elsewhere, { recursive: true });
  });
});
