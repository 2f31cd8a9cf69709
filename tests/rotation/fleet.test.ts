// Ordinary fleets: hosts that are listed at any time, and instances that keep the pair with which they were launched.
import { appendFile, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DAY_MS } from '../../lib/clock.ts';
import { hostName } from '../../lib/vending/rotation/policy.ts';
import type { Sshd } from '../../local/sshd.ts';
import { noSshd } from '../hosts/accounts.ts';
import { OVERLAP_DAYS, type RotationScene, rotationScene } from './scene.ts';

const missing = noSshd();

let scene: RotationScene;
beforeEach(async (context) => {
  if (missing) return context.skip(missing);
  scene = await rotationScene([undefined, undefined]);
  for (const server of scene.servers) await writes(server, scene.first);
});
afterEach(async () => {
  if (!missing) await scene.close();
});

const writes = (server: Sshd, ...keys: string[]) =>
  writeFile(server.keysFile(), keys.map((key) => `${key} app\n`).join(''), { mode: 0o600 });

/** A worker comes every few hours. */
async function days(count: number): Promise<void> {
  for (let i = 0; i < 4 * count; i += 1) {
    scene.clock.advance(DAY_MS / 4);
    await scene.work();
    scene.clock.advance(60_000);
    await scene.work();
  }
}

const INSTANCE = 'i-1';
const attached = async () => scene.cloud.attach((await scene.record()).versions.at(-1)!.keyPairId!, INSTANCE);

describe('a host that is listed after the old key was removed from the others', { timeout: 120_000 }, () => {
  it.each([
    ['while nothing has the old pair, before its key goes', false],
    ['while an instance has the old pair', true],
  ])('is caught up with the stored key, %s', async (_, isAttached) => {
    if (isAttached) await attached();
    const [, late] = scene.servers;
    await scene.policy({ hosts: [scene.hosts[0]!] });
    await scene.rotate();
    await scene.work();
    scene.clock.advance(OVERLAP_DAYS * DAY_MS + 60_000);
    await scene.work();
    const { state, from, successor } = await scene.rotation();
    expect(state).toBe('old-key-removed');
    expect(await scene.linesOf(late!)).toEqual([`${scene.first} app`]);

    await scene.policy({});
    expect(await scene.logsIn(late!, from.id)).toBe(true);
    await scene.work();
    expect(await scene.logsIn(late!, successor!.id)).toBe(true);
    expect(await scene.linesOf(late!)).toEqual([`${successor!.publicKey} app`]);

    scene.cloud.release(INSTANCE);
    await days(2);
    expect((await scene.rotation()).state).toBe('purged');
    expect(await scene.logsIn(late!, successor!.id)).toBe(true);
  });

  it('keeps the old key stored for as long as it cannot be reached', async () => {
    const [, late] = scene.servers;
    await scene.policy({ hosts: [scene.hosts[0]!] });
    const { id } = await scene.rotate();
    await scene.work();
    scene.clock.advance(OVERLAP_DAYS * DAY_MS + 60_000);
    await scene.work();
    await late!.stop();
    await scene.policy({});
    await days(30);
    const { from } = await scene.rotation();
    expect((await scene.rotation()).state).toBe('old-key-removed');
    expect(scene.cloud.pairs).toHaveLength(1); // the pair need not wait for it
    expect(await scene.store.reveal(scene.identity, from.id)).toBeDefined();

    await late!.restart();
    await days(1);
    expect(await scene.rotation()).toMatchObject({ id, state: 'purged' });
    expect(await scene.logsIn(late!, (await scene.record()).versions[0]!.id)).toBe(true);
  });
});

describe('a host that is listed during the overlap', { timeout: 120_000 }, () => {
  it('gets the new key at once where it knows the old one alone', async () => {
    const [, late] = scene.servers;
    await scene.policy({ hosts: [scene.hosts[0]!] });
    await scene.rotate();
    await scene.work();
    const { state, successor } = await scene.rotation();
    expect(state).toBe('promoted');

    scene.clock.advance(DAY_MS);
    await scene.policy({});
    await scene.work();
    expect(await scene.logsIn(late!, successor!.id)).toBe(true);
  });
});

describe('a pair that stays attached to an instance', { timeout: 120_000 }, () => {
  it('stops no rotation, and its line is on no host', async () => {
    await attached();
    for (let i = 0; i < 3; i += 1) {
      await scene.policy({});
      await scene.rotate();
      await days(OVERLAP_DAYS + 1);
      const { state, successor } = await scene.rotation();
      expect(state).toBe(i === 0 ? 'old-key-removed' : 'purged');
      for (const server of scene.servers) expect(await scene.linesOf(server)).toEqual([`${successor!.publicKey} app`]);
    }
    const { outgoing, versions } = await scene.record();
    expect(outgoing!.pairs).toMatchObject([{ held: { instances: [INSTANCE], count: 1 } }]);
    expect(await scene.store.reveal(scene.identity, versions[0]!.id)).toBeDefined();
  });

  it('has its line taken out again, and counted, when an instance has written it back', async () => {
    await attached();
    await scene.policy({});
    await scene.rotate();
    await days(OVERLAP_DAYS + 1);
    const [server] = scene.servers;
    const current = (await scene.record()).versions.at(-1)!;
    for (let boots = 1; boots <= 2; boots += 1) {
      await appendFile(server!.keysFile(), `${scene.first} app\n`);
      await days(2);
      expect(await scene.linesOf(server!)).toEqual([`${current.publicKey} app`]);
      expect((await scene.record()).outgoing!.hosts[hostName(scene.hosts[0]!)]).toMatchObject({ returned: boots });
    }
  });
});

describe('a host that is installed anew', { timeout: 120_000 }, () => {
  it('has an outcome of its own', async () => {
    await attached();
    await scene.policy({});
    await scene.rotate();
    await days(OVERLAP_DAYS + 1);
    await writes(scene.servers[0]!, 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHNvbWVib2R5IGVsc2Ugd2hvIGlzIG5vdCB1cw==');
    await days(2);
    const name = hostName(scene.hosts[0]!);
    expect((await scene.record()).outgoing!.hosts[name]).toMatchObject({ outcome: 'failed', code: 'HOST_REIMAGED' });
    await scene.rotate();
    await scene.work();
    expect((await scene.rotation()).hosts[name]).toMatchObject({ outcome: 'failed', code: 'HOST_REIMAGED' });
  });
});
