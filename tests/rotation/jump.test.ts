// Rotations of hosts that are reached through another one, on real OpenSSH servers.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DAY_MS } from '../../lib/clock.ts';
import type { Host } from '../../lib/hosts/hosts.ts';
import { hostName } from '../../lib/vending/rotation/policy.ts';
import { cancelRotation } from '../../lib/vending/rotation/rotation-commands.ts';
import { noSshd } from '../hosts/accounts.ts';
import { OVERLAP_DAYS, type RotationScene, rotationScene } from './scene.ts';

let scene: RotationScene;
let hosts: readonly [jump: Host, ...behind: Host[]];
beforeEach(async (context) => {
  const why = noSshd();
  if (why) return context.skip(why);
  scene = await rotationScene([undefined, undefined, undefined]);
  for (const server of scene.servers) await server.permit([`${scene.first} app`]);
  const [via, ...behind] = scene.hosts;
  hosts = [via!, ...behind.map((host) => ({ ...host, via: via! }))];
}, 60_000);
afterEach(() => scene?.close());

const outcomes = async () =>
  Object.fromEntries(
    Object.entries((await scene.rotation()).hosts).map(([host, { outcome, code }]) => [host, code ?? outcome]),
  );
const lines = () => Promise.all(scene.servers.map(async (server) => (await scene.linesOf(server)).length));

describe('a rotation of hosts behind a jump host', { timeout: 120_000 }, () => {
  it('goes through to the end when the jump host is listed before them', async () => {
    await scene.policy({ hosts });
    await scene.rotate();
    await scene.work();
    expect((await scene.rotation()).state).toBe('promoted');
    expect(await lines()).toEqual([2, 2, 2]);
    scene.clock.advance((OVERLAP_DAYS + 1) * DAY_MS);
    await scene.work();
    expect(['old-key-removed', 'purged']).toContain((await scene.rotation()).state);
    expect(await lines()).toEqual([1, 1, 1]);
    const { id } = (await scene.record()).versions.at(-1)!;
    for (const server of scene.servers) expect(await scene.logsIn(server, id)).toBe(true);
  });

  it('gets there as well when it is listed after them', async () => {
    await scene.policy({ hosts: [...hosts].reverse() });
    await scene.rotate();
    for (let round = 0; round < hosts.length; round += 1) {
      await scene.work();
      scene.clock.advance(3_600_000);
    }
    expect((await scene.rotation()).state).toBe('promoted');
  });

  it('says that the jump host refuses the new key when it is not listed at all, and promotes nothing', async () => {
    await scene.policy({ hosts: hosts.slice(1) });
    await scene.rotate();
    await scene.work();
    expect((await scene.rotation()).state).toBe('staged');
    expect(Object.values(await outcomes())).toContain('JUMP_REFUSED');
    await scene.policy({ hosts });
    scene.clock.advance(3_600_000);
    await scene.work();
    expect((await scene.rotation()).state).toBe('promoted');
  });

  it('takes every new line out again when it is cancelled', async () => {
    await scene.policy({ hosts });
    await scene.rotate();
    await scene.servers[2]!.stop();
    await scene.work();
    expect((await scene.rotation()).state).toBe('staged');
    await cancelRotation(scene.ports, scene.identity, (await scene.rotation()).id);
    await scene.servers[2]!.restart();
    for (let round = 0; round < 4; round += 1) {
      scene.clock.advance(3_600_000);
      await scene.work();
    }
    expect((await scene.rotation()).state).toBe('cancelled');
    expect(await lines()).toEqual([1, 1, 1]);
  });

  it('tells a jump host that is down from the hosts behind it', async () => {
    await scene.policy({ hosts, coverage: 0.3 });
    await scene.servers[0]!.stop();
    await scene.rotate();
    await scene.work();
    const [jump, first] = hosts.map(hostName);
    expect(await outcomes()).toMatchObject({ [jump!]: 'HOST_UNREACHABLE', [first!]: 'JUMP_UNREACHABLE' });
  });
});
