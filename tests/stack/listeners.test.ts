// Whatever listens on this machine can be reached by every web page that is open on it, and by every name that is made to point
// here. The same attacks go to every listener that the process has, found by asking the system, so that none is forgotten.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import https from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type QueueKey, queueKeyIn } from '../../local/stack/queue-signature.ts';
import { canAsk, listenersOf } from './listening.ts';
import { type Running, start } from './process.ts';
import { Sha256 } from './sha256.ts';

let home: string;
let running: Running;
let ports: Readonly<Record<Listener, number>>;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'keyvend-listeners-'));
  running = await start(home, { POWERTOOLS_LOG_LEVEL: 'SILENT' });
  const environment = JSON.parse(await readFile(join(home, 'environment.json'), 'utf8')) as Record<string, string>;
  const portOf = (url: string | undefined) => Number(new URL(url ?? '').port);
  ports = {
    gateway: portOf(running.endpoint),
    clouds: portOf(environment.KEYVEND_ECS_ENDPOINT),
    queues: portOf(environment.AWS_ENDPOINT_URL_SQS),
    issuer: portOf(environment.KEYVEND_JWKS_URI),
  };
});
afterAll(async () => {
  await running.end('SIGTERM');
  await rm(home, { recursive: true });
});

const listeners = ['gateway', 'clouds', 'queues', 'issuer'] as const;
type Listener = (typeof listeners)[number];

interface Wire {
  readonly method: string;
  readonly target: string;
  /** Names and values, in order; a name may come twice. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: string;
}
interface Asked extends Wire {
  readonly host: string;
}

/** A request that each of them answers, and that a caller may send. */
const asked: Readonly<Record<Listener, (host: string) => Promise<Asked>>> = {
  gateway: async (host) => ({ method: 'GET', target: '/health', host, headers: [] }),
  clouds: async (host) => ({ method: 'GET', target: '/admin', host, headers: [] }),
  issuer: async (host) => ({ method: 'GET', target: '/jwks', host, headers: [] }),
  queues: (host) => signed(host, 'GetQueueUrl', { QueueName: 'keyvend-ens' }),
};

/** What a web page would like to send, in forms that need no permission to be sent. */
const change: Readonly<Record<Listener, { target: string; body: string }>> = {
  gateway: { target: '/v1/ens/key-pairs', body: '{"name":"by-a-page"}' },
  clouds: { target: '/admin/pairs', body: '{"service":"ens","name":"by-a-page"}' },
  issuer: { target: '/jwks', body: '{"keys":[]}' },
  queues: { target: '/', body: 'Action=CreateTopic&Name=by-a-page' },
};

async function signed(host: string, action: string, input: object, key?: QueueKey) {
  const body = JSON.stringify(input);
  const signer = new SignatureV4({
    service: 'sqs',
    region: 'us-east-1',
    sha256: Sha256,
    credentials: key ?? (await queueKey()),
  });
  const headers = { host, 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${action}` };
  const request = { method: 'POST', protocol: 'http:', hostname: '127.0.0.1', path: '/', query: {}, headers, body };
  const { host: _, ...rest } = (await signer.sign(request)).headers;
  return { method: 'POST', target: '/', host, headers: Object.entries(rest), body };
}
const queueKey = async () => queueKeyIn(await readFile(join(home, 'queue-credentials'), 'utf8'));

/** Byte for byte, because HTTP clients repair or refuse what is wrong here. */
async function send(port: number, { method, target, headers, body = '' }: Wire, version = '1.1') {
  const socket = connect(port, '127.0.0.1');
  const lines = [...headers, ['content-length', String(Buffer.byteLength(body))], ['connection', 'close']];
  socket.end(
    `${method} ${target} HTTP/${version}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`,
  );
  let text = '';
  socket.on('data', (bytes: Buffer) => {
    text += bytes;
  });
  await once(socket, 'close');
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1]), text };
}
const withHost = ({ host, headers, ...rest }: Asked): Wire => ({ ...rest, headers: [['host', host], ...headers] });

describe('what npm start listens on', () => {
  it('is on loopback, and is known to this test', async (ctx) => {
    if (!canAsk) return ctx.skip('only Linux says which process listens where');
    const found = listenersOf(running.child.pid!);
    expect(found.every(({ address }) => address === '127.0.0.1')).toBe(true);
    expect(found.map(({ port }) => port).sort()).toEqual(Object.values(ports).sort());
  });
});

type Attack = (asked: Asked, port: number) => Wire;
const header =
  (name: string, value: string | ((port: number) => string)): Attack =>
  (to, port) => {
    const { headers, ...rest } = withHost(to);
    return { ...rest, headers: [...headers, [name, typeof value === 'string' ? value : value(port)]] };
  };

describe.each(listeners)('%s', (listener) => {
  it.each([
    ['127.0.0.1', (port: number) => `127.0.0.1:${port}`],
    ['localhost', (port: number) => `localhost:${port}`],
    ['[::1]', (port: number) => `[::1]:${port}`],
  ])('answers to %s with its own port, and permits nothing to other origins', async (_, host) => {
    const port = ports[listener];
    const { status, text } = await send(port, withHost(await asked[listener](host(port))));
    expect(status, text).toBe(200);
    expect(text).not.toMatch(/access-control-/i);
  });

  it.each([
    ['its own origin', header('origin', (port) => `http://127.0.0.1:${port}`)],
    ['a page that the user opened', header('sec-fetch-site', 'none')],
    ['a page of its own', header('sec-fetch-site', 'same-origin')],
  ])('answers to %s', async (_, attack) => {
    const port = ports[listener];
    const { status, text } = await send(port, attack(await asked[listener](`127.0.0.1:${port}`), port));
    expect(status, text).toBe(200);
  });

