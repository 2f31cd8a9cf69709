// The API as those who build on it meet it, by way of the client: many at once, search, who may do what and why not, messages, and web pages.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, createClient, KeyvendError } from '../../client/index.ts';
import { type Place, place, type Serving } from './serving.ts';

const PAGE = 'https://portal.example.com';
const region = 'cn-hangzhou';
let here: Place;
let server: Serving;
let operator: Client;
let team: Client;
let nobody: Client;

beforeAll(async () => {
  here = await place();
  server = await here.start({ KEYVEND_CORS_ORIGINS: PAGE, KEYVEND_LEASE_MS: '35000' }); // time for a permit of a second, and of the next
  const as = async (groups: readonly string[], subject: string) => {
    const token = await here.token({ groups }, subject);
    return createClient({ url: server.url, token: () => token });
  };
  operator = await as(['keyvend-operators'], 'ana');
  team = await as(['team-web'], 'ben');
  nobody = await as([], 'eve');
}, 60_000);
afterAll(async () => {
  await server?.end();
  await here?.remove();
});

describe('many key pairs in one request', () => {
  it('are answered one by one, in their order, and one that is wrong holds up none of the others', async () => {
    const { outcomes } = await operator.vendMany('ecs', [
      { name: 'many:1', region },
      { name: 'no name', region },
      { name: 'many:2', region, tags: { team: 'a' } },
      { name: 'many:2', region, tags: { team: 'b' } },
    ]);
    expect(outcomes.map(({ status, problem, location }) => [status, problem?.code ?? location])).toEqual([
      [201, `/v1/ecs/key-pairs/many%3A1?region=${region}`],
      [400, 'NAME_INVALID'],
      [201, `/v1/ecs/key-pairs/many%3A2?region=${region}`],
      [409, expect.stringMatching(/^(DIFFERENT_REQUEST|IN_PROGRESS)$/)],
    ]);
    expect(outcomes[1]!.problem!.errors).toEqual([{ pointer: '#/keyPairs/1/name', detail: expect.any(String) }]);
    const again = await operator.vendMany('ecs', [{ name: 'many:1', region }]);
    expect(again.outcomes).toEqual([{ ...outcomes[0], status: 200 }]);
  });

  it('are only those that the caller may vend', async () => {
    const { outcomes } = await team.vendMany('ens', [{ name: 'web-1' }, { name: 'db-1' }]);
    expect(outcomes.map(({ status }) => status)).toEqual([201, 403]);
    await expect(operator.read({ provider: 'ens', name: 'db-1' })).rejects.toMatchObject({ code: 'KEY_PAIR_ABSENT' });
  });

  it.each([[[]], [Array.from({ length: 101 }, (_, i) => ({ name: `n${i}` }))]])('are 1 to 100', async (keyPairs) => {
    await expect(operator.vendMany('ens', keyPairs)).rejects.toMatchObject({ code: 'INVALID_REQUEST', status: 400 });
  });

  it('are filed together, and each is vended by itself', async () => {
    const { outcomes } = await operator.fileRequests([
      { provider: 'ens', name: 'filed-1' },
      { provider: 'cvm', name: 'filed_1', region: 'ap-tokyo', projectId: 0 },
      { provider: 'ens', name: 'no name' },
    ]);
    expect(outcomes.map(({ status, problem }) => [status, problem?.errors])).toEqual([
      [202, undefined],
      [202, undefined],
      [400, [{ pointer: '#/requests/2/name', detail: expect.any(String) }]],
    ]);
    const { id } = outcomes[0]!.request!;
    await expect.poll(async () => (await operator.filedRequest(id)).state, { timeout: 20_000 }).toBe('done');
    const denied = await team.fileRequests([{ provider: 'ens', name: 'db-9' }]);
    expect(denied.outcomes).toMatchObject([{ status: 403, problem: { code: 'FORBIDDEN' } }]);
  });

  it('have policies, each set by itself', async () => {
    await operator.vend({ provider: 'ens', name: 'policied' });
    const { outcomes } = await operator.setPolicies([
      { provider: 'ens', name: 'policied', policy: { maxAgeDays: 90 } },
      { provider: 'ens', name: 'policied', policy: { coverage: 7 } },
      { provider: 'ens', name: 'absent', policy: {} },
    ]);
    expect(outcomes.map(({ status, policy, problem }) => [status, problem?.code ?? policy?.maxAgeDays])).toEqual([
      [200, 90],
      [400, 'INVALID_REQUEST'],
      [404, 'KEY_PAIR_ABSENT'],
    ]);
    expect(outcomes[1]!.problem!.errors).toMatchObject([{ pointer: '#/policies/1/policy/coverage' }]);
    expect((await operator.policy({ provider: 'ens', name: 'policied' })).maxAgeDays).toBe(90);
  });
});

