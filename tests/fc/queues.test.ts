// From a bus or a queue to a key pair: what is delivered is filed, vended when the worker comes, and announced.
import { createHmac } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fromBus, fromSmq } from '../../local/fc/fc-triggers.ts';
import { guardedServer } from '../../local/guard.ts';
import { lackingPostgres } from '../doubles/postgres-server.ts';
import { nameOf, type Scene, scene } from './scene.ts';

const region = 'cn-hangzhou';
const secret = Buffer.alloc(32, 7);
const requested = (id: string, data: unknown) => ({
  id,
  source: 'com.example.pipeline',
  type: 'keyvend.key-pair.requested',
  data,
});

describe('an intake, its worker and its sender', { timeout: 120_000 }, () => {
  if (lackingPostgres !== undefined) return it('vend what is delivered', (context) => context.skip(lackingPostgres));
  let here: Scene;
  let hook: Server;
  const received: { readonly type: string; readonly subject?: string; readonly data: Record<string, unknown> }[] = [];
  beforeAll(async () => {
    hook = await guardedServer(async (request, response) => {
      const body = await text(request);
      const [id, at] = [request.headers['webhook-id'], request.headers['webhook-timestamp']].map(String);
      const right = createHmac('sha256', secret).update(`${id}.${at}.${body}`).digest('base64');
      const isRight = request.headers['webhook-signature'] === `v1,${right}`;
      if (isRight) received.push(JSON.parse(body));
      response.writeHead(isRight ? 204 : 400).end();
    });
    here = await scene({
      environment: (clouds) => ({
        ...{ KEYVEND_ALIBABA_BUS: 'keyvend-here', KEYVEND_ALIBABA_BUS_REGION: region },
        KEYVEND_ALIBABA_BUS_ENDPOINT: clouds.endpoint,
        KEYVEND_WEBHOOK_URL: `http://127.0.0.1:${(hook.address() as AddressInfo).port}/events`,
        KEYVEND_WEBHOOK_SECRET: `whsec_${secret.toString('base64')}`,
      }),
    });
    here.clouds.admin.events.addBus('keyvend-here');
  }, 120_000);
  afterAll(async () => {
    await here?.stop();
    hook?.close();
  });
  beforeEach(() => received.splice(0));

  const intake = () => here.fc.get(nameOf('intake'));
  const shown = (name: string) => here.ask('GET', `/v1/ecs/key-pairs/${name}?region=${region}`);
  const messages = () =>
    here.query("SELECT queue, convert_from(id, 'UTF8') AS id, state, refusal, sender FROM keyvend.inbox ORDER BY seq");
  const announced = () => received.map(({ type }) => type);

  it('vend what a bus delivers, once, and announce it', async () => {
    const event = requested('1', { provider: 'ecs', name: 'from_bus', region });
    expect(await fromBus(intake(), event, here.fc.where)).toEqual({ tries: 1, delivered: true });
    expect(await fromBus(intake(), event, here.fc.where)).toEqual({ tries: 1, delivered: true });
    await here.fc.asynchronous.settled();
    expect((await shown('from_bus')).status).toBe(200);
    expect(announced()).toEqual(['keyvend.key-pair.vended']);
    expect(here.clouds.admin.events.list('keyvend-here')).toMatchObject([
      { type: 'keyvend.key-pair.vended', specversion: '1.0', data: received[0]!.data },
    ]);
    const filed = (await messages()).filter(({ queue }) => queue === 'keyvend-ecs');
    expect(filed).toMatchObject([{ state: 'done', sender: expect.stringContaining('"queue":"eventbridge"') }]);
  });

  it('vend the right ones of a batch, and bury the wrong ones with what is wrong with them', async () => {
    const order = (name: string) => ({ provider: 'ecs', name, region });
    const bodies = [
      JSON.stringify(order('as_text')),
      Buffer.from(JSON.stringify(order('as_base64'))).toString('base64'),
      order('as_object'),
      'no JSON',
      { ...order('1 wrong name'), region: 7 },
      { provider: 'nobody' },
    ];
    const batch = bodies.map((body, i) => ({ id: `batch-${i}`, body }));
    expect(await fromSmq(intake(), batch, here.fc.where)).toEqual({ tries: 1, delivered: true });
    const buried = (await messages())
      .filter(({ state }) => state === 'buried')
      .map(({ refusal }) => JSON.parse(String(refusal)));
    expect(buried.map(({ code }) => code)).toEqual(['INVALID_REQUEST', 'INVALID_REQUEST', 'INVALID_REQUEST']);
    expect(buried.flatMap(({ fields }) => fields.map(({ pointer }: { pointer: string }) => pointer)).sort()).toEqual(
      ['#', '#/name', '#/provider', '#/region'].sort(),
    );
    await here.fc.asynchronous.settled();
    for (const name of ['as_text', 'as_base64', 'as_object']) expect((await shown(name)).status).toBe(200);
    expect(announced().filter((type) => type === 'keyvend.key-pair.refused')).toHaveLength(3);
  });

  it('are asked again by the trigger while the database is away, and lose nothing', async () => {
    await here.database.stop('SIGINT');
    const event = requested('2', { provider: 'ecs', name: 'patient', region });
    expect(await fromBus(intake(), event, here.fc.where)).toEqual({ tries: 4, delivered: false });
    await here.database.start();
    expect(await fromBus(intake(), event, here.fc.where)).toEqual({ tries: 1, delivered: true });
    await here.fc.asynchronous.settled();
    expect((await shown('patient')).status).toBe(200);
  });

  it('file at the first try although their connections were ended while they were frozen', async () => {
    for (let i = 0; i < 5; i += 1) {
      const event = requested(`frozen-${i}`, { provider: 'ecs', name: `frozen_${i}`, region });
      expect(await fromBus(intake(), event, here.fc.where)).toEqual({ tries: 1, delivered: true });
      const ended = await here.query(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'",
      );
      expect(ended.length).toBeGreaterThan(0);
    }
    await here.fc.asynchronous.settled();
    expect((await shown('frozen_4')).status).toBe(200);
  });

  it('vend by the timer what nobody was asked to come for', async () => {
    const mine = requested('3', { provider: 'ecs', name: 'by_timer', region });
    here.deploy('intake', { environment: { KEYVEND_FC_ENDPOINT: 'http://127.0.0.1:9' } });
    expect((await fromBus(intake(), mine, here.fc.where)).delivered).toBe(true);
    expect(here.fc.asynchronous.waiting).toEqual([]);
    expect(here.fc.printed()).toContain('"message":"not asked to come"');
    here.fc.timer(nameOf('worker'), '{"job":"work"}');
    await here.fc.asynchronous.settled();
    expect((await shown('by_timer')).status).toBe(200);
  });

  it('rotate a key pair by the message that the command has filed', async () => {
    expect((await here.ask('POST', '/v1/ecs/key-pairs', { name: 'turns', region })).status).toBe(201);
    const path = `/v1/ecs/key-pairs/turns/policy?region=${region}`;
    expect((await here.ask('PUT', path, { hosts: [], overlapDays: 1 })).status).toBe(200);
    const begun = await here.ask('POST', `/v1/ecs/key-pairs/turns/rotations?region=${region}`);
    expect(begun.status).toBe(202);
    expect(here.fc.asynchronous.waiting.map(({ name }) => name)).toContain(nameOf('rotationworker'));
    await here.fc.asynchronous.settled();
    const rotation = await here.ask('GET', String(begun.headers.get('location')));
    expect(rotation.body.state).not.toBe('requested');
  });

  it('give up a call whose function fails each time, and say which', async () => {
    here.fc.timer(nameOf('worker'), '{"job":"no job of its"}');
    await here.fc.asynchronous.settled();
    expect(here.fc.asynchronous.givenUp).toMatchObject([{ name: nameOf('worker'), tries: 4 }]);
  });
});
