// Events to a webhook, as a receiver finds them who checks them with the library of Standard Webhooks.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { queueSender } from '../../../lib/access/principal.ts';
import type { Inbox } from '../../../lib/inbox/inbox.ts';
import { sqliteInbox } from '../../../lib/inbox/sqlite/sqlite-inbox.ts';
import { sendingTo, webhookSecrets } from '../../../lib/platforms/serve/webhook.ts';
import { createTransport } from '../../../lib/transport/transport.ts';
import { guardedServer } from '../../../local/guard.ts';
import { testClock } from '../../doubles/test-clock.ts';

const DAY_MS = 86_400_000;
const asText = (secret: Buffer) => `whsec_${secret.toString('base64')}`;
const sender = queueSender('inbox', 'keyvend');

describe('a webhook', () => {
  const clock = testClock(Date.now());
  const [newer, older] = [randomBytes(32), randomBytes(24)];
  let folder: string;
  let inbox: Inbox;
  let server: Server;
  let answer: () => { readonly status: number; readonly headers?: Record<string, string> };
  let received: { body: string; headers: Record<string, string> }[];
  let failures: unknown[];
  let send: ReturnType<typeof sendingTo>;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'keyvend-webhook-'));
    [received, failures, answer] = [[], [], () => ({ status: 204 })];
    inbox = await sqliteInbox({ path: join(folder, 'inbox.sqlite'), clock });
    server = await guardedServer(async (request, response) => {
      received.push({ body: await text(request), headers: request.headers as Record<string, string> });
      const { status, headers = {} } = answer();
      response.writeHead(status, headers).end('no matter what');
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks?of=keyvend`;
    const transport = createTransport({ clock });
    send = sendingTo({
      ...{ url, transport, clock },
      secrets: () => [newer, older],
      failed: (error) => failures.push(error),
    });
  });
  afterEach(async () => {
    await inbox.close();
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });
  const file = (id: string, group = 'ecs/default/r/web') =>
    inbox.file('keyvend-events', { id, body: JSON.stringify({ id, specversion: '1.0' }), sender, group });
  const sendDue = async () => {
    for (const claimed of await inbox.claim('keyvend-events', 10, 60_000)) await send(inbox, claimed);
  };
  const stateOf = async (id: string) => (await inbox.read('keyvend-events', id))?.state;

  it('is signed with every secret, so that a receiver who has either of them takes it', async () => {
    await file('one');
    await sendDue();
    const [{ body, headers }] = received as [(typeof received)[0]];
    for (const secret of [newer, older])
      expect(new Webhook(asText(secret)).verify(body, headers)).toEqual({ id: 'one', specversion: '1.0' });
    expect(() => new Webhook(asText(randomBytes(32))).verify(body, headers)).toThrow();
    expect(() => new Webhook(asText(newer)).verify(`${body} `, headers)).toThrow();
    expect(headers['content-type']).toBe('application/cloudevents+json; charset=utf-8');
    expect(await stateOf('one')).toBe('done');
  });

  it('gets an event again until it takes it, with the same id, and a later one of the key pair after that', async () => {
    await file('one');
    await file('two');
    await file('another', 'ecs/default/r/db');
    let refusals = 0;
    answer = () => ({ status: received.at(-1)!.headers['webhook-id'] === 'one' && refusals++ < 3 ? 500 : 200 });
    await sendDue();
    expect(received.map(({ headers }) => headers['webhook-id'])).toEqual(['one', 'another']);
    for (const pauseMs of [2_000, 4_000, 8_000]) {
      clock.advance(pauseMs - 1);
      await sendDue(); // not yet
      clock.advance(1);
      await sendDue();
    }
    await sendDue();
    expect(received.map(({ headers }) => headers['webhook-id'])).toEqual([
      'one',
      'another',
      'one',
      'one',
      'one',
      'two',
    ]);
    expect(failures).toHaveLength(3);
  });

  it('waits for as long as the receiver says', async () => {
    await file('one');
    answer = () => ({ status: 429, headers: { 'retry-after': '30' } });
    await sendDue();
    answer = () => ({ status: 200 });
    clock.advance(29_999);
    await sendDue();
    expect(received).toHaveLength(1);
    clock.advance(1);
    await sendDue();
    expect(await stateOf('one')).toBe('done');
  });

  it.each([300, 301, 308, 400, 404, 410, 500])('takes nothing for taken but a 2xx: %i', async (status) => {
    await file('one');
    answer = () => ({ status, headers: { location: '/elsewhere' } });
    await sendDue();
    expect(await stateOf('one')).toBe('waiting');
    expect(received).toHaveLength(1);
    expect(failures).toMatchObject([{ code: 'QUEUE_UNAVAILABLE' }]);
  });

  it('is given up after three days, and lets the next one come; a person can have it sent after all', async () => {
    await file('one');
    await file('two');
    answer = () => ({ status: 500 });
    await sendDue();
    clock.advance(3 * DAY_MS);
    await sendDue();
    expect((await inbox.read('keyvend-events', 'one'))?.refusal).toMatchObject({
      reason: expect.stringContaining('HTTP 500'),
    });
    answer = () => ({ status: 200 });
    await sendDue();
    expect(await stateOf('two')).toBe('done');
    expect(await inbox.putBack('keyvend-events', 'one')).toBe(true);
    await sendDue();
    expect(await stateOf('one')).toBe('done');
  });

  it.each([
    ['nothing', ''],
    ['another text', 'secret'],
    ['too short a secret', asText(randomBytes(23))],
    ['too long a one', asText(randomBytes(65))],
  ])('has no secret in a file with %s', (_, content) => {
    const file = join(folder, 'secret');
    writeFileSync(file, `${content}\n`);
    expect(() => webhookSecrets(file)).toThrow(/holds no secret/);
    writeFileSync(file, `${asText(newer)}\n${asText(older)}\n\n`);
    expect(webhookSecrets(file)).toEqual([newer, older]);
  });
});