describe('a list', () => {
  it('is searched by the beginning of a name, by owner and by age, in an order, over what the caller may read', async () => {
    for (const name of ['web-a', 'web-b', 'db-a']) await operator.vend({ provider: 'ens', name });
    await team.vend({ provider: 'ens', name: 'web-c' });
    const named = async (client: Client, query: Parameters<Client['list']>[0]) => {
      const found: string[] = [];
      for await (const { name } of client.all({ provider: 'ens', limit: 2, ...query })) found.push(name);
      return found;
    };
    expect(await named(operator, { name: 'web-', sort: '-name' })).toEqual(['web-c', 'web-b', 'web-a', 'web-1']);
    const [{ requestedBy } = { requestedBy: '' }] = (await operator.list({ provider: 'ens', name: 'web-c' })).keyPairs;
    expect(await named(operator, { requestedBy, sort: 'requestedAt' })).toEqual(['web-1', 'web-c']);
    expect(await named(team, { sort: 'name' })).toEqual(['web-1', 'web-a', 'web-b', 'web-c']);
    expect(await named(operator, { activatedBefore: '2020-01-01T00:00:00Z' })).toEqual([]);
    await expect(operator.list({ sort: 'colour' as 'name' })).rejects.toMatchObject({
      problem: { errors: [{ parameter: 'sort', detail: expect.any(String) }] },
    });
  });

  it('shows what a key pair was asked for with, and the cloud’s id of the request that made it', async () => {
    await operator.vend({
      provider: 'ecs',
      name: 'shown',
      region,
      tags: { team: 'a' },
    });
    await operator.vend({ provider: 'cvm', name: 'shown', region: 'ap-tokyo', projectId: 0 });
    const ecs = await operator.read({ provider: 'ecs', name: 'shown', region });
    const cvm = await operator.read({ provider: 'cvm', name: 'shown', region: 'ap-tokyo' });
    expect([ecs.tags, cvm.projectId]).toEqual([{ team: 'a' }, 0]);
    const made = here.clouds.admin
      .requests()
      .filter(({ action, name }) => action === 'CreateKeyPair' && name === 'shown');
    expect([ecs, cvm].map(({ versions }) => versions[0]!.createRequestId)).toEqual(
      made.map(({ requestId }) => requestId),
    );
  });
});

describe('a caller', () => {
  it('learns who they are here and what they may do', async () => {
    const me = await team.me();
    expect(me).toMatchObject({ id: expect.stringMatching(/ ben$/), issuer: 'default', subject: 'ben', has: ['inbox'] });
    expect(me.grants).toMatchObject([{ id: 'team-web', on: { name: ['web-*', 'web_*'] }, limits: { keyPairs: 200 } }]);
    expect((await nobody.me()).grants).toEqual([]);
  });

  it('learns what a grant of theirs misses, and nothing of anybody else’s', async () => {
    const asked = { right: 'vend', provider: 'ecs', region, name: 'db-1' } as const;
    expect(await operator.access(asked)).toEqual({ allowed: true, right: 'vend', grant: 'operators' });
    const refused = await team.access(asked);
    expect(refused.nearest).toMatchObject([
      { id: 'team-web', fits: { may: true, provider: true, account: true, region: true, name: false } },
    ]);
    expect(await nobody.access(asked)).toEqual({ allowed: false, right: 'vend', nearest: [] });
    await expect(team.access({ ...asked, provider: 'gcp' as 'ecs' })).rejects.toMatchObject({ status: 400 });
  });

  it('learns how full the regions are where they may vend', async () => {
    await operator.vend({ provider: 'ecs', name: 'counted', region });
    const { places } = await operator.quota({ provider: 'ecs' });
    expect(places).toContainEqual(expect.objectContaining({ provider: 'ecs', account: 'default', region, limit: 500 }));
    expect((await nobody.quota()).places).toEqual([]);
  });
});

