// Servers that accept connections and say nothing, listed before others that work, with a patience that no test would live to see
// the end of.

import { writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { sshHosts } from '../../lib/hosts/ssh.ts';
import { noSshd } from '../hosts/accounts.ts';
import { thisMachine } from '../hosts/rules.ts';
import { rotationScene } from './scene.ts';

const TEN_MINUTES_MS = 600_000;

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function silent() {
  const seen = { connections: 0, open: new Set<Socket>() };
  const server: Server = createServer((socket) => {
    seen.connections += 1;
    seen.open.add(socket);
    socket
      .on('error', () => {})
      .on('close', () => seen.open.delete(socket))
      .resume();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  const { port } = server.address() as { port: number };
  return { seen, host: { host: '127.0.0.1', port, user: 'nobody', hostKeys: [`SHA256:${'A'.repeat(43)}`] } };
}

describe.skipIf(noSshd())('servers that say nothing', { timeout: 60_000 }, () => {
  it('keep a rotation whose coverage is reached without them from nothing, though they were listed first', async () => {
    const scene = await rotationScene([undefined, undefined]);
    closing.push(() => scene.close());
    for (const server of scene.servers)
      await writeFile(server.keysFile(), `no-pty ${scene.first} app\n`, { mode: 0o600 });
    const mute = await Promise.all(Array.from({ length: 6 }, silent));
    await scene.policy({ hosts: [...mute.map(({ host }) => host), ...scene.hosts], coverage: 0.25 });
    await scene.rotate();
    const hosts = sshHosts({ clock: scene.clock, rules: thisMachine, greetingMs: TEN_MINUTES_MS });
    await scene.work({ ...scene.ports, hosts });
    expect((await scene.rotation()).state).toBe('promoted');
    expect(scene.failures).toMatchObject([{ code: 'HOSTS_OUTSTANDING' }]);
    const id = (await scene.record()).versions.at(-1)!.id;
    expect(await Promise.all(scene.servers.map((server) => scene.logsIn(server, id)))).toEqual([true, true]);
    // Each was asked, once, and nothing was left open there.
    expect(mute.map(({ seen }) => [seen.connections, seen.open.size])).toEqual(mute.map(() => [1, 0]));
  });
});
