// A try that runs out of time is due again at once where it got on, and otherwise put off for longer and longer.
import { describe, expect, it } from 'vitest';
import { deadlineIn } from '../../../../lib/clock.ts';
import { VendingError } from '../../../../lib/errors.ts';
import type { Hosts } from '../../../../lib/hosts/hosts.ts';
import { retire } from '../../../../lib/vending/retire.ts';
import { advance } from '../../../../lib/vending/rotation/advance.ts';
import { cancelRotation, setPolicy } from '../../../../lib/vending/rotation/rotation-commands.ts';
import type { RotationPorts } from '../../../../lib/vending/rotation/rotation-ports.ts';
import { fakeHost } from '../../../hosts/fake-host.ts';
import { rotated } from './world.ts';

const HOUR_MS = 60 * 60_000;
const PASS_MS = 120_000;

type Here = Awaited<ReturnType<typeof rotated>>;

/** A worker that comes whenever something is due, at once if it is due at once. @returns how many times it came within the hours */
async function comes({ clock, identity, failures }: Here, ports: RotationPorts, hours: number): Promise<number> {
  const endMs = clock.wallMs() + hours * HOUR_MS;
  for (let times = 1; times < 1_000; times += 1) {
    const dueMs = await advance(ports, identity, deadlineIn(clock, PASS_MS), (error) => void failures.push(error));
    if (dueMs === undefined || dueMs > endMs) return times;
    clock.advance(Math.max(0, dueMs - clock.wallMs()));
  }
  return 1_000;
}

async function withHosts(count: number, loginMs: number) {
  const here = await rotated('cvm');
  const { publicKey } = (await here.recordOf()).versions[0]!;
  const fakes = Array.from({ length: count }, () => fakeHost(`${publicKey} app\n`));
  const tried: number[] = [];
  const hosts: Hosts = {
    async login(host, ...given) {
      if (!tried.includes(host.port)) {
        tried.push(host.port);
        here.clock.advance(loginMs);
      }
      return fakes[host.port]!.login(host, ...given);
    },
  };
  const listed = fakes.map((_, port) => ({ host: 'host', port, user: 'app', hostKeys: ['SHA256:x'] }));
  await setPolicy(here.ports, here.identity, { hosts: listed, maxParallelHosts: 1 });
  await here.rotate();
  return { ...here, tried, ports: here.worker({}, hosts) };
}

const leased = (ports: RotationPorts, leaseMs: number): RotationPorts => ({
  ...ports,
  rotation: { ...ports.rotation, leaseMs },
});

describe('a rotation that runs out of time', () => {
  it('before it reaches a host is tried a few times an hour, and shows as failing, then as stalled', async () => {
    const here = await withHosts(3, 0);
    expect(await comes(here, leased(here.ports, 60_000), 6)).toBeLessThanOrEqual(20);
    expect(here.tried).toEqual([]);
    expect(await here.rotation()).toMatchObject({ state: 'staged', lastError: { code: 'DEADLINE_PASSED' } });
    expect((await here.rotation()).stalledAtMs).toBeDefined();
    here.clock.advance(2 * HOUR_MS);
    await comes(here, here.ports, 1);
    expect(await here.rotation()).toMatchObject({ state: 'promoted', failures: 0 });
    expect(await here.rotation()).not.toHaveProperty('stalledAtMs');
  });

  it('after it did something on a host goes on at once, and no failure is counted', async () => {
    const here = await withHosts(6, 25_000);
    const startMs = here.clock.wallMs();
    expect(await comes(here, here.ports, 1)).toBeLessThanOrEqual(8);
    expect((await here.rotation()).state).toBe('promoted');
    expect(here.clock.wallMs() - startMs).toBe(6 * 25_000);
    expect(here.failures).toContainEqual(expect.objectContaining({ code: 'DEADLINE_PASSED' }));
  });

  it('as it is cancelled is tried a few times an hour as well', async () => {
    const here = await withHosts(2, 0);
    const down: Hosts = { login: () => Promise.reject(new VendingError('OUTCOME_UNKNOWN', 'It is set so')) };
    const half: Hosts = {
      login: async (host, ...given) => ({
        ...(await here.ports.hosts.login(host, ...given)),
        replace: () => Promise.reject(new VendingError('OUTCOME_UNKNOWN', 'It is set so')),
      }),
    };
    await advance({ ...here.ports, hosts: half }, here.identity, deadlineIn(here.clock, PASS_MS), () => {});
    expect(Object.values((await here.rotation()).hosts)).toContainEqual(expect.objectContaining({ added: true }));
    await cancelRotation(here.ports, here.identity, (await here.rotation()).id);
    expect(await comes(here, leased({ ...here.ports, hosts: down }, 60_000), 3)).toBeLessThanOrEqual(12);
    here.clock.advance(HOUR_MS);
    await comes(here, here.ports, 1);
    expect((await here.rotation()).state).toBe('cancelled');
  });
});

describe('a purge that runs out of time', () => {
  it('before it asks the cloud anything is tried a few times an hour', async () => {
    const here = await rotated('cvm');
    await retire(here.ports, here.identity, 'test');
    here.clock.advance(31 * 24 * HOUR_MS);
    expect(await comes(here, leased(here.ports, 5_000), 6)).toBeLessThanOrEqual(20);
    expect((await here.recordOf()).retirement?.work).toMatchObject({ lastError: { code: 'DEADLINE_PASSED' } });
    here.clock.advance(HOUR_MS);
    await comes(here, here.ports, 24);
    expect((await here.recordOf()).state).toBe('vacant');
  });
});
