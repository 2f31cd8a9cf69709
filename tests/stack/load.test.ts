// Two hundred requests at once, over HTTP and through the queues, with many duplicates: one pair each, all answers
// right, nothing left open, and no private key anywhere but in the store.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { ReceiveMessageCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RefusedEvent, VendedEvent } from '../../lib/contract/events.ts';
import { type FailureCode, failures } from '../../lib/errors.ts';
import { readersStore } from '../../lib/platforms/readers-store.ts';
import type { ProviderName } from '../../lib/provider-table.ts';
import { parsePrivateKey } from '../../lib/ssh/private-key.ts';
import { type Answered, type Running, start } from './process.ts';

type Body = { name: string; region?: string; projectId?: number };
const wanted: [ProviderName, Body][] = Array.from({ length: 60 }, (_, i) => {
  const name = `load_${i}`;
  if (i % 3 === 0) return ['ens', { name }];
  return i % 3 === 1 ? ['ecs', { name, region: 'cn-shanghai' }] : ['cvm', { name, region: 'ap-seoul', projectId: 0 }];
});

let home: string;
let running: Running;
let client: SQSClient;
const answers: { key: string; answered: Answered }[] = [];
const refused = '{"provider":"ecs","name":"-"}';

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'keyvend-load-'));
  // Everything that a logger can be told from outside to say.
  running = await start(home, {
    POWERTOOLS_LOG_LEVEL: 'DEBUG',
    POWERTOOLS_LOGGER_LOG_EVENT: 'true',
    POWERTOOLS_DEV: 'true',
  });
  client = running.queueClient();
  const send = (queue: string, MessageBody: string) =>
    client.send(new SendMessageCommand({ QueueUrl: running.queue(queue), MessageBody }));

  await send('keyvend-ecs', refused);
  await Promise.all(
    Array.from({ length: 200 }, async (_, i) => {
      const [provider, body] = wanted[i % wanted.length]!;
      if (i % 5 === 4) return send(`keyvend-${provider}`, JSON.stringify({ provider, ...body }));
      answers.push({ key: `${provider}/${body.name}`, answered: await persistently(provider, body) });
    }),
  );
  for (let tries = 0; tries < 300 && (await states()).some((state) => state !== 'active'); tries += 1) await wait(100);
}, 90_000);
afterAll(async () => {
  client.destroy();
  if (running.child.exitCode === null) await running.end('SIGTERM');
  await rm(home, { recursive: true });
});

/** As a client that heeds Retry-After, and sends again what it is told to send again. */
async function persistently(provider: ProviderName, body: Body): Promise<Answered> {
  for (let tries = 0; ; tries += 1) {
    const answered = await running.post(provider, body);
    const retryAfter = answered.headers.get('retry-after');
    const again = failures[answered.body.code as FailureCode]?.retry;
    if (answered.status < 400 || !again || tries === 20) return answered;
    await wait(Math.min(2, Number(retryAfter ?? 1)) * 1_000);
  }
}

async function records(): Promise<
  { state: string; name: string; provider: string; versions: { keyPairId: string; fingerprint: string }[] }[]
> {
  const { body } = await running.get('/v1/key-pairs?limit=100');
  return body.keyPairs as never;
}
const states = async () => {
  const all = await records();
  return all.length < wanted.length ? ['missing'] : all.map(({ state }) => state);
};

