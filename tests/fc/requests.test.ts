// Requests over the custom domain, on the very bytes that are packaged.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { platforms } from '../../lib/platforms/platform-table.ts';
import { lackingPostgres } from '../doubles/postgres-server.ts';
import { nameOf, type Scene, scene } from './scene.ts';

const region = 'cn-hangzhou';
const page = 'https://portal.example.com';

describe.each(platforms.fc.stores)('functions with keys in %s', { timeout: 120_000 }, (store) => {
  if (lackingPostgres !== undefined) return it('answer requests', (context) => context.skip(lackingPostgres));
  let here: Scene;
  beforeAll(async () => {
    const environment = () => ({ KEYVEND_METRICS: 'embedded', KEYVEND_CORS_ORIGINS: page });
    here = await scene({ store, origins: new Set([page]), environment });
  }, 120_000);
  afterAll(() => here?.stop());

  it.each([
    ['ens', {}],
    ['ecs', { region }],
    ['cvm', { region: 'ap-guangzhou', projectId: 0 }],
  ])('vend a key pair of %s for a token, once, and show it', async (provider, where) => {
    const vended = await here.ask('POST', `/v1/${provider}/key-pairs`, { name: 'web', ...where });
    expect(vended).toMatchObject({ status: 201, body: { fingerprint: expect.stringMatching(/:/) } });
    expect(JSON.stringify(vended.body)).not.toContain('PRIVATE');
    const again = await here.ask('POST', `/v1/${provider}/key-pairs`, { name: 'web', ...where });
    expect(again).toMatchObject({ status: 200, body: vended.body });
    const shown = await here.ask('GET', String(vended.headers.get('location')));
    expect(shown).toMatchObject({ status: 200, body: { name: 'web', provider } });
  });

  it('list what was vended, and command its end', async () => {
    await here.ask('POST', '/v1/ecs/key-pairs', { name: 'old', region });
    const listed = await here.ask('GET', '/v1/key-pairs?provider=ecs');
    expect((listed.body.keyPairs as { name: string }[]).map(({ name }) => name)).toContain('old');
    expect((await here.ask('GET', `/v1/ecs/key-pairs/old/history?region=${region}`)).status).toBe(200);
    expect((await here.ask('DELETE', `/v1/ecs/key-pairs/old?region=${region}`)).status).toBe(202);
  });

  it('refuse who has no token, what has no route, and what is too long', async () => {
    const open = { authorization: '', 'x-nothing': 'a' };
    expect((await here.ask('GET', '/v1/key-pairs', undefined, open)).status).toBe(401);
    expect((await here.ask('GET', '/v1/nothing')).status).toBe(404);
    expect((await here.ask('POST', '/v1/ecs/key-pairs', { name: 'x'.repeat(70_000), region })).status).toBe(413);
    expect((await here.ask('GET', '/v1/ecs/anything')).status).toBe(404);
  });

  it.each([20_000, 70_000, 1_200_000])('let a page read that %i bytes are too many', async (length) => {
    const long = { name: 'x'.repeat(length), region };
    const { status, headers, body } = await here.ask('POST', '/v1/ecs/key-pairs', long, { origin: page });
    expect([status, body.code, headers.get('access-control-allow-origin')]).toEqual([413, 'TOO_LARGE', page]);
  });

  it('answer many at once: key pairs by the function of their provider, policies by the one of all, requests to be vended later', async () => {
    const vended = await here.ask('POST', '/v1/ens/batches', { keyPairs: [{ name: 'many-1' }, { name: 'no name' }] });
    const policy = { provider: 'ens', name: 'many-1', policy: { maxAgeDays: 90 } };
    const put = await here.ask('PUT', '/v1/policies', { policies: [policy] });
    const filed = await here.ask('POST', '/v1/requests', { requests: [{ provider: 'ens', name: 'many-2' }] });
    const statuses = [vended, put, filed].map(({ status, body }) => [
      status,
      (body.outcomes as { status: number }[]).map((one) => one.status),
    ]);
    expect(statuses).toEqual([
      [207, [201, 400]],
      [207, [200]],
      [207, [202]],
    ]);
    await here.fc.asynchronous.settled();
    const messages = await here.ask('GET', '/v1/messages?state=done&queue=keyvend-ens');
    expect((messages.body.messages as unknown[]).length).toBeGreaterThan(0);
  });

  it('print what they measure, and nothing of whose keys it was', async () => {
    const before = here.fc.printed().length;
    await here.ask('POST', '/v1/ecs/key-pairs', { name: 'measured-canary', region });
    const lines = here.fc
      .printed()
      .slice(before)
      .split('\n')
      .filter((line) => line.includes('"_aws"'));
    const shown = lines.map((line) => JSON.parse(line));
    expect(shown).toContainEqual(expect.objectContaining({ operation: 'vendEcsKeyPair', status: '201' }));
    expect(shown).toContainEqual(expect.objectContaining({ part: 'store', step: 'put', outcome: 'ok' }));
    expect(lines.join()).not.toContain('measured-canary');
  });

  it('file a request and vend it when the worker comes', async () => {
    const filed = await here.ask('POST', '/v1/requests', { provider: 'ecs', name: 'later', region });
    expect(filed.status).toBe(202);
    expect(here.fc.asynchronous.waiting).toEqual([{ name: nameOf('worker'), body: '{"job":"work"}' }]);
    await here.fc.asynchronous.settled();
    const become = await here.ask('GET', String(filed.headers.get('location')));
    expect(become).toMatchObject({ status: 200, body: { state: 'done' } });
    expect((await here.ask('GET', `/v1/ecs/key-pairs/later?region=${region}`)).status).toBe(200);
  });

  it('have a line of the log at the beginning and at the end of each call, and its id in every line between', async () => {
    const before = here.fc.printed().length;
    await here.ask('POST', '/v1/ecs/key-pairs', { name: 'logged', region });
    const lines = here.fc.printed().slice(before).split('\n');
    const [, id] = lines.map((line) => /^FC Invoke Start RequestId: (\S+)$/.exec(line)).find(Boolean) ?? [];
    expect(lines).toContain(`FC Invoke End RequestId: ${id}`);
    const vended = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
    expect(vended.find(({ message }) => message === 'vended')).toMatchObject({ request: id });
  });
});
