// Hosts that say nothing, among others: they have a short while for their first word, and their whole patience only once nobody else
// waits for it. Order is what is looked at, and no time passes.
import { describe, expect, it } from 'vitest';
import { VendingError } from '../../../../lib/errors.ts';
import { HostSilence, type Hosts } from '../../../../lib/hosts/hosts.ts';
import type { PolicyChange } from '../../../../lib/vending/rotation/policy.ts';
import { cancelRotation, setPolicy } from '../../../../lib/vending/rotation/rotation-commands.ts';
import { fakeHost } from '../../../hosts/fake-host.ts';
import { rotated } from './world.ts';

/** @param silent says of each host, in the order in which they are listed, whether it says nothing */
async function withHosts(silent: readonly boolean[], policy: PolicyChange = {}) {
  const here = await rotated('cvm');
  const line = (await here.recordOf()).versions[0]!.publicKey;
  const says = [...silent];
  const fakes = silent.map(() => fakeHost(`${line} app\n`));
  const at = { now: 0, most: 0, writes: 0 };
  /** What was waited for, of a host that says nothing; and who has the new line. */
  const order: string[] = [];
  for (const [i, fake] of fakes.entries())
    fake.hook = (step, after) => {
      if (step === 'replace' && after) order.push(`${i} has it`);
    };
  const hosts: Hosts = {
    async login(host, key, options) {
      at.now += 1;
      at.most = Math.max(at.most, at.now);
      try {
        await new Promise(setImmediate);
        if (!says[host.port]) return await fakes[host.port]!.login(host, key, options);
        order.push(`${host.port} is waited for ${options.firstWordMs === undefined ? 'to the end' : 'a while'}`);
        throw new HostSilence('It said nothing');
      } finally {
        at.now -= 1;
      }
    },
  };
  const listed = fakes.map((_, port) => ({ host: 'host', port, user: 'app', hostKeys: ['SHA256:x'] }));
  await setPolicy(here.ports, here.identity, { hosts: listed, ...policy });
  await here.rotate();
  const after = async (_: number, call: string) => {
    if (call === 'ledger.write') at.writes += 1;
  };
  const ports = here.worker({ after }, hosts);
  return {
    ...here,
    fakes,
    order,
    at,
    says,
    ports,
    last: (of: string) => order.findLastIndex((one) => one.endsWith(of)),
  };
}

const half = (count: number): boolean[] => Array.from({ length: count }, (_, i) => i < count / 2);

describe('hosts that say nothing', () => {
  it('are not waited for to the end where the coverage is reached without them', async () => {
    const here = await withHosts(half(24), { coverage: 0.5 });
    await here.work(here.ports);
    expect((await here.rotation()).state).toBe('promoted');
    expect(here.order.filter((one) => one.endsWith('to the end'))).toEqual([]);
    expect(here.order.filter((one) => one.endsWith('a while'))).toHaveLength(12); // each of them was asked
    expect(here.at.most).toBe(5);
    const outcomes = Object.values((await here.rotation()).hosts);
    expect(outcomes.filter(({ code, missed }) => code === 'HOST_UNREACHABLE' && missed === 1)).toHaveLength(12);
  });

  it('are caught up once the new key counts', async () => {
    const here = await withHosts(half(4), { coverage: 0.5 });
    await here.work(here.ports);
    expect(here.failures).toMatchObject([{ code: 'HOSTS_OUTSTANDING' }]);
    here.says.fill(false);
    here.clock.advance(60_000);
    await here.work(here.ports);
    expect(Object.values((await here.rotation()).hosts).map(({ outcome }) => outcome)).toEqual(Array(4).fill('ok'));
  });

  it('have their whole patience, where they are needed, after every other host has the new line', async () => {
    const here = await withHosts(half(24));
    await here.work(here.ports);
    expect(here.last('has it')).toBeGreaterThan(0);
    expect(here.order.filter((one) => one.endsWith('has it'))).toHaveLength(12);
    expect(here.order.findIndex((one) => one.endsWith('to the end'))).toBeGreaterThan(here.last('has it'));
    expect(here.at.most).toBe(5);
    // One that is down is enough to miss the coverage: no more are waited for than there were at once.
    expect(here.order.filter((one) => one.endsWith('to the end')).length).toBeLessThanOrEqual(5);
    expect(await here.rotation()).toMatchObject({ state: 'staged', lastError: { code: 'COVERAGE_MISSED' } });
  });

  it('count as missed once in a pass, however often they were asked in it', async () => {
    const here = await withHosts([true]);
    await here.work(here.ports);
    expect(here.order).toEqual(['0 is waited for a while', '0 is waited for to the end']);
    expect(Object.values((await here.rotation()).hosts)).toMatchObject([{ code: 'HOST_UNREACHABLE', missed: 1 }]);
  });

  it('were sent nothing, and a rotation that is cancelled does not look for its line there', async () => {
    const here = await withHosts([true, false, true]);
    await here.work(here.ports);
    const { id, hosts } = await here.rotation();
    expect(Object.values(hosts).filter(({ added }) => added)).toHaveLength(1);
    await cancelRotation(here.ports, here.identity, id);
    here.clock.advance(3_600_000);
    for (let i = 0; i < 3; i += 1) {
      await here.work(here.ports);
      here.clock.advance(60_000);
    }
    expect((await here.rotation()).state).toBe('cancelled');
  });

  it('tell nothing of the others, and a first host that refuses ends the pass all the same', async () => {
    const here = await withHosts([false, true, false, false]);
    here.fakes[0]!.hook = (step) => {
      if (step === 'replace') throw new VendingError('HOST_FILE_UNUSABLE', 'Read-only');
    };
    await here.work(here.ports);
    expect(here.order).toEqual([]);
    expect(await here.rotation()).toMatchObject({ state: 'staged', lastError: { code: 'COVERAGE_MISSED' } });
  });
});

describe('a pass over many hosts', () => {
  it.each([
    [24, 5],
    [150, 5],
    [40, 20],
  ])('of %i hosts, %i at once, writes its record once for as many as there may be at once', async (count, most) => {
    const here = await withHosts(Array<boolean>(count).fill(false), { maxParallelHosts: most });
    await here.work(here.ports);
    expect((await here.rotation()).state).toBe('promoted');
    // Two passes over all of them, and some 15 writes for all else that a rotation does.
    expect(here.at.writes).toBeLessThanOrEqual(2 * (Math.ceil(count / most) + 2) + 15);
  });
});
