// The transport against servers that misbehave byte by byte. What matters: whether the cloud can have seen the request.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import https from 'node:https';
import net, { type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../lib/clock.ts';
import { createTransport, type TransportOptions } from '../../../lib/transport/transport.ts';
import type { Transport } from '../../../lib/transport/wire.ts';
import { makeCertificate } from '../../../local/clouds/http/certificate.ts';
import { testClock } from '../../doubles/test-clock.ts';

const call = { timeoutMs: 10_000 };
const cleanUp: (() => void)[] = [];
afterEach(() => {
  for (const close of cleanUp.splice(0)) close();
});

/** A TCP server; `behave` gets each connection, `received` all bytes that came. */
async function server(
  behave: (socket: Socket, request: string) => void,
  onConnection: (socket: Socket) => void = () => {},
) {
  const seen = { connections: 0, received: '', signed: 0 };
  const sockets = new Set<Socket>();
  const listening = net.createServer((socket) => {
    seen.connections += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      seen.received += bytes.toString('latin1');
      behave(socket, bytes.toString('latin1'));
    });
    onConnection(socket);
  });
  listening.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  cleanUp.push(() => {
    listening.close();
    for (const socket of sockets) socket.destroy();
  });
  const { port } = listening.address() as AddressInfo;
  const request = (protocol = 'http') => ({
    origin: `${protocol}://127.0.0.1:${port}`,
    path: '/?A=1',
    body: Buffer.from('{}'),
    sign: (nowMs: number) => {
      seen.signed += 1;
      return { host: 'cloud', 'x-signed-at': String(nowMs) };
    },
  });
  return { port, seen, request };
}

function transport(options: Partial<TransportOptions> = {}): Transport {
  const made = createTransport({ clock: systemClock, ...options });
  cleanUp.push(() => made.close());
  return made;
}

const answer = (body: string, length = body.length) => `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n${body}`;
const ok = (socket: Socket) => socket.write(answer('{"a":1}'));