  it.each<[string, (port: number) => string, number]>([
    ['a foreign name', () => 'evil.example', 421],
    ['a foreign name with its port', (port) => `evil.example:${port}`, 421],
    ['a name that begins like loopback', (port) => `127.0.0.1.evil.example:${port}`, 421],
    ['a name that ends like loopback', (port) => `evil.localhost:${port}`, 421],
    ['another address', (port) => `0.0.0.0:${port}`, 421],
    ['another spelling of the address', (port) => `2130706433:${port}`, 421],
    ['another port', (port) => `127.0.0.1:${port + 1}`, 421],
    ['no port', () => '127.0.0.1', 421],
    ['a dot at its end', (port) => `localhost.:${port}`, 400],
    ['user info', (port) => `user@127.0.0.1:${port}`, 400],
    ['nothing in it', () => '', 400],
    ['two names', (port) => `127.0.0.1:${port}, evil.example`, 400],
  ])('refuses a Host with %s', async (_, host, expected) => {
    const port = ports[listener];
    const { status, text } = await send(port, withHost(await asked[listener](host(port))));
    expect(status, text).toBe(expected);
    expect(text).not.toMatch(/access-control-/i);
  });

  it.each<[string, Attack, number, string?]>([
    ['without a Host', ({ host: _, ...rest }) => rest, 400],
    ['without a Host, of HTTP/1.0', ({ host: _, ...rest }) => rest, 400, '1.0'],
    ['with two Hosts', header('host', 'evil.example'), 400],
    ['with the same Host twice', header('host', (port) => `127.0.0.1:${port}`), 400],
    ['for another name in its target', (to) => ({ ...withHost(to), target: `http://evil.example${to.target}` }), 400],
    ['of a foreign origin', header('origin', 'https://evil.example'), 403],
    ['of no origin', header('origin', 'null'), 403],
    ['of an origin on another port', header('origin', (port) => `http://127.0.0.1:${port + 1}`), 403],
    ['of an origin with another scheme', header('origin', (port) => `https://127.0.0.1:${port}`), 403],
    ['of an origin by another name', header('origin', (port) => `http://localhost:${port}`), 403],
    ['of another site', header('sec-fetch-site', 'cross-site'), 403],
    ['of another port of this machine', header('sec-fetch-site', 'same-site'), 403],
    ['that asks for a WebSocket', header('upgrade', 'websocket'), 403],
  ])('refuses a request %s', async (_, attack, expected, version) => {
    const port = ports[listener];
    const { status, text } = await send(port, attack(await asked[listener](`127.0.0.1:${port}`), port), version);
    expect(status, text).toBe(expected);
    expect(text).not.toMatch(/access-control-/i);
  });

  it.each(['OPTIONS', 'TRACE'])('refuses %s', async (method) => {
    const port = ports[listener];
    const to = await asked[listener](`127.0.0.1:${port}`);
    const preflight = [
      ['access-control-request-method', 'POST'],
      ['access-control-request-headers', 'authorization'],
    ] as const;
    const { status, text } = await send(port, withHost({ ...to, method, headers: [...to.headers, ...preflight] }));
    expect(status, text).toBe(403);
    expect(text).not.toMatch(/access-control-/i);
  });

