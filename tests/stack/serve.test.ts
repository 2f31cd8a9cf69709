// `keyvend serve` on one machine, with nothing but a folder, and clouds and an issuer that run apart.

import { execFileSync } from 'node:child_process';
import { cpSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import type { TLSSocket } from 'node:tls';
import { generate } from 'selfsigned';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OPEN } from '../../lib/access/access-document.ts';
import { VendedEvent } from '../../lib/contract/events.ts';
import { metricNames } from '../../lib/platforms/metrics/metric-table.ts';
import { prometheusName } from '../../lib/platforms/metrics/prometheus-name.ts';
import { guardedServer } from '../../local/guard.ts';
import { type Place, place, type Serving } from './serving.ts';

const web = { name: 'web-1', region: 'cn-hangzhou' };

describe('keyvend serve', { timeout: 60_000 }, () => {
  let here: Place;
  const running: Serving[] = [];
  const start = async (environment?: Record<string, string>) => {
    const serving = await here.start(environment);
    running.push(serving);
    return serving;
  };
  beforeEach(async () => {
    here = await place();
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((one) => one.end('SIGKILL')));
    await here.remove();
  });

  it('vends with what init wrote, answers the same again after a restart, and hands the key to whoever may read the folder', async () => {
    const first = await start();
    const vended = await first.ask('POST', '/v1/ecs/key-pairs', web);
    expect(vended.status).toBe(201);
    expect(vended.headers.get('location')).toBe('/v1/ecs/key-pairs/web-1?region=cn-hangzhou');
    expect(await first.end()).toBe(0);

    const second = await start();
    expect(await second.ask('POST', '/v1/ecs/key-pairs', web)).toMatchObject({ status: 200, body: vended.body });
    const shown = await here.run({}, 'show', 'ecs', 'web-1', '--region', 'cn-hangzhou');
    expect(shown).toContain(String(vended.body.keyPairId));
    const key = join(here.folder, 'key.pem');
    await here.run({}, 'key', 'ecs', 'web-1', '--region', 'cn-hangzhou', '--out', key);
    const publicKey = execFileSync('ssh-keygen', ['-y', '-f', key], { encoding: 'utf8' });
    expect(here.clouds.admin.pairs()[0]!.publicKey.split(' ')[1]).toBe(publicKey.trim().split(' ')[1]);
  });

  it('answers as the functions do: tokens, grants, wrong fields, unknown routes, bodies that are too long', async () => {
    const { ask, url } = await start();
    const problem = async (method: string, path: string, body?: object, headers?: Record<string, string>) => {
      const answer = await ask(method, path, body, headers);
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
      expect(answer.headers.get('x-request-id')).toMatch(/^[\w-]{36}$/);
      return [answer.status, answer.body.code];
    };
    expect(await problem('POST', '/v1/ecs/key-pairs', web, { authorization: '' })).toEqual([401, 'TOKEN_MISSING']);
    const team = { authorization: `Bearer ${await here.token({ groups: ['team-web'] })}` };
    expect(await problem('POST', '/v1/ecs/key-pairs', { ...web, name: 'db-1' }, team)).toEqual([403, 'FORBIDDEN']);
    expect((await ask('POST', '/v1/ecs/key-pairs', web, team)).status).toBe(201);
    expect(await problem('POST', '/v1/ecs/key-pairs', { ...web, colour: 'red' })).toEqual([400, 'FIELD_UNKNOWN']);
    expect(await problem('GET', '/v1/nothing')).toEqual([404, 'ROUTE_UNKNOWN']);
    expect(await problem('PUT', '/v1/ecs/key-pairs')).toEqual([404, 'ROUTE_UNKNOWN']);
    const long = { ...web, name: 'x'.repeat(20_000) };
    expect(await problem('POST', '/v1/ecs/key-pairs', long)).toEqual([413, 'TOO_LARGE']);
    expect(await problem('POST', '/v1/ecs/key-pairs', { name: 'x'.repeat(2_000_000) })).toEqual([413, 'TOO_LARGE']);
    const broken = await fetch(`${url}/v1/ecs/key-pairs`, {
      method: 'POST',
      body: '{',
      headers: { authorization: `Bearer ${await here.token()}`, 'content-type': 'application/json' },
    });
    expect([broken.status, ((await broken.json()) as { code: string }).code]).toEqual([400, 'INVALID_REQUEST']);
  });

  it('gives each line of its log the request that it belongs to, however many are answered at once', async () => {
    const { ask, lines } = await start();
    const names = Array.from({ length: 30 }, (_, i) => `web-${i}`);
    const answers = await Promise.all(names.map((name) => ask('POST', '/v1/ecs/key-pairs', { ...web, name })));
    const printed = () => lines().filter(({ message }) => message === 'vended');
    while (printed().length < names.length) await new Promise((resolve) => setTimeout(resolve, 10)); // by a pipe
    const vended = new Map(printed().map((line) => [line.request, line.name]));
    for (const [i, { status, headers }] of answers.entries()) {
      expect(status).toBe(201);
      expect(vended.get(headers.get('x-request-id'))).toBe(names[i]);
    }
  });

  it('finishes what was begun when it is told to stop', async () => {
    await start({ KEYVEND_LEASE_MS: '30000' });
    const [serving] = running;
    here.clouds.admin.addFault({ match: { action: 'CreateKeyPair' }, fault: { kind: 'delay', delayMs: 1_500 } });
    const answer = serving!.ask('POST', '/v1/ecs/key-pairs', web);
    while (here.clouds.admin.faults().every(({ done }) => done === 0))
      await new Promise((resolve) => setTimeout(resolve, 10));
    const ended = serving!.end();
    expect((await answer).status).toBe(201);
    expect(await ended).toBe(0);
  });

  it('tells live from able: without its ledger it lives and is not ready', async () => {
    const serving = await start();
    const at = async (path: string) => (await fetch(`${serving.metricsUrl}${path}`)).status;
    expect([await at('/health'), await at('/ready')]).toEqual([200, 200]);
    expect((await fetch(`${serving.url}/ready`)).status).toBe(200);
    cpSync(join(here.folder, 'keyvend-data'), join(here.folder, 'kept'), { recursive: true });
    execFileSync('rm', ['-r', join(here.folder, 'keyvend-data')]);
    while ((await at('/ready')) !== 503) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await at('/health')).toBe(200);
    const metrics = await fetch(`${serving.metricsUrl}/metrics`);
    expect([metrics.status, await metrics.text()]).toEqual([200, expect.stringMatching(/^keyvend_ready 0$/m)]);
    expect(await (await fetch(`${serving.url}/ready`)).json()).toMatchObject({
      ready: false,
      parts: { ledger: 'unavailable' },
    });
  });

  it('counts what it does, on a port of its own, and says nothing of whose keys they are', async () => {
    const serving = await start();
    await serving.ask('POST', '/v1/ecs/key-pairs', web);
    await serving.ask('POST', '/v1/ecs/key-pairs', { ...web, colour: 'red' });
    const text = await (await fetch(`${serving.metricsUrl}/metrics`)).text();
    expect(text).toMatch(/^keyvend_request_seconds_count\{operation="vendEcsKeyPair",status="201",code=""\} 1$/m);
    expect(text).toMatch(
      /^keyvend_request_seconds_count\{operation="vendEcsKeyPair",status="400",code="FIELD_UNKNOWN"\} 1$/m,
    );
    expect(text).toMatch(/^keyvend_failures_total\{code="FIELD_UNKNOWN",effect="none"\} 1$/m);
    expect(text).toMatch(/^keyvend_vends_total\{provider="ecs",outcome="made"\} 1$/m);
    for (const [part, step] of [
      ['ledger', 'write'],
      ['store', 'put'],
      ['cloud', 'create'],
    ])
      expect(text).toMatch(
        new RegExp(`^keyvend_step_seconds_count\\{part="${part}",step="${step}",outcome="ok"\\} [1-9]`, 'm'),
      );
    expect(text).toMatch(/^keyvend_job_succeeded_timestamp_seconds\{job="settle"\} \d+/m);
    expect(text).toMatch(/^keyvend_ready 1$/m);
    const families = [...text.matchAll(/^# TYPE (keyvend_\w+) /gm)].map(([, name]) => name);
    expect(families.sort()).toEqual(metricNames.map(prometheusName).sort());
    expect(text).not.toContain('web-1');
    expect((await fetch(`${serving.url}/metrics`)).status).not.toBe(200);
  });

  it('puts its events on a bus of AWS, and again where the bus did not take one', async () => {
    const entries: { DetailType: string; Detail: string; EventBusName: string }[] = [];
    let refusals = 1;
    const bus = await guardedServer(async (request, response) => {
      const { Entries } = (await json(request)) as { Entries: typeof entries };
      expect(request.headers['x-amz-target']).toBe('AWSEvents.PutEvents');
      const isRefused = refusals-- > 0;
      if (!isRefused) entries.push(...Entries);
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify({ FailedEntryCount: isRefused ? 1 : 0, Entries: [{}] }));
    });
    try {
      const serving = await start({
        ...{ AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'secret' },
        KEYVEND_BUS: 'ours',
        AWS_ENDPOINT_URL_EVENTBRIDGE: `http://127.0.0.1:${(bus.address() as AddressInfo).port}`,
      });
      const { body } = await serving.ask('POST', '/v1/ecs/key-pairs', web);
      while (entries.length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
      expect(entries[0]).toMatchObject({ EventBusName: 'ours', DetailType: 'keyvend.key-pair.vended' });
      expect(VendedEvent.parse(JSON.parse(entries[0]!.Detail)).data.keyPairId).toBe(body.keyPairId);
    } finally {
      bus.closeAllConnections();
      bus.close();
    }
  });

  it('puts its events on a bus of Alibaba, and again where the bus did not take one', async () => {
    const { accessKeyId, accessKeySecret } = here.clouds.credentials.alibaba;
    here.clouds.admin.events.addBus('ours');
    here.clouds.admin.addFault({
      match: { service: 'eventbridge', action: 'PutEvents' },
      fault: { kind: 'refuse', code: 'AccessDenied' },
    });
    const serving = await start({
      ...{ ALIBABA_CLOUD_ACCESS_KEY_ID: accessKeyId, ALIBABA_CLOUD_ACCESS_KEY_SECRET: accessKeySecret },
      ...{ KEYVEND_ALIBABA_BUS: 'ours', KEYVEND_ALIBABA_BUS_REGION: 'cn-hangzhou' },
      KEYVEND_ALIBABA_BUS_ENDPOINT: here.clouds.endpoint,
    });
    const { body } = await serving.ask('POST', '/v1/ecs/key-pairs', web);
    const events = () => here.clouds.admin.events.list('ours');
    while (events().length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    const { aliyuneventbusname, ...event } = events()[0]!;
    expect(aliyuneventbusname).toBe('ours');
    const own = Object.fromEntries(Object.entries(event).filter(([name]) => !name.startsWith('aliyun')));
    expect(VendedEvent.parse(own).data.keyPairId).toBe(body.keyPairId);
    expect(here.clouds.admin.requests().filter(({ action }) => action === 'PutEvents')).toMatchObject([
      { code: 'AccessDenied' },
      { code: '' },
    ]);
  });

  it('speaks TLS by itself, and with another certificate once there is one', async () => {
    const write = async (name: string) => {
      const made = await generate([{ name: 'commonName', value: name }]);
      writeFileSync(join(here.folder, 'key.pem'), made.private, { mode: 0o600 });
      writeFileSync(join(here.folder, 'cert.pem'), made.cert);
    };
    await write('one.example');
    const serving = await start({
      KEYVEND_TLS_CERT_FILE: join(here.folder, 'cert.pem'),
      KEYVEND_TLS_KEY_FILE: join(here.folder, 'key.pem'),
    });
    const shown = () =>
      new Promise<string>((resolve, reject) => {
        const asked = get(`${serving.url}/health`, { rejectUnauthorized: false, agent: false }, (answer) => {
          resolve(String((answer.socket as TLSSocket).getPeerCertificate().subject.CN));
          answer.resume();
        });
        asked.on('error', reject);
      });
    expect(await shown()).toBe('one.example');
    await write('two.example');
    while ((await shown()) !== 'two.example') await new Promise((resolve) => setTimeout(resolve, 200));
  });

  it('refuses headers longer than a request has', async () => {
    const { url } = await start();
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write(`GET / HTTP/1.1\r\nhost: x\r\nlong: ${'x'.repeat(20_000)}\r\n\r\n`);
    let said = '';
    for await (const bytes of socket) said += bytes;
    expect(said).toMatch(/^HTTP\/1\.1 431 /);
  });

  it('tells those who come when too many are answered already to come again', async () => {
    const { ask } = await start({ KEYVEND_MOST_REQUESTS: '1' });
    here.clouds.admin.addFault({ match: { action: 'CreateKeyPair' }, fault: { kind: 'delay', delayMs: 800 } });
    const names = ['web-1', 'web-2', 'web-3'];
    const answers = await Promise.all(names.map((name) => ask('POST', '/v1/ecs/key-pairs', { ...web, name })));
    const refused = answers.filter(({ status }) => status === 503);
    expect(refused).toHaveLength(2);
    for (const { body, headers } of refused)
      expect([body.code, headers.get('retry-after')]).toEqual(['OVERLOADED', '1']);
  });

  it.each<[string, Record<string, string>, RegExp]>([
    [
      'a ledger that is shared beside a store that is not',
      { KEYVEND_LEDGER: 'postgres', KEYVEND_POSTGRES_URL: 'postgres://a@b/c' },
      /KEYVEND_STORE=embedded works on one machine only, and KEYVEND_LEDGER=postgres runs on many/,
    ],
    [
      'a ledger that messages cannot be kept beside',
      { KEYVEND_LEDGER: 'dynamodb', KEYVEND_STORE: 'secrets-manager' },
      /KEYVEND_LEDGER=dynamodb has no place for them/,
    ],
    ['a certificate without its key', { KEYVEND_TLS_CERT_FILE: '/tmp/cert.pem' }, /KEYVEND_TLS_KEY_FILE/],
    ['a bus without credentials', { KEYVEND_BUS: 'ours', AWS_REGION: 'eu-central-1' }, /AWS_ACCESS_KEY_ID/],
    [
      'a bus of Alibaba without its region',
      { KEYVEND_ALIBABA_BUS: 'ours', ALIBABA_CLOUD_ACCESS_KEY_ID: 'a', ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'b' },
      /KEYVEND_ALIBABA_BUS_REGION/,
    ],
    [
      'a bus of Alibaba without credentials',
      { KEYVEND_ALIBABA_BUS: 'ours', KEYVEND_ALIBABA_BUS_REGION: 'cn-hangzhou' },
      /ALIBABA_CLOUD_ACCESS_KEY_ID/,
    ],
    ['a webhook without a secret', { KEYVEND_WEBHOOK_URL: 'https://hooks.example' }, /KEYVEND_WEBHOOK_SECRET_FILE/],
    ['a port that is taken', { KEYVEND_LISTEN: 'TAKEN' }, /EADDRINUSE|in use/],
  ])('does not start with %s, and says so in a sentence', async (_, environment, said) => {
    const { KEYVEND_LISTEN: listen } = environment;
    const taken = listen === undefined ? {} : { KEYVEND_LISTEN: new URL((await start()).url).host };
    const printed = await here.refused({ ...environment, ...taken }, 'serve');
    expect(printed).toMatch(said);
    expect(printed).not.toMatch(/^ {4}at /m);
  });

  it('refuses a file with a name that nobody knows, or that is no YAML, and says where', async () => {
    const written = (text: string) => {
      const file = join(here.folder, 'other.yaml');
      writeFileSync(file, text);
      return here.refused(
        { KEYVEND_CONFIG: file, KEYVEND_DEPLOYMENT: 'main', KEYVEND_ACCESS: OPEN, KEYVEND_AUDIENCE: 'a' },
        'serve',
      );
    };
    expect(await written('colour: red\npostgres: { shade: 1 }')).toContain('nobody knows colour, postgres-shade');
    expect(await written('postgres: { url: "postgres://a@b/c" }\nshade: 1')).toContain('nobody knows shade;');
    expect(await written('a: [')).toMatch(/not YAML that can be read .* line \d/);
    expect(await written('a: 1\na: 2')).toMatch(/not YAML that can be read/);
  });
});
