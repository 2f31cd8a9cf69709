// Rolling out to many hosts: one first, then several at once, and when to stop.
import { describe, expect, it } from 'vitest';
import { deadlineIn } from '../../../../lib/clock.ts';
import { VendingError } from '../../../../lib/errors.ts';
import type { Hosts } from '../../../../lib/hosts/hosts.ts';
import { advance } from '../../../../lib/vending/rotation/advance.ts';
import type { PolicyChange } from '../../../../lib/vending/rotation/policy.ts';
import { cancelRotation, setPolicy, waiveHost } from '../../../../lib/vending/rotation/rotation-commands.ts';
import { type FakeHost, fakeHost } from '../../../hosts/fake-host.ts';
import { rotated } from './world.ts';

/** @param count of hosts; all let the first key in */
async function withHosts(count: number, policy: PolicyChange = {}) {
  const here = await rotated('cvm');
  const line = (await here.recordOf()).versions[0]!.publicKey;
  const fakes = Array.from({ length: count }, () => fakeHost(`${line} app\n`));
  /** Logins under way at once, by host; the most there ever were; and the hosts in the order of their first login. */
  const at = { now: new Set<number>(), most: 0, order: [] as number[] };
  const hosts: Hosts = {
    async login(host, key, options) {
      const i = host.port;
      if (!at.order.includes(i)) at.order.push(i);
      at.now.add(i);
      at.most = Math.max(at.most, at.now.size);
      try {
        await new Promise(setImmediate); // the others come meanwhile
        return await fakes[i]!.login(host, key, options);
      } finally {
        at.now.delete(i);
      }
    },
  };
  const listed = fakes.map((_, port) => ({ host: 'host', port, user: 'app', hostKeys: ['SHA256:x'] }));
  await setPolicy(here.ports, here.identity, { hosts: listed, ...policy });
  await here.rotate();
  return { ...here, fakes, at, ports: here.worker({}, hosts), touched: () => at.order.length };
}

const down = (host: FakeHost) => {
  host.hook = (step) => {
    if (step === 'login') throw new VendingError('HOST_UNREACHABLE', 'Down');
  };
};
const readOnly = (host: FakeHost) => {
  host.hook = (step) => {
    if (step === 'replace') throw new VendingError('HOST_FILE_UNUSABLE', 'Read-only');
  };
};
const outcomes = async ({ rotation }: Awaited<ReturnType<typeof withHosts>>) =>
  Object.values((await rotation()).hosts).map(({ outcome, code }) => code ?? outcome);

