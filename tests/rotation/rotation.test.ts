// Rotations on real OpenSSH servers, proved with the real ssh.
import { writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DAY_MS, deadlineIn } from '../../lib/clock.ts';
import { hostName } from '../../lib/vending/rotation/policy.ts';
import { cancelRotation, requestRotation, setPolicy, waiveHost } from '../../lib/vending/rotation/rotation-commands.ts';
import { isOver } from '../../lib/vending/rotation/rotation-record.ts';
import { vend } from '../../lib/vending/vend.ts';
import { diesAfter } from '../doubles/dies-after.ts';
import { type MadeAccount, makeAccount, noAccounts, noSshd, writeAs } from '../hosts/accounts.ts';
import { OVERLAP_DAYS, type RotationScene, rotationScene } from './scene.ts';

const FOREIGN = [
  '# kept by hand',
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHNvbWVib2R5IGVsc2Ugd2hvIGlzIG5vdCB1cw== other',
];
const missing = noSshd();

let scene: RotationScene;
let account: MadeAccount | undefined;
/** Root's and an ordinary user's account where that can be made, else the same user's on both. */
beforeEach(async (context) => {
  if (missing) return context.skip(missing);
  account = noAccounts() === undefined ? await makeAccount() : undefined;
  scene = await rotationScene([undefined, account]);
  await written([FOREIGN[0]!, `no-pty ${scene.first} app`, FOREIGN[1]!]);
  await scene.policy({});
}, 60_000);
afterEach(async () => {
  if (missing) return;
  await scene.close();
  await account?.remove();
});

/** Into every file, as its owner would write it. */
async function written(lines: readonly string[]): Promise<void> {
  const text = lines.map((line) => `${line}\n`).join('');
  for (const server of scene.servers) {
    const own = server.user === account?.user ? account : undefined;
    if (own !== undefined) await writeAs(own, server.keysFile(), text);
    else await writeFile(server.keysFile(), text, { mode: 0o600 });
  }
}

/** Until the overlap, the windows in which something may still arrive, and every pause are over. */
async function toTheEnd(days = 1): Promise<void> {
  for (let i = 0; i < 12 * days && !isOver(await scene.rotation()); i += 1) {
    scene.clock.advance(DAY_MS / 4);
    await scene.work();
    scene.clock.advance(60_000);
    await scene.work();
  }
}

const accepted = async (versionId: string): Promise<boolean[]> =>
  Promise.all(scene.servers.map((server) => scene.logsIn(server, versionId)));

