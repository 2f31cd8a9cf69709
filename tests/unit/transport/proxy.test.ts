// Connections through a proxy, as Node itself would make them for the same environment: a real one, on loopback.
import { execFile } from 'node:child_process';
import dns from 'node:dns';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { inspect, promisify } from 'node:util';
import { generate } from 'selfsigned';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../lib/clock.ts';
import { proxyFor } from '../../../lib/transport/proxy.ts';
import { createTransport } from '../../../lib/transport/transport.ts';
import { type ConnectProxy, connectProxy, type ProxyOptions } from '../../doubles/connect-proxy.ts';

const NAME = 'cloud.example';
const { cert, private: key } = await generate([{ name: 'commonName', value: 'a cloud' }], {
  keyType: 'ec',
  algorithm: 'sha256',
  extensions: [
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
    {
      name: 'subjectAltName',
      altNames: [
        { type: 2, value: NAME },
        { type: 2, value: 'localhost' },
      ],
    },
  ],
});

const cleanUp: (() => unknown)[] = [];
const environment = https.globalAgent.options as { proxyEnv?: Record<string, string> };
const before = environment.proxyEnv;
afterEach(async () => {
  environment.proxyEnv = before!;
  vi.restoreAllMocks();
  for (const close of cleanUp.splice(0).reverse()) await close();
});

/** The cloud: what is behind the proxy. */
let cloud: { port: number; requests: http.IncomingMessage[]; names: unknown[] };
beforeEach(async () => {
  const [requests, names] = [[] as http.IncomingMessage[], [] as unknown[]];
  const server = https.createServer({ cert, key }, (request, response) => {
    requests.push(request);
    response.end('{"keys":[]}');
  });
  server.on('secureConnection', (socket) => names.push(socket.servername));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUp.push(() => server.close().closeAllConnections());
  cloud = { port: (server.address() as AddressInfo).port, requests, names };
});

async function proxy(options?: ProxyOptions): Promise<ConnectProxy> {
  const made = await connectProxy(cloud.port, options);
  cleanUp.push(() => made.close());
  return made;
}

function transport() {
  const made = createTransport({ clock: systemClock, ca: cert });
  cleanUp.push(() => made.close());
  return made;
}
const request = (origin = `https://${NAME}`) => ({
  origin,
  path: '/secret-path',
  body: Buffer.from('secret-body'),
  sign: () => ({ host: NAME, authorization: 'secret-signature' }),
});
const call = { timeoutMs: 10_000 };