describe('200 requests at once', () => {
  it('make one pair for each name, and every answer names that pair', async () => {
    const made = new Map((await records()).map((record) => [`${record.provider}/${record.name}`, record]));
    expect(made.size).toBe(wanted.length);
    for (const { state, versions } of made.values()) {
      expect(state).toBe('active');
      expect(versions).toHaveLength(1);
    }
    for (const { key, answered } of answers) {
      expect(answered.status, JSON.stringify(answered.body)).toBeLessThan(300);
      const { keyPairId, fingerprint } = made.get(key)!.versions[0]!;
      expect(answered.body).toEqual({ keyPairId, fingerprint });
    }
    expect(answers.length).toBe(160);
    const first = answers.filter(({ answered }) => answered.status === 201).map(({ key }) => key);
    expect(new Set(first).size).toBe(first.length);
  });

  it('leave nothing open, and one readable key for every pair in the cloud', async () => {
    expect((await running.get('/v1/key-pairs?state=vending')).body).toEqual({ keyPairs: [] });
    const clouds = /clouds: (http:\S+)/.exec(running.printed())?.[1];
    const pairs = (await (await fetch(`${clouds}/admin/pairs`)).json()) as { name: string; publicKey: string }[];
    expect(pairs.map(({ name }) => name).sort()).toEqual(wanted.map(([, { name }]) => name).sort());
    const store = await readersStore({ KEYVEND_HOME: home });
    for (const [provider, { name, region = 'global' }] of wanted) {
      const key = parsePrivateKey((await store.reveal({ provider, account: 'default', region, name }))!);
      expect(key.publicKey).toBe(pairs.find((pair) => pair.name === name)?.publicKey);
    }
    await store.close();
  });

  it('announce every pair, and turn what can never succeed into a dead letter with its reason', async () => {
    const events = (await everything('keyvend-events')).map(({ body }) => JSON.parse(body) as { type: string });
    const vended = events
      .filter(({ type }) => type === 'keyvend.key-pair.vended')
      .map((event) => VendedEvent.parse(event));
    expect(new Set(vended.map(({ data }) => data.name)).size).toBe(wanted.length);
    const no = events
      .filter(({ type }) => type === 'keyvend.key-pair.refused')
      .map((event) => RefusedEvent.parse(event));
    const errors = [
      { pointer: '#/region', detail: 'is missing or has the wrong type' },
      { pointer: '#/name', detail: 'does not have the required form' },
    ];
    expect(no.map(({ data }) => data)).toEqual([{ code: 'INVALID_REQUEST', errors }]);
    const dead = await everything('keyvend-ecs-dead-letters');
    const attributes = { code: 'INVALID_REQUEST', reason: expect.any(String), fields: JSON.stringify(errors) };
    expect(dead).toEqual([{ body: refused, attributes }]);
    expect(await everything('keyvend-ens-dead-letters')).toEqual([]);
    expect(await everything('keyvend-cvm-dead-letters')).toEqual([]);
  });

  it('show no private key to anyone: not in logs, answers, ledger, messages, events or any file', async () => {
    const store = await readersStore({ KEYVEND_HOME: home });
    const slices: string[] = [];
    for (const [provider, { name, region = 'global' }] of wanted) {
      const key = await store.reveal({ provider, account: 'default', region, name });
      slices.push(...key!.reveal().split('\n').slice(1, -2));
    }
    await store.close();
    expect(slices.length).toBeGreaterThan(20 * wanted.length);
    const ledger = new DatabaseSync(join(home, 'ledger.sqlite'), { readOnly: true });
    const tables = ledger.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all() as { name: string }[];
    const rows = tables.map(({ name }) => JSON.stringify(ledger.prepare(`SELECT * FROM "${name}"`).all()));
    ledger.close();

    const shown: Record<string, string> = {
      logs: running.printed(),
      answers: JSON.stringify(answers.map(({ answered }) => [answered.body, [...answered.headers]])),
      ledger: rows.join('\n'),
    };
    for (const queue of ['keyvend-events', 'keyvend-ecs-dead-letters']) shown[queue] = JSON.stringify(seen.get(queue));
    for (const file of await readdir(home, { recursive: true, withFileTypes: true })) {
      if (file.isFile()) shown[file.name] = await readFile(join(file.parentPath, file.name), 'latin1');
    }
    expect(shown.logs).toMatch(/"message": ?"vended"/);
    expect(shown.logs).not.toContain(await running.token());
    for (const [where, text] of Object.entries(shown)) {
      expect(text.includes('PRIVATE KEY'), where).toBe(false);
      const leaked = slices.filter((slice) => text.includes(slice) || text.includes(slice.replaceAll('/', '\\/')));
      expect(leaked.length, where).toBe(0);
    }
  });
});

const seen = new Map<string, { body: string; attributes: Record<string, string> }[]>();
/** Every message of a queue; they stay there, out of sight. */
async function everything(queue: string) {
  const messages: { body: string; attributes: Record<string, string> }[] = [];
  for (;;) {
    const receive = new ReceiveMessageCommand({
      QueueUrl: running.queue(queue),
      MaxNumberOfMessages: 10,
      VisibilityTimeout: 600,
      MessageAttributeNames: ['All'],
    });
    const { Messages = [] } = await client.send(receive);
    if (Messages.length === 0) break;
    for (const { Body = '', MessageAttributes = {} } of Messages) {
      const attributes = Object.entries(MessageAttributes).map(([name, { StringValue }]) => [name, StringValue]);
      messages.push({ body: Body, attributes: Object.fromEntries(attributes) });
    }
  }
  seen.set(queue, messages);
  return messages;
}
