// Requests over the custom domain, on the very bytes that are packaged.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { platforms } from '../../lib/platforms/platform-table.ts';
import { lackingPostgres } from '../doubles/postgres-server.ts';
import { nameOf, type Scene, scene } from './scene.ts';

const region = 'cn-hangzhou';

describe.each(platforms.fc.stores)('functions with keys in %s', { timeout: 120_000 }, (store) => {
  if (lackingPostgres !== undefined) return it('answer requests', (context) => context.skip(lackingPostgres));
  let here: Scene;
  beforeAll(async () => {
    here = await scene({ store });
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