describe('a request through a proxy', () => {
  it('is read by the cloud alone: the proxy learns its host and port', async () => {
    const { port, seen } = await proxy();
    environment.proxyEnv = { HTTPS_PROXY: `http://127.0.0.1:${port}` };
    const answer = await transport().send(request(), call);
    expect(answer.body.toString()).toBe('{"keys":[]}');
    expect(cloud.requests.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      ['/secret-path', 'secret-signature'],
    ]);
    expect(cloud.names).toEqual([NAME]);
    expect(seen).toMatchObject({ asked: [`${NAME}:443`], others: 0 });
    expect(seen.carried).not.toMatch(/secret|POST/);
    expect(seen.carried.charCodeAt(0)).toBe(0x16); // a TLS handshake, RFC 8446 section 5.1
  });

  it('takes the tunnel that is there', async () => {
    const { port, seen } = await proxy();
    environment.proxyEnv = { https_proxy: `http://127.0.0.1:${port}` };
    const client = transport();
    for (let i = 0; i < 3; i += 1) await client.send(request(`https://${NAME}:8443`), call);
    expect(seen.asked).toEqual([`${NAME}:8443`]);
    expect(cloud.requests).toHaveLength(3);
  });

  it('shows the credentials of the proxy to the proxy alone', async () => {
    const { port, seen } = await proxy();
    environment.proxyEnv = { HTTPS_PROXY: `http://us%40er:pass%3Aword@127.0.0.1:${port}` };
    await transport().send(request(), call);
    expect(seen.credentials).toEqual([`Basic ${Buffer.from('us@er:pass:word').toString('base64')}`]);
    expect(cloud.requests[0]!.headers).not.toHaveProperty('proxy-authorization');
  });

  it('goes through a proxy that is itself reached over TLS', async () => {
    const { port, seen } = await proxy({ tls: { cert, key } });
    environment.proxyEnv = { HTTPS_PROXY: `https://localhost:${port}` };
    await expect(transport().send(request(), call)).rejects.toMatchObject({
      sent: false,
      networkCode: 'DEPTH_ZERO_SELF_SIGNED_CERT', // it is not a local cloud's certificate that makes a proxy trusted
    });
    expect(seen.asked).toEqual([]);
  });

  it.each([
    ['refuses', (socket: Socket) => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'), 'ERR_PROXY_TUNNEL'],
    ['wants other credentials', (socket: Socket) => socket.end('HTTP/1.1 407 No\r\n\r\n'), 'ERR_PROXY_TUNNEL'],
    ['hangs up', (socket: Socket) => socket.destroy(), 'ECONNRESET'],
    ['is no proxy', (socket: Socket) => socket.end('220 smtp ready\r\n'), /^HPE_/],
    [
      'hangs up in the tunnel',
      (socket: Socket) => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        socket.once('data', () => socket.destroy());
      },
      'ECONNRESET',
    ],
  ])('was not sent when the proxy %s, and the error says nothing of it', async (_, behave, code) => {
    const { port, seen } = await proxy({ behave });
    environment.proxyEnv = { HTTPS_PROXY: `http://user:pass-word@127.0.0.1:${port}` };
    const error = await transport()
      .send(request(), call)
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'NoAnswer', sent: false, reason: 'connection' });
    expect((error as { networkCode: string }).networkCode).toMatch(code);
    expect(inspect(error, { depth: Infinity })).not.toMatch(/pass-word|secret|127\.0\.0\.1/);
    await expect.poll(() => seen.open).toBe(0);
    expect(cloud.requests).toEqual([]);
  });

  it('is given up in time with nothing sent when the proxy says nothing, and leaves no connection', async () => {
    const { port, seen } = await proxy({ behave: () => {} });
    environment.proxyEnv = { HTTPS_PROXY: `http://127.0.0.1:${port}` };
    const sending = transport().send(request(), { timeoutMs: 200 });
    await expect(sending).rejects.toMatchObject({ reason: 'timeout', sent: false });
    await expect.poll(() => seen.open).toBe(0);
  });

  it('reaches a proxy whose name has addresses that refuse', async () => {
    const { port, seen } = await proxy();
    const entries = ['::1', '127.0.0.2', '127.0.0.1'].map((address) => ({ address, family: net.isIP(address) }));
    vi.spyOn(dns, 'lookup').mockImplementation(((
      _name: string,
      _options: unknown,
      found: (...all: unknown[]) => void,
    ) => found(null, entries)) as unknown as typeof dns.lookup);
    environment.proxyEnv = { HTTPS_PROXY: `http://proxy.example:${port}` };
    await transport().send(request(), call);
    expect(seen.asked).toHaveLength(1);
  });

  it('does not go through a proxy to this machine', async () => {
    const { port, seen } = await proxy();
    environment.proxyEnv = { HTTPS_PROXY: `http://127.0.0.1:${port}`, HTTP_PROXY: `http://127.0.0.1:${port}` };
    await transport().send(request(`https://localhost:${cloud.port}`), call);
    const plain = http.createServer((_, response) => response.end('{}')).listen(0, '127.0.0.1');
    await once(plain, 'listening');
    cleanUp.push(() => plain.close().closeAllConnections());
    await transport().send(request(`http://127.0.0.1:${(plain.address() as AddressInfo).port}`), call);
    expect(seen).toMatchObject({ asked: [], others: 0, open: 0 });
  });
});

/** What Node decides: for a proxy it writes the whole address into the request. */
function nodeUsesProxy(host: string, port: number, no_proxy: string): boolean {
  const agent = new http.Agent({ proxyEnv: { http_proxy: 'http://192.0.2.1:1', no_proxy } } as http.AgentOptions);
  agent.createConnection = () => new net.Socket();
  const asked = http.request({ host, port, agent, path: '/' }).on('error', () => {});
  const { path } = asked;
  asked.destroy();
  return path !== '/';
}