describe('a rotation', { timeout: 120_000 }, () => {
  it('lets both keys in during the overlap and the new one alone afterwards', async () => {
    const old = (await scene.record()).versions[0]!;
    expect(await accepted(old.id)).toEqual([true, true]);

    await scene.rotate();
    await scene.work();
    const { state, successor, hosts } = await scene.rotation();
    expect(scene.failures).toEqual([]);
    expect(state).toBe('promoted');
    expect(Object.values(hosts).map(({ outcome }) => outcome)).toEqual(['ok', 'ok']);
    const id = successor!.id;
    expect(await accepted(old.id)).toEqual([true, true]);
    expect(await accepted(id)).toEqual([true, true]);
    expect(await scene.store.reveal(scene.identity)).toEqual(await scene.store.reveal(scene.identity, id));
    expect(scene.announced.at(-1)).toMatchObject({ keyPairId: successor!.keyPairId, replaces: old.keyPairId });

    scene.clock.advance(OVERLAP_DAYS * DAY_MS - 60_000);
    await scene.work();
    expect(await accepted(old.id)).toEqual([true, true]);

    await toTheEnd();
    expect((await scene.rotation()).state).toBe('purged');
    expect(await accepted(id)).toEqual([true, true]);
    for (const server of scene.servers) {
      expect(await scene.linesOf(server)).toEqual([FOREIGN[0], `no-pty ${successor!.publicKey} app`, FOREIGN[1]]);
    }
    expect(scene.cloud.pairs.map(({ id: pair }) => pair)).toEqual([successor!.keyPairId]);
    expect(await scene.store.reveal(scene.identity, old.id)).toBeUndefined();
    expect((await scene.record()).versions.map(({ keyPairId }) => keyPairId)).toEqual([successor!.keyPairId]);
  });

  it('has the old key refused once it is removed', async () => {
    const old = (await scene.record()).versions[0]!;
    const key = await scene.store.reveal(scene.identity, old.id);
    await scene.rotate();
    await scene.work();
    scene.clock.advance((OVERLAP_DAYS + 1) * DAY_MS);
    await scene.work();
    expect(['old-key-removed', 'purged']).toContain((await scene.rotation()).state);
    await scene.store.put(scene.identity, old.id, key!); // whoever still has it
    expect(await accepted(old.id)).toEqual([false, false]);
    expect(await accepted((await scene.rotation()).successor!.id)).toEqual([true, true]);
  });

  it('goes on where a worker died, at every transition, and locks nobody out', async () => {
    let died = 0;
    await scene.rotate();
    for (let nth = 1; !isOver(await scene.rotation()); nth += 1) {
      if (nth > 200) throw new Error('it never ends');
      await scene.work(scene.worker(diesAfter('ledger.write', 2 + (nth % 5)))).catch(() => {});
      died += 1;
      const stored = (await scene.store.find(scene.identity))!.versions;
      const open = await Promise.all(stored.map(({ id }) => accepted(id)));
      for (const i of scene.servers.keys()) expect(open.some((each) => each[i])).toBe(true);
      scene.clock.advance((await scene.rotation()).state === 'promoted' ? 2 * DAY_MS : 20 * 60_000);
    }
    expect(died).toBeGreaterThan(8);
    expect((await scene.rotation()).state).toBe('purged');
    expect((await scene.record()).versions).toHaveLength(1);
    for (const server of scene.servers) expect(await scene.linesOf(server)).toHaveLength(3);
  });

  it('waits for a host that is down, and catches up with it when it is back', async () => {
    const [up, down] = scene.servers as [(typeof scene.servers)[0], (typeof scene.servers)[0]];
    await scene.policy({ coverage: 0.5 });
    await down.stop();
    const { id } = await scene.rotate();
    await scene.work();
    const old = (await scene.record()).versions[0]!;
    expect(await scene.rotation()).toMatchObject({ state: 'promoted', lastError: { code: 'HOSTS_OUTSTANDING' } });
    expect((await scene.rotation()).hosts[hostName(scene.hosts[1]!)]).toMatchObject({
      outcome: 'unverified',
      code: 'HOST_UNREACHABLE',
    });
    scene.clock.advance((OVERLAP_DAYS + 1) * DAY_MS);
    await scene.work();
    expect((await scene.rotation()).state).toBe('promoted');
    expect(await scene.store.reveal(scene.identity, old.id)).toBeDefined();
    expect(await scene.logsIn(up, old.id)).toBe(false);

    await down.restart();
    await toTheEnd();
    expect((await scene.rotation()).state).toBe('purged');
    expect(await accepted((await scene.rotation()).successor!.id)).toEqual([true, true]);
    expect((await scene.rotation()).id).toBe(id);
  });

  it('stops at a host whose key has changed, and goes on once the host is waived', async () => {
    await scene.servers[1]!.rekey();
    const { id } = await scene.rotate();
    await scene.work();
    const host = hostName(scene.hosts[1]!);
    expect(await scene.rotation()).toMatchObject({ state: 'staged', lastError: { code: 'COVERAGE_MISSED' } });
    expect((await scene.rotation()).hosts[host]).toMatchObject({ outcome: 'failed', code: 'HOST_KEY_CHANGED' });
    expect(await scene.linesOf(scene.servers[1]!)).toContain(`no-pty ${scene.first} app`);

    await waiveHost(scene.ports, scene.identity, id, host);
    await scene.work();
    expect((await scene.rotation()).state).toBe('promoted');
    expect(await scene.linesOf(scene.servers[1]!)).toHaveLength(3);
  });

  it('is undone when it is cancelled before it counts', async () => {
    await scene.servers[1]!.stop();
    const { id } = await scene.rotate();
    await scene.work();
    expect((await scene.rotation()).state).toBe('staged');
    expect(await scene.linesOf(scene.servers[0]!)).toHaveLength(4);
    await scene.servers[1]!.restart();
    await cancelRotation(scene.ports, scene.identity, id);
    await scene.work();
    scene.clock.advance(60_000);
    await scene.work();
    expect((await scene.rotation()).state).toBe('cancelled');
    for (const server of scene.servers) {
      expect(await scene.linesOf(server)).toEqual([FOREIGN[0], `no-pty ${scene.first} app`, FOREIGN[1]]);
    }
    expect(await accepted((await scene.record()).versions[0]!.id)).toEqual([true, true]);
    expect(scene.cloud.pairs).toHaveLength(1);
    expect((await scene.store.find(scene.identity))!.versions).toHaveLength(1);
  });

  it('cannot be cancelled any more once it counts', async () => {
    const { id } = await scene.rotate();
    await scene.work();
    await expect(cancelRotation(scene.ports, scene.identity, id)).rejects.toMatchObject({ code: 'ROTATION_PROMOTED' });
  });

  it('is the one under way when another is asked for meanwhile, and lets no third key in before the first is gone', async () => {
    const requested = await Promise.all([scene.rotate(), scene.rotate(), scene.rotate()]);
    expect(new Set(requested.map(({ id }) => id)).size).toBe(1);
    await scene.work();
    const second = await scene.rotate();
    expect(second.id).not.toBe(requested[0]!.id);
    await scene.work();
    expect((await scene.rotation()).state).toBe('staged');
    expect((await scene.rotate()).id).toBe(second.id);
    for (const { id } of (await scene.record()).versions) expect(await accepted(id)).toEqual([true, true]);
    for (const server of scene.servers) expect(await scene.linesOf(server)).toHaveLength(4);
    scene.clock.advance((OVERLAP_DAYS + 1) * DAY_MS);
    await scene.work();
    expect((await scene.rotation()).state).toBe('promoted');
    for (const server of scene.servers) expect(await scene.linesOf(server)).toHaveLength(4);
    await toTheEnd(3);
    const { rotations, versions } = await scene.record();
    expect(rotations!.map(({ state }) => state)).toEqual(['purged', 'purged']);
    expect(versions).toHaveLength(1);
    for (const server of scene.servers) {
      expect(await scene.linesOf(server)).toEqual([FOREIGN[0], `no-pty ${versions[0]!.publicKey} app`, FOREIGN[1]]);
    }
  });

  it('is carried out once when two workers work on it at the same time', async () => {
    await scene.rotate();
    await Promise.all([scene.work(), scene.work(scene.worker())]);
    expect((await scene.rotation()).state).toBe('promoted');
    for (const server of scene.servers) expect(await scene.linesOf(server)).toHaveLength(4);
    expect(scene.cloud.pairs).toHaveLength(2);
  });

  it('records host keys when that is switched on, and keeps to them', async () => {
    const unpinned = scene.hosts.map((host) => ({ ...host, hostKeys: [] }));
    await scene.policy({ hosts: unpinned });
    await scene.rotate();
    await scene.work();
    expect(Object.values((await scene.rotation()).hosts)[0]).toMatchObject({ code: 'HOST_KEY_UNKNOWN' });
    await scene.policy({ hosts: unpinned, recordHostKeys: true });
    scene.clock.advance(3_600_000);
    await scene.work();
    expect((await scene.rotation()).state).toBe('promoted');
    const shown = scene.servers.map(({ hostKeys }) => hostKeys.fingerprints[0]);
    expect(Object.values((await scene.record()).hostKeys!).sort()).toEqual(shown.sort());

    await scene.servers[0]!.rekey();
    scene.clock.advance((OVERLAP_DAYS + 1) * DAY_MS);
    await scene.work();
    expect((await scene.rotation()).state).toBe('promoted');
    expect((await scene.rotation()).hosts[hostName(scene.hosts[0]!)]).toMatchObject({ code: 'HOST_KEY_CHANGED' });
  });
});

