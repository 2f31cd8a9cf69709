// Names with several addresses, of which some do not answer: all of this machine, over real sockets.

import dns from 'node:dns';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { keysAt } from '../../../lib/access/fetch-keys.ts';
import { systemClock } from '../../../lib/clock.ts';
import { createTransport } from '../../../lib/transport/transport.ts';
import { type FullListener, fullListener, portFreeOn } from '../../doubles/full-listener.ts';

const [FAR, OTHER, SIX] = ['127.0.0.2', '127.0.0.1', '::1'];
const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const close of cleanUp.splice(0)) await close();
});

/** What the resolver says from now on, in this order. */
function resolvesTo(...addresses: string[]): void {
  const entries = addresses.map((address) => ({ address, family: net.isIP(address) }));
  vi.spyOn(dns, 'lookup').mockImplementation(((_name: string, _options: unknown, found: (...all: unknown[]) => void) =>
    process.nextTick(found, null, entries)) as unknown as typeof dns.lookup);
}

const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"keys":[]}';

async function full(host: string, port: number): Promise<FullListener> {
  const listener = await fullListener(host, answer, port);
  cleanUp.push(() => listener.close());
  return listener;
}

/** An HTTP server that answers at once, and counts its connections. */
async function near(host: string, port: number) {
  const seen = { connections: 0, requests: 0 };
  const server = http.createServer((_, response) => {
    seen.requests += 1;
    response.end('{"keys":[]}');
  });
  server.on('connection', () => {
    seen.connections += 1;
  });
  server.listen(port, host);
  await once(server, 'listening');
  cleanUp.push(() => server.close().closeAllConnections());
  return seen;
}

/** Both ways in which functions ask over HTTP, of a name on this machine. */
const askers: readonly [string, (port: number, timeoutMs: number) => Promise<unknown>][] = [
  ['a cloud', (port, timeoutMs) => send(port, timeoutMs)],
  ["the issuer's keys", (port, timeoutMs) => keysAt(`http://localhost:${port}/keys`)(timeoutMs)],
];

async function send(port: number, timeoutMs: number, signal?: AbortSignal): Promise<unknown> {
  const transport = createTransport({ clock: systemClock });
  cleanUp.push(() => transport.close());
  const request = { origin: `http://localhost:${port}`, path: '/', body: Buffer.from('{}'), sign: () => ({}) };
  const { body } = await transport.send(request, { timeoutMs, ...(signal && { signal }) });
  return JSON.parse(body.toString());
}

describe.each(askers)('the connection to %s', (_, ask) => {
  it.each([
    ['is not the last of the name, and the others refuse', [FAR, OTHER]],
    ['comes last, after one that refuses', [OTHER, FAR]],
    ['is of one family, and the other family refuses', [FAR, SIX]],
  ])('waits for an address that is slower than the head start of the next, where it %s', async (_case, addresses) => {
    const port = await portFreeOn(FAR!, OTHER!, SIX!);
    const far = await full(FAR!, port);
    resolvesTo(...addresses);
    const asking = ask(port, 20_000);
    // Longer than any head start. By then a packet was dropped, and the system repeats it after a second; if this process was too slow
    // even to send it, it is let in at once.
    setTimeout(() => far.open(), 500);
    await expect(asking).resolves.toEqual({ keys: [] });
  });

  it.each([
    ['first', [FAR, OTHER]],
    ['first, in a family of its own', [SIX, OTHER]],
    ['last', [OTHER, FAR]],
    ['in several places', [FAR, SIX, OTHER]],
  ])('passes by an address that never answers, when that comes %s', async (_case, addresses) => {
    const port = await portFreeOn(FAR!, OTHER!, SIX!);
    await full(FAR!, port);
    await full(SIX!, port);
    const seen = await near(OTHER!, port);
    resolvesTo(...addresses);
    await expect(ask(port, 20_000)).resolves.toEqual({ keys: [] });
    expect(seen).toEqual({ connections: 1, requests: 1 });
  });

  it('is given up in time when no address answers, and nothing of it is left open', async () => {
    const port = await portFreeOn(FAR!, OTHER!, SIX!);
    await full(FAR!, port);
    await full(SIX!, port);
    const own = connections();
    resolvesTo(FAR!, SIX!);
    await expect(ask(port, 400)).rejects.toThrow(/^timeout/);
    await expect.poll(connections).toBeLessThanOrEqual(own); // those that fill the queues
  });
});

/** How many connections of this process are open, or are being opened. */
const connections = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;

it('says that nothing was sent when a request is given up, or cancelled, before any address has answered', async () => {
  const port = await portFreeOn(FAR!, OTHER!, SIX!);
  await full(FAR!, port);
  await full(SIX!, port);
  resolvesTo(FAR!, SIX!);
  await expect(send(port, 50)).rejects.toMatchObject({ sent: false, reason: 'timeout' });
  await expect(send(port, 20_000, AbortSignal.timeout(50))).rejects.toMatchObject({ sent: false, reason: 'cancelled' });
});