describe('whether there is a proxy for a host', () => {
  const lists = [
    ...['', '*', ' * ', ',', '.', 'example.com', 'EXAMPLE.com', ' example.com ,x', '.example.com', '*.example.com'],
    ...['ample.com', '.ample.com', '*ample.com', '*.ample.com', 'example.com:443', 'example.com:8443', 'a.example.com'],
    ...['.com', '*.com', 'com', '10.0.0.1', '10.0.0.0-10.0.0.9', '10.0.0.1-10.0.0.1', '10.0.0.2-10.0.0.1'],
    ...[' 9.255.255.255 - 10.0.1.0', '0.0.0.0-255.255.255.255', '10.0.0.0/8', '10.0.0.*', '10.0.0.0-x', 'x-10.0.0.9'],
    ...['2001:db8::1', '[2001:db8::1]', '2001:db8::-2001:db8::9', '-', '200.0.0.0-223.255.255.255', 'a-b.example.com'],
  ];
  const hosts = ['example.com', 'a.example.com', 'a.b.example.com', 'badexample.com', 'example.co', 'a-b.example.com'];
  const addresses = ['10.0.0.1', '10.0.0.10', '9.255.255.255', '203.0.113.7', '2001:db8::1'];

  it.each(lists)('is what Node says, with NO_PROXY=%j', (list) => {
    for (const host of [...hosts, ...addresses])
      for (const port of [443, 8443]) {
        environment.proxyEnv = { https_proxy: 'http://192.0.2.1:1', NO_PROXY: list };
        expect([host, port, proxyFor(host, port) !== undefined]).toEqual([host, port, nodeUsesProxy(host, port, list)]);
      }
  });

  it.each([
    [{ HTTPS_PROXY: 'http://upper', https_proxy: 'http://lower' }, 'http://lower/'],
    [{ HTTPS_PROXY: 'http://upper', https_proxy: '' }, 'http://upper/'],
    [{ HTTP_PROXY: 'http://other', ALL_PROXY: 'http://other' }, undefined],
    [{ HTTPS_PROXY: 'socks5://other' }, undefined],
    [{ HTTPS_PROXY: 'http://one', no_proxy: 'cloud.example', NO_PROXY: 'other' }, undefined],
    [{ HTTPS_PROXY: 'http://one', no_proxy: '', NO_PROXY: 'cloud.example' }, undefined],
    [{}, undefined],
    [undefined, undefined],
  ])('is by the variables that Node reads: %j', (variables, expected) => {
    environment.proxyEnv = variables as never;
    expect(proxyFor(NAME, 443)?.href).toBe(expected);
  });

  it.each(['localhost', '127.0.0.1', '127.9.9.9', '::1'])('is no for %s', (host) => {
    environment.proxyEnv = { https_proxy: 'http://192.0.2.1:1' };
    expect(proxyFor(host, 443)).toBeUndefined();
  });
});

describe('a process', () => {
  const program = `
    import { systemClock } from ${JSON.stringify(join(import.meta.dirname, '../../../lib/clock.ts'))};
    import { keysAt } from ${JSON.stringify(join(import.meta.dirname, '../../../lib/access/fetch-keys.ts'))};
    import { createTransport } from ${JSON.stringify(join(import.meta.dirname, '../../../lib/transport/transport.ts'))};
    const request = { origin: 'https://${NAME}', path: '/', body: Buffer.from('{}'), sign: () => ({}) };
    const said = await Promise.all([
      createTransport({ clock: systemClock }).send(request, { timeoutMs: 10000 }).then(({ status }) => status),
      keysAt('https://${NAME}/keys')(10000),
    ].map((asking) => asking.catch((error) => error.networkCode ?? error.message)));
    console.log(JSON.stringify(said));
    process.exit();
  `;
  async function run(env: Record<string, string>, flags: string[] = []): Promise<unknown> {
    const { mkdtemp, writeFile, rm } = await import('node:fs/promises');
    const folder = await mkdtemp(join(process.env.TMPDIR ?? '/tmp', 'keyvend-proxy-'));
    cleanUp.push(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'ca.pem'), cert);
    const args = [...flags, '--input-type=module', '-e', program];
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      env: { PATH: process.env.PATH, NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'), ...env },
    });
    return JSON.parse(stdout);
  }

  it.each([
    ['NODE_USE_ENV_PROXY=1', { NODE_USE_ENV_PROXY: '1' }, []],
    ['--use-env-proxy', {}, ['--use-env-proxy']],
    ['NODE_OPTIONS=--use-env-proxy', { NODE_OPTIONS: '--use-env-proxy' }, []],
  ])('with %s asks clouds and the issuer through the proxy', async (_, env, flags) => {
    const { port, seen } = await proxy();
    expect(await run({ HTTPS_PROXY: `http://127.0.0.1:${port}`, ...env }, flags)).toEqual([200, { keys: [] }]);
    expect(seen.asked).toEqual([`${NAME}:443`, `${NAME}:443`]);
  });

  it('reaches a proxy over TLS whose certificate Node trusts, and the cloud in the TLS of that', async () => {
    const { port, seen } = await proxy({ tls: { cert, key } });
    const env = { HTTPS_PROXY: `https://localhost:${port}`, NODE_USE_ENV_PROXY: '1' };
    expect(await run(env)).toEqual([200, { keys: [] }]);
    expect(seen.asked).toHaveLength(2);
  });

  it.each([
    ['without NODE_USE_ENV_PROXY', {}],
    ['with NODE_USE_ENV_PROXY=0', { NODE_USE_ENV_PROXY: '0' }],
    ['with the host in NO_PROXY', { NODE_USE_ENV_PROXY: '1', NO_PROXY: 'other.example,.example' }],
  ])('%s asks the proxy for nothing', async (_, env) => {
    const { port, seen } = await proxy();
    expect(await run({ HTTPS_PROXY: `http://127.0.0.1:${port}`, ...env })).toEqual([
      expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/),
      expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/),
    ]);
    expect(seen).toMatchObject({ asked: [], others: 0 });
  });
});
