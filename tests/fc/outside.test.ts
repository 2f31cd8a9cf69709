// What somebody outside can reach through an HTTP trigger, whatever they call their path and their headers.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lackingPostgres } from '../doubles/postgres-server.ts';
import { nameOf, type Scene, scene } from './scene.ts';

const region = 'cn-hangzhou';

describe.each([
  ['say what kind they are of', true],
  ['do not say what kind they are of', false],
])('functions whose calls %s', { timeout: 120_000 }, (_, controlPath) => {
  if (lackingPostgres !== undefined) return it('tell requests from events', (context) => context.skip(lackingPostgres));
  let here: Scene;
  beforeAll(async () => {
    here = await scene({ controlPath });
    await here.ask('GET', '/v1/ecs/key-pairs/none?region=cn-hangzhou');
  }, 120_000);
  afterAll(() => here?.stop());

  it('take a POST /invoke from outside for a request that has no route', async () => {
    const event = { job: 'settle' };
    for (const path of ['/invoke', '/v1/ecs/invoke', '/2023-03-30/functions/x/invocations'])
      expect(await here.ask('POST', path, event)).toMatchObject({ status: 404, body: { code: 'ROUTE_UNKNOWN' } });
    expect(here.fc.asynchronous.waiting).toEqual([]);
  });

  it('do nothing for hooks that are called from outside, and answer as before', async () => {
    const [function_] = [here.fc.get(nameOf('catalog'))];
    expect((await here.ask('GET', '/v1/key-pairs')).status).toBe(200);
    const pid = function_.instances[0]?.pid;
    const [first, second] = [await here.ask('POST', '/initialize', {}), await here.ask('GET', '/pre-stop')];
    expect(first.status).toBe(404);
    expect(second.status).toBe(controlPath ? 404 : 200);
    expect((await here.ask('GET', '/v1/key-pairs')).status).toBe(200);
    expect(function_.instances.map((one) => one.pid)).toEqual([pid]);
  });

  it('go by no header of the platform that came from outside', async () => {
    const forged = {
      'x-fc-control-path': '/invoke',
      'x-fc-request-id': 'forged-by-somebody',
      'x-fc-access-key-id': 'STS.forged',
      'x-fc-access-key-secret': 'forged',
      'x-fc-security-token': 'forged',
    };
    const from = here.fc.printed().length;
    const vended = await here.ask('POST', '/v1/ecs/key-pairs', { name: 'own', region }, forged);
    expect(vended.status).toBe(201); // by the role's key
    expect(here.fc.printed().slice(from)).not.toContain('forged');
    expect(vended.headers.get('x-request-id')).not.toBe('forged-by-somebody');
  });

  it('take no request for an event, where a function of events has an HTTP trigger by mistake', async () => {
    const worker = here.fc.get(nameOf('worker'));
    const call = (headers: Record<string, string>) =>
      worker.call({
        kind: '/http-invoke',
        method: 'POST',
        path: '/invoke',
        headers,
        body: Buffer.from('{"job":"work"}'),
      });
    const said = await call({ 'x-forwarded-for': '203.0.113.9', 'content-type': 'application/json' });
    expect(said).toMatchObject({ failed: true, answer: { status: 404, headers: { 'x-fc-status': '404' } } });
  });

  it('take events, and say by a header when one failed', async () => {
    const settle = here.fc.get(nameOf('settle'));
    const done = await settle.invoke('{"job":"settle"}');
    expect(done).toMatchObject({ failed: false, answer: { status: 200 } });
    const failed = await settle.invoke('{"job":"nothing that there is"}');
    expect(failed).toMatchObject({ failed: true, answer: { status: 404, headers: { 'x-fc-status': '404' } } });
    expect(String('answer' in failed && failed.answer.body)).toBe('{"code":"INVALID_REQUEST"}');
  });
});