describe('a roll-out', () => {
  it('comes to its end on many hosts that take their time, however little of it a worker has at once', async () => {
    const here = await withHosts(30, { maxParallelHosts: 3 });
    for (const fake of here.fakes)
      fake.hook = (step, after) => {
        if (step === 'login' && !after) here.clock.advance(2_000);
      };
    const shortly = () => deadlineIn(here.clock, 120_000);
    for (let passes = 0; passes < 60; passes += 1) {
      await advance(here.ports, here.identity, shortly(), () => {});
      here.clock.advance(60_000);
    }
    expect(await here.rotation()).toMatchObject({ state: 'promoted', failures: 0 });
  });

  it('begins with one host, and goes on with as many at once as the policy permits', async () => {
    const here = await withHosts(9, { maxParallelHosts: 3 });
    let begun = 0;
    here.fakes[0]!.hook = (step) => {
      if (step === 'replace') begun = here.touched();
    };
    await here.work(here.ports);
    expect(begun).toBe(1);
    expect(here.failures).toEqual([]);
    expect((await here.rotation()).state).toBe('promoted');
    expect(here.at.most).toBe(3);
    expect(here.touched()).toBe(9);
  });

  it('stops at a first host that refuses, however many may fail, and begins with another host the next time', async () => {
    const here = await withHosts(4, { coverage: 0.5 });
    readOnly(here.fakes[0]!);
    await here.work(here.ports);
    expect(here.at.order).toEqual([0]);
    expect(await outcomes(here)).toEqual(['HOST_FILE_UNUSABLE']);
    expect(await here.rotation()).toMatchObject({
      state: 'staged',
      failures: 1,
      lastError: { code: 'COVERAGE_MISSED' },
    });
    here.at.order.length = 0;
    here.clock.advance(60_000);
    await here.work(here.ports);
    expect(here.at.order).toEqual([1, 2, 3, 0]);
    expect((await here.rotation()).state).toBe('promoted');
  });

  it('does not stop because the first host is down', async () => {
    const here = await withHosts(4, { coverage: 0.75 });
    down(here.fakes[0]!);
    await here.work(here.ports);
    expect((await here.rotation()).state).toBe('promoted');
    expect(await outcomes(here)).toEqual(['HOST_UNREACHABLE', 'ok', 'ok', 'ok']);
  });

  it('counts a host that is forbidden as failed, and goes on with the others', async () => {
    const here = await withHosts(4, { coverage: 0.75 });
    here.fakes[0]!.hook = (step) => {
      if (step === 'login') throw new VendingError('HOST_FORBIDDEN', 'Not there');
    };
    await here.work(here.ports);
    expect(await outcomes(here)).toEqual(['HOST_FORBIDDEN', 'ok', 'ok', 'ok']);
    const { state, hosts } = await here.rotation();
    expect(state).toBe('promoted');
    expect(Object.values(hosts)[0]).toMatchObject({ outcome: 'failed' });
    expect(Object.values(hosts)[0]).not.toHaveProperty('added'); // so that cancelling would not look there either
  });

  it('is promoted by the coverage of the bounds, whatever a policy said before there were any', async () => {
    const here = await withHosts(4, { coverage: 0.0001 });
    for (const host of here.fakes.slice(1)) down(host);
    const { rotation } = here.ports;
    const bounded = { ...rotation, defaults: { ...rotation.defaults, bounds: { minCoverage: 0.5 } } };
    await here.work({ ...here.ports, rotation: bounded });
    expect(await here.rotation()).toMatchObject({ state: 'staged', lastError: { code: 'COVERAGE_MISSED' } });
    here.fakes[1]!.hook = () => {};
    here.clock.advance(3_600_000);
    await here.work({ ...here.ports, rotation: bounded });
    expect((await here.rotation()).state).toBe('promoted');
  });

  it('leaves a host that was not reached alone for longer and longer, whoever wakes the rotation meanwhile', async () => {
    const here = await withHosts(2);
    down(here.fakes[1]!);
    const id = (await here.rotation()).id;
    const triesWhenWoken = async (afterMs: number) => {
      here.clock.advance(afterMs);
      const before = here.fakes[1]!.steps.length;
      await here.work(here.ports);
      // Something else about it changes, and it is due at once.
      const filed = (await here.ledger.read(here.identity))!;
      const rotations = filed.record.rotations!.map((one) => ({ ...one, nextTryAtMs: here.clock.wallMs() }));
      await here.ledger.write({ ...filed.record, rotations }, filed.revision);
      await here.work(here.ports);
      return here.fakes[1]!.steps.length - before;
    };
    expect(await triesWhenWoken(0)).toBe(1);
    expect(await triesWhenWoken(20_000)).toBe(0);
    expect(await triesWhenWoken(15_000)).toBe(1);
    expect(await triesWhenWoken(40_000)).toBe(0);
    expect(await triesWhenWoken(25_000)).toBe(1);
    here.fakes[1]!.hook = () => {};
    here.clock.advance(3_600_000);
    await here.work(here.ports);
    expect(await here.rotation()).toMatchObject({ id, state: 'promoted' });
    expect(Object.values((await here.rotation()).hosts)[1]).not.toHaveProperty('missed');
  });

  it('leaves the remaining hosts alone once too many have failed for its coverage', async () => {
    const here = await withHosts(12, { coverage: 0.75, maxParallelHosts: 2 });
    for (const host of here.fakes.slice(1)) readOnly(host);
    await here.work(here.ports);
    expect(here.touched()).toBe(6); // the first, four that failed where three may, and the one that was under way then
    expect((await here.rotation()).state).toBe('staged');
    for (const host of here.fakes.slice(6)) expect(host.steps).toEqual([]);
  });

  it('never promotes without a single proven host, whichever hosts were waived', async () => {
    const here = await withHosts(1);
    down(here.fakes[0]!);
    await here.work(here.ports);
    await waiveHost(here.ports, here.identity, (await here.rotation()).id, 'app@host:0');
    await here.work(here.ports);
    expect(await here.rotation()).toMatchObject({ state: 'staged', lastError: { code: 'COVERAGE_MISSED' } });
  });

  it('waits, once it is cancelled, for the hosts that may have the new line, and for no others', async () => {
    const here = await withHosts(3);
    down(here.fakes[1]!);
    const lost = here.fakes[2]!;
    lost.hook = (step, after) => {
      if (step === 'replace' && after) throw new VendingError('HOST_UNREACHABLE', 'The answer was lost');
    };
    await here.work(here.ports);
    expect(await outcomes(here)).toEqual(['ok', 'HOST_UNREACHABLE', 'HOST_UNREACHABLE']);
    await cancelRotation(here.ports, here.identity, (await here.rotation()).id);
    down(lost);
    here.clock.advance(3_600_000);
    await here.work(here.ports);
    expect(await here.rotation()).toMatchObject({ state: 'cancelling', lastError: { code: 'COVERAGE_MISSED' } });
    lost.hook = () => {};
    for (let i = 0; i < 3; i += 1) {
      here.clock.advance(3_600_000);
      await here.work(here.ports);
    }
    expect((await here.rotation()).state).toBe('cancelled'); // the one that was never edited is still down
    const first = (await here.recordOf()).versions[0]!.publicKey;
    expect(here.fakes.map(({ text }) => text)).toEqual(Array(3).fill(`${first} app\n`));
  });

  it('stops before its time is up, keeps what it has done, and is due again at once', async () => {
    const here = await withHosts(8, { maxParallelHosts: 1 });
    for (const host of here.fakes) {
      host.hook = (step, after) => {
        if (step === 'replace' && after) here.clock.advance(40_000);
      };
    }
    const until = deadlineIn(here.clock, 200_000);
    const next = await advance(here.ports, here.identity, until, (error) => void here.failures.push(error));
    const first = await here.rotation();
    expect(first).toMatchObject({ state: 'staged', failures: 0 });
    expect(first.lastError).toBeUndefined();
    expect(next).toBeLessThanOrEqual(here.clock.wallMs());
    const done = Object.values(first.hosts).filter(({ outcome }) => outcome === 'ok').length;
    expect(done).toBeGreaterThan(1);
    expect(done).toBeLessThan(8);
    for (let i = 0; i < 6; i += 1) await here.work(here.ports);
    expect((await here.rotation()).state).toBe('promoted');
    expect(here.fakes.map(({ steps }) => steps.filter((step) => step === 'replace').length)).toEqual(Array(8).fill(1));
  });

  it('records a defect that is not a failure of the host, after all that was begun has ended', async () => {
    const here = await withHosts(3, { maxParallelHosts: 3 });
    here.fakes[1]!.hook = (step) => {
      if (step === 'login') throw new TypeError('a defect');
    };
    await here.work(here.ports);
    expect(here.failures).toMatchObject([{ message: 'a defect' }]);
    expect(await here.rotation()).toMatchObject({ state: 'staged', lastError: { code: 'INTERNAL' } });
    expect(await outcomes(here)).toEqual(['ok', 'INTERNAL', 'ok']);
  });
});