describe('the transport', () => {
  it('gives the whole answer, and sends what was signed', async () => {
    const clock = testClock();
    const { request, seen } = await server(ok);
    const got = await transport({ clock }).send(request(), call);
    expect(got).toMatchObject({ status: 200, headers: { 'content-length': '7' } });
    expect(got.body.toString()).toBe('{"a":1}');
    expect(seen.received).toMatch(/^POST \/\?A=1 HTTP\/1.1\r\n/);
    expect(seen.received).toContain(`x-signed-at: ${clock.wallMs()}`);
    expect(seen.received).toMatch(/\r\n\r\n\{\}$/);
  });

  it.each([
    ['closes after reading the request', (s: Socket) => s.destroy(), { reason: 'connection' }],
    ['resets after reading the request', (s: Socket) => s.resetAndDestroy(), { networkCode: 'ECONNRESET' }],
    ['stops in the middle of the body', (s: Socket) => s.end(answer('{"a":', 500)), { reason: 'truncated' }],
    [
      'stops in the middle of a chunk',
      (s: Socket) => s.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab'),
      { reason: 'truncated' },
    ],
    ['is not HTTP', (s: Socket) => s.end('220 smtp ready\r\n'), { reason: 'connection' }],
    ['sends more than can be right', (s: Socket) => s.write(answer('x'.repeat(5000))), { reason: 'oversized' }],
  ])('says that the request was sent when the server %s', async (_, behave, expected) => {
    const { request } = await server(behave);
    const sending = transport({ maxAnswerBytes: 4096 }).send(request(), call);
    await expect(sending).rejects.toMatchObject({ name: 'NoAnswer', sent: true, ...expected });
  });

  it('says that nothing was sent when nobody listens', async () => {
    const { request, seen } = await server(ok);
    const closed = { ...request(), origin: `http://127.0.0.1:${await unusedPort()}` };
    await expect(transport().send(closed, call)).rejects.toMatchObject({ sent: false, networkCode: 'ECONNREFUSED' });
    expect(seen.signed).toBe(0);
  });

  it('times out before the handshake with nothing sent, and after it with the request sent', async () => {
    const { request, seen } = await server(() => {});
    const soon = { timeoutMs: 50 };
    await expect(transport().send(request('https'), soon)).rejects.toMatchObject({ reason: 'timeout', sent: false });
    expect(seen.signed).toBe(0);
    await expect(transport().send(request(), soon)).rejects.toMatchObject({ reason: 'timeout', sent: true });
  });

  it('does not connect for a call that is cancelled already', async () => {
    const { request, seen } = await server(ok);
    const cancelled = transport().send(request(), { ...call, signal: AbortSignal.abort() });
    await expect(cancelled).rejects.toMatchObject({ reason: 'cancelled', sent: false });
    expect(seen.connections).toBe(0);
  });

  it('is cancelled during the handshake with nothing sent, and after it with the request sent', async () => {
    const early = new AbortController();
    const handshake = await server(() => early.abort()); // the TLS client hello has arrived
    const first = transport().send(handshake.request('https'), { ...call, signal: early.signal });
    await expect(first).rejects.toMatchObject({ reason: 'cancelled', sent: false });
    expect(handshake.seen.signed).toBe(0);

    const late = new AbortController();
    const waiting = await server(() => late.abort());
    const second = transport().send(waiting.request(), { ...call, signal: late.signal });
    await expect(second).rejects.toMatchObject({ reason: 'cancelled', sent: true });
  });

  it.each(['wall', 'monotonic'] as const)(
    'signs nothing once the deadline has passed on the %s clock',
    async (reading) => {
      const clock = testClock();
      const deadline = { wallMs: clock.wallMs() + 1_000, monotonicMs: clock.monotonicMs() + 1_000 };
      const { request, seen } = await server(ok);
      const client = transport({ clock });
      await client.send(request(), { ...call, signBefore: deadline });
      clock.advance(1_000, reading);
      const late = client.send(request(), { ...call, signBefore: deadline });
      await expect(late).rejects.toMatchObject({ reason: 'deadline', sent: false });
      expect(seen.signed).toBe(1);
    },
  );

  it('looks at the deadline when the connection is up, not when the call starts', async () => {
    const clock = testClock();
    const deadline = { wallMs: clock.wallMs() + 1_000, monotonicMs: clock.monotonicMs() + 1_000 };
    const { request, seen } = await server(ok);
    const sending = transport({ clock }).send(request(), { ...call, signBefore: deadline });
    clock.advance(2_000); // the process froze while it was connecting
    await expect(sending).rejects.toMatchObject({ reason: 'deadline', sent: false });
    expect(seen.signed).toBe(0);
    expect(seen.received).toBe('');
  });

  it('keeps a connection for the next call, but never writes to one that has been idle for long', async () => {
    const clock = testClock();
    const { request, seen } = await server(ok);
    const client = transport({ clock, maxIdleMs: 4_000 });
    await client.send(request(), call);
    clock.advance(3_999);
    await client.send(request(), call);
    expect(seen.connections).toBe(1);
    clock.advance(4_000);
    await client.send(request(), call);
    expect(seen.connections).toBe(2);
    expect(seen.signed).toBe(3);
  });

  it('serves many calls at once', async () => {
    const { request, seen } = await server(ok);
    const client = transport();
    const answers = await Promise.all(Array.from({ length: 50 }, () => client.send(request(), call)));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(seen.signed).toBe(50);
  });

  it('does not send a signed request over plain HTTP to another machine', async () => {
    const { request } = await server(ok);
    const away = { ...request(), origin: 'http://ecs.cn-hangzhou.aliyuncs.com' };
    expect(() => transport().send(away, call)).toThrow(TypeError);
  });

  it('trusts no certificate that is not to be trusted, whatever the environment says', async () => {
    const listening = https.createServer(await makeCertificate(), (_, response) => response.end('{}'));
    listening.listen(0, '127.0.0.1');
    await once(listening, 'listening');
    cleanUp.push(() => {
      listening.close();
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    });
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    const { port } = listening.address() as AddressInfo;
    const asked = { origin: `https://127.0.0.1:${port}`, path: '/', body: Buffer.from('{}'), sign: () => ({}) };
    const code = 'DEPTH_ZERO_SELF_SIGNED_CERT';
    await expect(transport().send(asked, call)).rejects.toMatchObject({ networkCode: code, sent: false });
  });

  it('rejects, and sends nothing, when signing fails', async () => {
    const { request, seen } = await server(ok);
    const sign = () => {
      throw new TypeError('no key');
    };
    await expect(transport().send({ ...request(), sign }, call)).rejects.toThrow('no key');
    expect(seen.received).toBe('');
  });
});