describe('messages', () => {
  it('are listed, read and put back by whoever has the right to all of a provider', async () => {
    await operator.vend({ provider: 'ens', name: 'taken' });
    const { id } = await operator
      .fileRequest({ provider: 'ecs', name: 'buried', region, tags: { keyvend: 'x' } } as never)
      .catch(() => ({ id: '' }));
    expect(id).toBe(''); // what can never succeed is not filed
    await operator.vend({ provider: 'ecs', name: 'buried', region, tags: { team: 'a' } });
    const filed = await operator.fileRequest({ provider: 'ecs', name: 'buried', region });
    await expect.poll(async () => (await operator.filedRequest(filed.id)).state, { timeout: 20_000 }).toBe('buried');
    const { messages } = await operator.messages({ state: 'buried', queue: 'keyvend-ecs' });
    expect(messages).toMatchObject([
      { id: filed.id, refusal: { code: 'DIFFERENT_REQUEST', detail: expect.any(String) } },
    ]);
    const message = await operator.message('keyvend-ecs', filed.id);
    expect(JSON.parse(message.body)).toEqual({ provider: 'ecs', name: 'buried', region });
    expect(message.keyPair).toEqual({ provider: 'ecs', account: 'default', region, name: 'buried' });
    expect((await operator.putBack('keyvend-ecs', filed.id)).state).toMatch(/^(waiting|in-hand|buried)$/);
    await expect(operator.message('keyvend-ecs', 'none')).rejects.toMatchObject({ code: 'MESSAGE_ABSENT' });
    for (const client of [team, nobody])
      for (const ask of [
        () => client.messages(),
        () => client.message('keyvend-ecs', filed.id),
        () => client.putBack('keyvend-ecs', filed.id),
      ])
        await expect(ask()).rejects.toMatchObject({ code: 'FORBIDDEN', detail: expect.stringContaining('"queue"') });
  });
});

describe('a web page', () => {
  const preflight = (origin: string) =>
    fetch(`${server.url}/v1/ecs/key-pairs`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,idempotency-key',
      },
    });
  const allowed = ({ headers }: Response) => headers.get('access-control-allow-origin');

  it('of a configured origin may send what the API takes, and read what it answers', async () => {
    const asked = await preflight(PAGE);
    expect([asked.status, allowed(asked), asked.headers.get('vary')]).toEqual([204, PAGE, 'origin']);
    for (const header of ['authorization', 'content-type', 'idempotency-key'])
      expect(asked.headers.get('access-control-allow-headers')).toContain(header);
    expect(asked.headers.get('access-control-allow-credentials')).toBeNull();
    const answer = await fetch(`${server.url}/v1/key-pairs`, { headers: { origin: PAGE } });
    expect([answer.status, allowed(answer)]).toEqual([401, PAGE]);
    for (const header of ['location', 'retry-after', 'key-pair-usage', 'www-authenticate'])
      expect(answer.headers.get('access-control-expose-headers')).toContain(header);
  });

  it('of another origin may not, nor one that is nearly the same', async () => {
    for (const origin of [
      'https://evil.example',
      `${PAGE}.evil.example`,
      PAGE.replace('https', 'http'),
      `${PAGE}:8443`,
      'null',
      `${PAGE}/`,
    ]) {
      const asked = await preflight(origin);
      expect([asked.status, allowed(asked)], origin).toEqual([401, null]);
      const answer = await fetch(`${server.url}/health`, { headers: { origin } });
      expect([answer.status, allowed(answer), answer.headers.get('vary')], origin).toEqual([200, null, 'origin']);
    }
  });

  it('may read what is refused before a route is known', async () => {
    const body = JSON.stringify({ name: 'x'.repeat(70_000) });
    const headers = { origin: PAGE, 'content-type': 'application/json' };
    const answer = await fetch(`${server.url}/v1/ens/key-pairs`, { method: 'POST', headers, body });
    expect([answer.status, allowed(answer)]).toEqual([413, PAGE]);
  });
});

describe('the client', () => {
  it('waits for a rotation, and tells of each change', async () => {
    const pair = { provider: 'ens', name: 'rotating' } as const;
    await operator.vend(pair);
    const { id } = await operator.rotate(pair);
    const states: string[] = [];
    const done = await operator.waitFor(pair, id, { onChange: ({ state }) => states.push(state), everyMs: 50 });
    expect(done.promotedAt).toBeDefined();
    expect(states.at(-1)).toBe(done.state);
    await expect(operator.waitFor(pair, 'none')).rejects.toMatchObject({ code: 'ROTATION_ABSENT' });
  });

  it('fails with the code and the advice of the API, or says that there was no answer', async () => {
    const failure = await team.read({ provider: 'ens', name: 'db-a' }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(KeyvendError);
    expect(failure).toMatchObject({ status: 403, code: 'FORBIDDEN', detail: expect.stringContaining('"read"') });
    const gone = createClient({ url: 'http://127.0.0.1:9', token: () => 'none', wait: async () => {} });
    await expect(gone.me()).rejects.toMatchObject({ status: 0, code: 'UNREACHABLE' });
  });
});