  it.each([
    ['a form', 'application/x-www-form-urlencoded'],
    ['a form with files', 'multipart/form-data; boundary=x'],
    ['text', 'text/plain'],
    ['text that says it is JSON', 'text/plain; application/json'],
    ['a body of no type', undefined],
  ])('refuses %s, which a web page may send without being asked', async (_, type) => {
    const port = ports[listener];
    const headers = type === undefined ? [] : [['content-type', type] as const];
    const wire = { method: 'POST', host: `127.0.0.1:${port}`, headers, ...change[listener] };
    const { status, text } = await send(port, withHost(wire));
    expect(status, text).toBe(415);
  });

  it('changes nothing for a GET', async () => {
    const port = ports[listener];
    const { target, body } = change[listener];
    const query = new URLSearchParams(listener === 'queues' ? body : JSON.parse(body));
    await send(port, withHost({ method: 'GET', target: `${target}?${query}`, host: `127.0.0.1:${port}`, headers: [] }));
    const made = (await (await fetch(`http://127.0.0.1:${ports.clouds}/admin/pairs`)).json()) as unknown[];
    expect(made).toEqual([]);
  });
});

describe('the clouds, over TLS', () => {
  const asked = (headers: Record<string, string>) =>
    new Promise<number | undefined>((resolve, reject) => {
      const where = {
        host: '127.0.0.1',
        port: ports.clouds,
        path: '/admin',
        ca: readFileSync(join(home, 'clouds-ca.pem')),
      };
      https
        .get({ ...where, headers, agent: false, servername: 'localhost' }, (answer) =>
          resolve(answer.resume().statusCode),
        )
        .on('error', reject);
    });

  it.each<[string, (port: number) => Record<string, string>, number]>([
    ['their own name and origin', (port) => ({ origin: `https://127.0.0.1:${port}` }), 200],
    ['a foreign name', (port) => ({ host: `evil.example:${port}` }), 421],
    ['the origin that they have without TLS', (port) => ({ origin: `http://127.0.0.1:${port}` }), 403],
  ])('are asked by %s', async (_, headers, expected) => {
    expect(await asked(headers(ports.clouds))).toBe(expected);
  });
});

describe('the queue server', () => {
  const to = (wire: Asked) => send(ports.queues, withHost(wire));
  const host = () => `127.0.0.1:${ports.queues}`;
  const message = { MessageBody: '{"provider":"ens","name":"by-a-page"}' };
  const QueueUrl = () => running.queue('keyvend-ens');

  it('has its key in a file that only its owner can read', async () => {
    expect((await stat(join(home, 'queue-credentials'))).mode & 0o777).toBe(0o600);
    expect((await queueKey()).secretAccessKey.length).toBeGreaterThanOrEqual(43);
  });

  it.each<[string, () => Promise<Asked>]>([
    [
      'without a signature',
      async () => {
        const { headers, ...rest } = await signed(host(), 'SendMessage', { ...message, QueueUrl: QueueUrl() });
        return { ...rest, headers: headers.filter(([name]) => name !== 'authorization') };
      },
    ],
    [
      'signed with another key',
      () =>
        signed(
          host(),
          'SendMessage',
          { ...message, QueueUrl: QueueUrl() },
          { accessKeyId: 'keyvend', secretAccessKey: 'any' },
        ),
    ],
    [
      'signed for another body',
      async () => ({ ...(await signed(host(), 'SendMessage', {})), body: JSON.stringify(message) }),
    ],
  ])('takes no message that is sent %s', async (_, wire) => {
    expect((await to(await wire())).status).toBe(403);
    const left = await to(
      await signed(host(), 'GetQueueAttributes', {
        QueueUrl: QueueUrl(),
        AttributeNames: ['ApproximateNumberOfMessages'],
      }),
    );
    expect(left.text).toContain('"ApproximateNumberOfMessages":"0"');
  });

  it.each([
    ['SNS', 'POST', '/', 'application/x-www-form-urlencoded', 'Action=ListTopics'],
    ['its own list of queues', 'GET', '/_fauxqs/queues', undefined, ''],
    ['buckets', 'PUT', '/bucket', 'application/json', ''],
    ['another path', 'POST', '/000000000000/keyvend-ens', 'application/x-amz-json-1.0', '{}'],
  ])('serves queues alone, and not %s', async (_, method, target, type, body) => {
    const headers = type === undefined ? [] : [['content-type', type] as const];
    const { status } = await to({ method, target, host: host(), headers, body });
    expect([403, 404, 415]).toContain(status);
  });
});