describe('a key whose line forces a command', { timeout: 120_000 }, () => {
  it('is rotated with the management key that its policy names', async () => {
    await written([`command="true" ${scene.first} app`]);
    await scene.rotate();
    await scene.work();
    expect(Object.values((await scene.rotation()).hosts)[0]).toMatchObject({ code: 'HOST_COMMAND_FORCED' });

    const other = { ...scene.identity, name: 'management' };
    const { ports, request, clock } = scene;
    await vend(ports, { identity: other, request, caller: 'test', deadline: deadlineIn(clock, 28_000) });
    const { publicKey } = (await scene.ledger.read(other))!.record.versions[0]!;
    await written([`command="true" ${scene.first} app`, publicKey]);
    await setPolicy(ports, other, { hosts: scene.hosts });
    await scene.policy({ managementKey: 'management' });
    scene.clock.advance(3_600_000);
    await scene.work();
    expect((await scene.rotation()).state).toBe('promoted');
    await toTheEnd(4);
    const next = (await scene.record()).versions[0]!.publicKey;
    expect((await scene.rotation()).state).toBe('purged');
    for (const server of scene.servers) {
      expect(await scene.linesOf(server)).toEqual([`command="true" ${next} app`, publicKey]);
    }
  });
});

describe('hosts that are listed late', { timeout: 120_000 }, () => {
  it('are reached before the old key is purged', async () => {
    await scene.policy({ hosts: [scene.hosts[0]!] });
    const { id } = await requestRotation(scene.ports, scene.identity, { caller: 'test' });
    await scene.work();
    expect((await scene.rotation()).state).toBe('promoted');
    await scene.policy({});
    await scene.servers[1]!.stop();
    scene.clock.advance((OVERLAP_DAYS + 1) * DAY_MS);
    await scene.work();
    expect(await scene.rotation()).toMatchObject({ id, state: 'promoted' });
    await scene.servers[1]!.restart();
    await toTheEnd();
    expect((await scene.rotation()).state).toBe('purged');
    expect(await accepted((await scene.record()).versions[0]!.id)).toEqual([true, true]);
  });
});