async function unusedPort(): Promise<number> {
  const probe = net.createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

describe('a connection that is opened early', () => {
  const until = async (holds: () => boolean) => {
    while (!holds()) await new Promise((resolve) => setImmediate(resolve));
  };

  it('leaves no timer behind once its request is over, which would hold what that was about', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { request } = await server(ok);
      const made = transport();
      made.connectEarly!(request(), 1);
      await made.send(request(), call);
      await until(() => vi.getTimerCount() === 0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('is there before a request is made, has nothing written to it, and takes the next request', async () => {
    const { request, seen } = await server(ok);
    const made = transport();
    made.connectEarly!(request(), 1);
    await until(() => seen.connections === 1);
    expect([seen.received, seen.signed]).toEqual(['', 0]);
    expect((await made.send({ ...request(), path: '/?B=2' }, call)).status).toBe(200);
    expect(seen.connections).toBe(1);
    expect(seen.received).toMatch(/^POST \/\?B=2 HTTP/);
  });

  it('is opened as often as it was asked for, and counts those that are kept', async () => {
    const { request, seen } = await server(ok);
    const made = transport();
    for (let i = 0; i < 3; i += 1) made.connectEarly!(request(), 2);
    await until(() => seen.connections === 2);
    await Promise.all([made.send(request(), call), made.send(request(), call)]);
    made.connectEarly!(request(), 2);
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen.connections).toBe(2);
  });

  it('is not written to once it was idle for too long', async () => {
    const clock = testClock();
    const { request, seen } = await server(ok);
    const made = transport({ clock, maxIdleMs: 4_000 });
    made.connectEarly!(request(), 1);
    await until(() => seen.connections === 1);
    await new Promise((resolve) => setTimeout(resolve, 20)); // its other end knows of it, too
    clock.advance(4_001);
    expect((await made.send(request(), call)).status).toBe(200);
    expect(seen.connections).toBe(2);
  });

  it('is a new one where those that were kept are too old by now', async () => {
    const clock = testClock();
    const { request, seen } = await server(ok);
    const made = transport({ clock, maxIdleMs: 4_000 });
    await Promise.all([made.send(request(), call), made.send(request(), call)]);
    expect(seen.connections).toBe(2);
    clock.advance(4_001);
    made.connectEarly!(request(), 2);
    await until(() => seen.connections === 4);
    await Promise.all([made.send(request(), call), made.send(request(), call)]);
    expect(seen.connections).toBe(4);
  });

  it('is a new one over TLS as well, and none where there are kept ones that can be used', async () => {
    const clock = testClock();
    const { cert, key } = await makeCertificate();
    let connections = 0;
    const secure = https.createServer({ cert, key }, (_, response) => response.end('{}'));
    secure.on('secureConnection', () => (connections += 1));
    secure.listen(0, '127.0.0.1');
    await once(secure, 'listening');
    cleanUp.push(
      () => secure.close(),
      () => secure.closeAllConnections(),
    );
    const made = transport({ clock, ca: cert, maxIdleMs: 4_000 });
    const to = {
      origin: `https://127.0.0.1:${(secure.address() as AddressInfo).port}`,
      ...{ path: '/', body: Buffer.from('{}'), sign: () => ({}) },
    };
    await Promise.all([made.send(to, call), made.send(to, call)]);
    made.connectEarly!(to, 2);
    await made.send(to, call);
    expect(connections).toBe(2);
    clock.advance(4_001);
    made.connectEarly!(to, 2);
    await until(() => connections === 4);
    await Promise.all([made.send(to, call), made.send(to, call)]);
    expect(connections).toBe(4);
  });

  it('may be kept longer at a host that is known to keep it', async () => {
    const clock = testClock();
    const { request, seen } = await server(ok);
    const made = transport({ clock, maxIdleMs: 4_000 });
    const patient = { ...request(), maxIdleMs: 30_000 };
    await made.send(patient, call);
    clock.advance(29_000);
    await made.send(patient, call);
    expect(seen.connections).toBe(1);
    clock.advance(30_001);
    await made.send(patient, call);
    expect(seen.connections).toBe(2);
  });

  /** Of a far end that closes so many connections before there is TLS on them, when it is told to. */
  async function reluctant(closes: number) {
    const { cert, key } = await makeCertificate();
    const secure = https.createServer({ cert, key }, (_, response) => response.end('{}'));
    const held: Socket[] = [];
    let connections = 0;
    const port = net.createServer((socket) => {
      socket.on('error', () => {});
      connections += 1;
      if (connections <= closes) held.push(socket);
      else secure.emit('connection', socket);
    });
    port.listen(0, '127.0.0.1');
    await once(port, 'listening');
    cleanUp.push(() => {
      port.close();
      for (const socket of held) socket.destroy();
      secure.closeAllConnections();
    });
    const origin = `https://127.0.0.1:${(port.address() as AddressInfo).port}`;
    const to = { ...{ origin, path: '/', body: Buffer.from('{}') }, sign: () => ({}) };
    return { cert, to, held, count: () => connections };
  }

  it('and is closed before it is of use is replaced: nothing was sent on it', async () => {
    const { cert, to, held, count } = await reluctant(2);
    const made = transport({ ca: cert });
    made.connectEarly!(to, 2);
    await until(() => count() === 2);
    const asked = made.send(to, call);
    for (const socket of held) socket.destroy();
    expect((await asked).status).toBe(200);
    expect(count()).toBe(3);
  });

  it('and was frozen with its process on the way is not waited for', async () => {
    const clock = testClock();
    const { cert, to, count } = await reluctant(2);
    const made = transport({ clock, ca: cert });
    made.connectEarly!(to, 2);
    await until(() => count() === 2);
    clock.advance(60_000);
    expect((await made.send(to, call)).status).toBe(200);
  });

  it('to where nothing may be sent is not opened, and only the request fails', async () => {
    const made = transport();
    const to = { origin: 'http://cloud.example', path: '/', body: Buffer.from('{}'), sign: () => ({}) };
    expect(() => made.connectEarly!(to, 1)).not.toThrow();
    expect(() => made.send(to, call)).toThrow('https');
  });

  it('that fails says nothing, and the request after it says that nothing was sent', async () => {
    const { request, port } = await server(ok);
    const made = transport();
    const nowhere = { ...request(), origin: `http://127.0.0.1:${port === 1 ? 2 : 1}` };
    made.connectEarly!(nowhere, 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await expect(made.send(nowhere, call)).rejects.toMatchObject({ reason: 'connection', sent: false });
  });

  it('that the other end has closed is not used', async () => {
    const open: Socket[] = [];
    const { request, seen } = await server(ok, (socket) => void open.push(socket));
    const made = transport();
    made.connectEarly!(request(), 1);
    await until(() => seen.connections === 1);
    open[0]!.destroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await made.send(request(), call)).status).toBe(200);
  });

  it('holds no process, and a request on it does', async () => {
    const { request } = await server(ok);
    const { origin } = request();
    const code = (after: string) => `
      const { createTransport } = await import(${JSON.stringify(new URL('../../../lib/transport/transport.ts', import.meta.url).href)});
      const { systemClock } = await import(${JSON.stringify(new URL('../../../lib/clock.ts', import.meta.url).href)});
      const made = createTransport({ clock: systemClock });
      made.connectEarly({ origin: ${JSON.stringify(origin)} }, 1);
      ${after}`;
    const ask = `await new Promise((resolve) => setTimeout(resolve, 200));
      const { status } = await made.send({ origin: ${JSON.stringify(origin)}, path: '/', body: Buffer.alloc(0), sign: () => ({}) }, { timeoutMs: 5000 });
      process.stdout.write(String(status)); made.close();`;
    expect(await run(code(''))).toEqual({ status: 0, printed: '' });
    expect(await run(code(ask))).toEqual({ status: 0, printed: '200' });
  });
});

async function run(code: string): Promise<{ status: unknown; printed: string }> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [printed, [status]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return { status, printed };
}
