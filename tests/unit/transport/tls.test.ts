// What a server sees of our TLS connections: the name that is asked for, the protocol, and a session that is taken up again.
import { once } from 'node:events';
import https from 'node:https';
import net, { type AddressInfo, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../lib/clock.ts';
import { createTransport } from '../../../lib/transport/transport.ts';
import { makeCertificate } from '../../../local/clouds/http/certificate.ts';
import { testClock } from '../../doubles/test-clock.ts';

const cleanUp: (() => void)[] = [];
afterEach(() => {
  for (const close of cleanUp.splice(0)) close();
});

const { cert, key } = await makeCertificate();

/** @param connection what the answers say of it */
async function server(connection: 'close' | 'keep-alive') {
  const sockets: Record<'name' | 'protocol' | 'again', unknown>[] = [];
  const listening = https.createServer({ cert, key }, (_, response) => {
    response.setHeader('connection', connection).end('{}');
  });
  listening.on('secureConnection', (socket: TLSSocket) => {
    sockets.push({ name: socket.servername, protocol: socket.alpnProtocol, again: socket.isSessionReused() });
  });
  listening.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  cleanUp.push(() => listening.close().closeAllConnections());
  const { port } = listening.address() as AddressInfo;
  return { sockets, request: request(`https://localhost:${port}`) };
}

const request = (origin: string) => ({ origin, path: '/', body: Buffer.from('{}'), sign: () => ({ host: 'signed' }) });

function transport(clock = systemClock) {
  const made = createTransport({ clock, ca: cert });
  cleanUp.push(() => made.close());
  return made;
}

describe('a TLS connection', () => {
  it('asks for the host by name, speaks HTTP/1.1, and takes the session up when it has to connect again', async () => {
    const { sockets, request: asked } = await server('close');
    const client = transport();
    for (let i = 0; i < 2; i += 1) await client.send(asked, { timeoutMs: 10_000 });
    const seen = { name: 'localhost', protocol: false }; // none is asked for: then it is HTTP/1.1
    expect(sockets).toEqual([
      { ...seen, again: false },
      { ...seen, again: true },
    ]);
  });

  it('is kept for the next request', async () => {
    const { sockets, request: asked } = await server('keep-alive');
    const client = transport();
    for (let i = 0; i < 3; i += 1) await client.send(asked, { timeoutMs: 10_000 });
    expect(sockets).toHaveLength(1);
  });

  it('is not written to after it was idle for long', async () => {
    const clock = testClock();
    const { sockets, request: asked } = await server('keep-alive');
    const client = transport(clock);
    await client.send(asked, { timeoutMs: 10_000 });
    clock.advance(10_000);
    await client.send(asked, { timeoutMs: 10_000 });
    expect(sockets).toHaveLength(2);
  });

  it.each([
    ['resets it', (socket: Socket) => socket.resetAndDestroy()],
    ['ends it', (socket: Socket) => socket.end()],
    ['says something else', (socket: Socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ])('says that nothing was sent when the far end %s before the handshake is over', async (_, behave) => {
    const rude = net.createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => behave(socket));
    });
    rude.listen(0, '127.0.0.1');
    await once(rude, 'listening');
    cleanUp.push(() => rude.close());
    const { port } = rude.address() as AddressInfo;
    const sending = transport().send(request(`https://127.0.0.1:${port}`), { timeoutMs: 10_000 });
    await expect(sending).rejects.toMatchObject({ sent: false, reason: 'connection' });
  });
});