describe('a host that is taken off the list and listed again', () => {
  const oldLine = async ({ recordOf }: Awaited<ReturnType<typeof withHosts>>) =>
    `${(await recordOf()).versions[0]!.publicKey} app\n`;
  const again = async (here: Awaited<ReturnType<typeof withHosts>>, host: number, line: string) => {
    const { policy } = await here.recordOf();
    const { setBy: _, ...said } = policy!;
    const others = policy!.hosts!.filter(({ port }) => port !== host);
    await setPolicy(here.ports, here.identity, { ...said, hosts: others });
    here.fakes[host]!.hook = () => {};
    here.fakes[host]!.text = line;
    await setPolicy(here.ports, here.identity, said);
  };
  const days = async (here: Awaited<ReturnType<typeof withHosts>>, count: number) => {
    await here.days(count, here.ports);
    const { versions } = await here.recordOf();
    expect(versions).toHaveLength(1);
    for (const { text } of here.fakes) expect(text).toBe(`${versions[0]!.publicKey} app\n`);
  };

  it('begins anew, though it was done before', async () => {
    const here = await withHosts(3);
    const line = await oldLine(here);
    await here.work(here.ports);
    expect(await outcomes(here)).toEqual(['ok', 'ok', 'ok']);
    await again(here, 1, line);
    await days(here, 12);
  });

  it('is waited for again, though it was waived before', async () => {
    const here = await withHosts(3);
    const line = await oldLine(here);
    down(here.fakes[1]!);
    await waiveHost(here.ports, here.identity, (await here.rotation()).id, 'app@host:1');
    await here.work(here.ports);
    await here.days(5, here.ports);
    expect((await here.rotation()).state).toBe('promoted');
    await again(here, 1, line);
    await days(here, 5);
  });
});

describe('a host that comes back with an old key and, put there by hand, the one that counts', () => {
  it('is given no third one', async () => {
    const here = await withHosts(2, { coverage: 0.5 });
    const back = here.fakes[1]!;
    down(back);
    await here.work(here.ports);
    await here.days(8, here.ports);
    await here.rotate();
    await here.days(1, here.ports);
    const { rotations, versions } = await here.recordOf();
    expect(rotations!.map(({ state }) => state)).toEqual(['promoted', 'promoted']);
    const lines = versions.map(({ publicKey }) => `${publicKey} app\n`);
    back.text = `${lines[0]}${lines[2]}`;
    let most = 0;
    back.hook = () => {
      most = Math.max(most, lines.filter((line) => back.text.includes(line)).length);
    };
    await here.days(9, here.ports);
    expect(back.text).toBe(lines[2]);
    expect(most).toBe(2);
    expect((await here.recordOf()).versions).toHaveLength(1);
  });
});
