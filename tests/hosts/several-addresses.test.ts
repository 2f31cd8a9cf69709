// Names of hosts with several addresses, of which some do not answer: all of this machine, over real sockets.

import { once } from 'node:events';
import { BlockList, createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { socketLine } from '../../lib/hosts/line.ts';
import { type FullListener, fullListener, portFreeOn } from '../doubles/full-listener.ts';

const [FAR, OTHER, SIX] = ['127.0.0.2', '127.0.0.1', '::1'] as const;
const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of cleanUp.splice(0)) await close();
});

async function full(host: string, port: number): Promise<FullListener> {
  const listener = await fullListener(host, '', port);
  cleanUp.push(() => listener.close());
  return listener;
}

/** Whom the line leads to; or why it ended. */
async function reached(addresses: readonly string[], port: number): Promise<string | undefined> {
  const line = socketLine({ addresses, port, blocked: new BlockList() });
  cleanUp.push(() => line.cut());
  await Promise.race([line.connected, line.over]);
  return line.closed ? 'nobody' : (line.stream as { remoteAddress?: string }).remoteAddress;
}

describe('the line to a host', () => {
  it.each([
    ['is not the last of the name', [FAR, OTHER]],
    ['comes last', [OTHER, FAR]],
    ['is of one family, and the other family refuses', [FAR, SIX]],
  ])('waits for an address that is slower than the head start of the next, where it %s', async (_, addresses) => {
    const port = await portFreeOn(FAR, OTHER, SIX);
    const far = await full(FAR, port);
    const reaching = reached(addresses, port);
    setTimeout(() => far.open(), 500); // longer than any head start; the system repeats the packet that it dropped
    expect(await reaching).toBe(FAR);
  });

  it.each([
    ['first', [FAR, OTHER]],
    ['first, in a family of its own', [SIX, OTHER]],
    ['in several places', [FAR, SIX, OTHER]],
  ])('passes by an address that never answers, when that comes %s', async (_, addresses) => {
    const port = await portFreeOn(FAR, OTHER, SIX);
    await full(FAR, port);
    await full(SIX, port);
    const server = createServer((socket) => socket.on('error', () => {})).listen(port, OTHER);
    await once(server, 'listening');
    cleanUp.push(() => server.close());
    expect(await reached(addresses, port)).toBe(OTHER);
  });

  it('ends when no address takes the connection, and at once when it is cut', async () => {
    const port = await portFreeOn(FAR, OTHER, SIX);
    expect(await reached([OTHER, SIX], port)).toBe('nobody');
    await full(FAR, port);
    const line = socketLine({ addresses: [FAR, OTHER], port, blocked: new BlockList() });
    line.cut();
    await line.over;
    expect(line.closed).toBe(true);
  });
});
