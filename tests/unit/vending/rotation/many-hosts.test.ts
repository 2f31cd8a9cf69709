// Key pairs of many hosts: what is taken and what is refused, and how a rotation gets through them in the time that a worker has.
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { DAY_MS, deadlineIn } from '../../../../lib/clock.ts';
import type { VendingError } from '../../../../lib/errors.ts';
import { type Host, HostSilence, type Hosts } from '../../../../lib/hosts/hosts.ts';
import type { Instance } from '../../../../lib/providers/fleet.ts';
import { advance } from '../../../../lib/vending/rotation/advance.ts';
import { hostName, type Policy } from '../../../../lib/vending/rotation/policy.ts';
import { setPolicy } from '../../../../lib/vending/rotation/rotation-commands.ts';
import { fakeHost } from '../../../hosts/fake-host.ts';
import { rotated } from './world.ts';

const pin = (bytes = 32) => `SHA256:${randomBytes(bytes).toString('base64').slice(0, 43)}`;
const listed = (count: number, host: (i: number) => Partial<Host> = () => ({})): Host[] =>
  Array.from({ length: count }, (_, i) => ({
    ...{ host: `web-${i}.example.com`, port: 22, user: 'app', hostKeys: [pin()] },
    ...host(i),
  }));
const longName = () => `${Array.from({ length: 4 }, () => randomBytes(30).toString('hex')).join('.')}.example`;
const machine = (i: number): Instance => ({
  ...{ id: `i-${randomBytes(10).toString('hex')}`, status: 'running', keyPairs: [], tags: { role: 'web' } },
  ...{ privateAddresses: [`10.0.${i >> 8}.${i & 255}`], publicAddresses: [] },
});
const target = { tags: { role: 'web' }, addresses: 'private', port: 22, user: 'app', hostKeys: [] } as const;
const tooMany = { name: 'VendingError', code: 'HOSTS_TOO_MANY', effect: 'none' };

describe('the hosts of one key pair', () => {
  it.each<[string, number, (i: number) => Partial<Host>]>([
    ['2,000 with a fingerprint each', 2_000, () => ({})],
    [
      '2,000 with a whole ed25519 key each',
      2_000,
      () => ({ hostKeys: [`ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${pin().slice(7)}`] }),
    ],
    ['1,000 with three fingerprints each', 1_000, () => ({ hostKeys: [pin(), pin(), pin()] })],
    ['1,000 with names as long as they can be', 1_000, () => ({ host: longName() })],
  ])('may be %s', async (_, count, host) => {
    const { ports, identity, recordOf } = await rotated('ecs');
    const hosts = listed(count, host);
    await setPolicy(ports, identity, { hosts });
    expect((await recordOf()).policy?.hosts).toEqual(hosts);
  });

  it.each<[string, number, (i: number) => Partial<Host>]>([
    ['more than 2,000', 2_001, () => ({})],
    [
      '1,000 with a whole RSA key each',
      1_000,
      () => ({ hostKeys: [`ssh-rsa ${randomBytes(384).toString('base64')}`] }),
    ],
  ])('are refused when they are %s, and nothing is written', async (_, count, host) => {
    const { ports, identity, recordOf } = await rotated('ecs');
    const before = await recordOf();
    await expect(setPolicy(ports, identity, { hosts: listed(count, host) })).rejects.toMatchObject(tooMany);
    expect(await recordOf()).toEqual(before);
  });

  it('may be listed and found, up to 2,000 together', async () => {
    const { ports, identity, rotate, work, recordOf, machines } = await rotated('ecs');
    machines.push(...Array.from({ length: 1_200 }, (_, i) => machine(i)));
    await setPolicy(ports, identity, { hosts: listed(800), targets: [target] });
    await rotate();
    await work();
    expect((await recordOf()).found?.hosts).toHaveLength(1_200);
  });

  it('that are found are refused when there are too many, and nothing is decided', async () => {
    const { ports, identity, rotate, work, recordOf, rotation, machines } = await rotated('ecs');
    machines.push(...Array.from({ length: 1_201 }, (_, i) => machine(i)));
    await setPolicy(ports, identity, { hosts: listed(800), targets: [target] });
    await rotate();
    await work();
    expect((await recordOf()).found).toBeUndefined();
    expect(await rotation()).toMatchObject({ state: 'staged', hosts: {}, lastError: { code: 'HOSTS_TOO_MANY' } });
  });

  it('are counted with those that were found a short while ago, when they are listed', async () => {
    const { ports, identity, rotate, work, recordOf, machines, clock } = await rotated('ecs');
    machines.push(...Array.from({ length: 1_200 }, (_, i) => machine(i)));
    await setPolicy(ports, identity, { hosts: listed(800), targets: [target] });
    await rotate();
    await work();
    const before = await recordOf();
    const hosts = listed(801);
    await expect(setPolicy(ports, identity, { hosts, targets: [target] })).rejects.toMatchObject(tooMany);
    expect(await recordOf()).toEqual(before);
    await setPolicy(ports, identity, { hosts }); // the targets go
    const found = before.found!.hosts.slice(0, 500).map(({ host }) => host); // and are counted once when they are listed, too
    await setPolicy(ports, identity, { hosts: [...listed(800), ...found], targets: [target] });
    await expect(setPolicy(ports, identity, { hosts: listed(801), targets: [target] })).rejects.toMatchObject(tooMany);
    clock.advance(2 * DAY_MS); // by then there may be fewer
    await setPolicy(ports, identity, { hosts: listed(801), targets: [target] });
  });

  it('are refused when more were listed while others were looked for, and nothing is decided', async () => {
    const here = await rotated('ecs');
    here.machines.push(...Array.from({ length: 1_200 }, (_, i) => machine(i)));
    await setPolicy(here.ports, here.identity, { targets: [target] });
    await here.rotate();
    const fleet = (await here.ports.fleetFor?.(here.identity))!;
    const instances: typeof fleet.instances = async (...asked) => {
      const found = await fleet.instances(...asked);
      await setPolicy(here.ports, here.identity, { hosts: listed(801), targets: [target] });
      return found;
    };
    await here.work({ ...here.ports, fleetFor: async () => ({ ...fleet, instances }) });
    expect((await here.recordOf()).found).toBeUndefined();
    expect(await here.rotation()).toMatchObject({ state: 'staged', hosts: {}, lastError: { code: 'HOSTS_TOO_MANY' } });
  });

  it('may be others again and again, though a record does not hold all that was known of all of them', async () => {
    const { ports, identity, rotate, recordOf, ledger } = await rotated('ecs', undefined, { recordHostKeys: true });
    const longNames = () => listed(1_000, () => ({ host: longName(), hostKeys: [] }));
    await rotate();
    let hosts = longNames();
    for (let list = 0; list < 4; list += 1) {
      await setPolicy(ports, identity, { hosts });
      const { record, revision } = (await ledger.read(identity))!;
      const names = hosts.map(hostName);
      const rotations = record.rotations!.map((one) => ({
        ...one,
        hosts: {
          ...one.hosts,
          ...Object.fromEntries(names.map((name) => [name, { outcome: 'ok' as const, atMs: 1 }])),
        },
      }));
      const hostKeys = { ...record.hostKeys, ...Object.fromEntries(names.map((name) => [name, pin()])) };
      expect(await ledger.write({ ...record, rotations, hostKeys }, revision)).not.toBe('conflict');
      const next = longNames();
      hosts = [...hosts.slice(0, 500), ...next.slice(0, 500)];
      await setPolicy(ports, identity, { hosts });
      const known = Object.keys((await recordOf()).hostKeys!);
      expect(known).toEqual(expect.arrayContaining(names.slice(0, 500))); // of those that stay, all is known
      expect(Object.keys((await recordOf()).rotations![0]!.hosts)).toEqual(expect.arrayContaining(names.slice(0, 500)));
      hosts = next;
    }
  });

  it('that machines come and go under do not fill the record of a rotation with a long overlap', async () => {
    const { ports, identity, rotate, days, recordOf, machines, ledger } = await rotated('ecs', undefined, {
      overlapDays: 90,
    });
    await setPolicy(ports, identity, { targets: [target] });
    await rotate();
    machines.push(machine(1));
    await days(1);
    const { record, revision } = (await ledger.read(identity))!;
    const gone = Array.from({ length: 40_000 }, () => `app@10.${randomBytes(3).join('.')}:22`);
    const rotations = record.rotations!.map((one) => ({
      ...one,
      hosts: {
        ...one.hosts,
        ...Object.fromEntries(gone.map((name, i) => [name, { outcome: 'ok' as const, atMs: i }])),
      },
    }));
    await ledger.write({ ...record, rotations }, revision);
    await days(1);
    expect(Object.keys((await recordOf()).rotations![0]!.hosts)).toEqual(['app@10.0.0.1:22']);
  });
});

/**
 * Hosts on which a login takes 200 ms of a clock that stands still otherwise, so five at once take a second.
 * @param silent how many of them say nothing: each costs what it is given for its first word, and 10 s in the end; several together as much as one
 */
async function many(count: number, silent = 0, policy: Partial<Policy> = {}) {
  const here = await rotated('ecs', undefined, { maxParallelHosts: 5, ...policy });
  const key = (await here.recordOf()).versions[0]!.publicKey;
  const hosts = listed(count);
  const fakes = new Map(hosts.map(({ host }) => [host, fakeHost(`${key} app\n`)]));
  const saysNothing = new Set(hosts.slice(0, silent).map(({ host }) => host));
  let waits: Promise<void> | undefined;
  let logins = 0;
  const ports = here.worker({}, {
    async login({ host }, ...rest) {
      logins += 1;
      if (saysNothing.has(host)) {
        const { firstWordMs = 10_000 } = rest[1];
        waits ??= new Promise<void>((over) => setImmediate(over)).then(() => {
          here.clock.advance(firstWordMs);
          waits = undefined;
        });
        await waits;
        throw new HostSilence('It said nothing');
      }
      here.clock.advance(200);
      return fakes.get(host)!.login({ host } as Host, ...rest);
    },
  } satisfies Hosts);
  await setPolicy(here.ports, here.identity, { hosts });

  /** Passes of the time that a message gives a worker, as long as something is due at once. @returns how many */
  async function passes(): Promise<number> {
    for (let count = 1; ; count += 1) {
      const failed = (error: unknown) => void here.failures.push(error);
      const nextMs = await advance(ports, here.identity, deadlineIn(here.clock, 120_000), failed);
      if (nextMs === undefined || nextMs > here.clock.wallMs()) return count;
    }
  }
  return { ...here, fakes, ports, passes, logins: () => logins };
}

describe('a rotation of many hosts', () => {
  it('comes to its end with a thousand of them, in passes of two minutes', { timeout: 120_000 }, async () => {
    const here = await many(1_000);
    const first = (await here.recordOf()).versions[0]!.publicKey;
    await here.rotate();
    const begun = here.clock.wallMs();
    const toPromote = await here.passes();
    expect(await here.rotation()).toMatchObject({ state: 'promoted', failures: 0 });
    expect(toPromote).toBeGreaterThan(5);
    expect(here.clock.wallMs() - begun).toBeLessThan(30 * 60_000);
    expect(here.logins()).toBeLessThan(4_000);
    const second = (await here.recordOf()).versions.at(-1)!.publicKey;
    for (const fake of here.fakes.values())
      expect(fake.text.split('\n').sort()).toEqual(['', `${first} app`, `${second} app`].sort());
    here.clock.advance(7 * DAY_MS);
    await here.passes();
    for (const fake of here.fakes.values()) expect(fake.text).toBe(`${second} app\n`);
    // Once the old pair is gone, each host is looked at once more before the old key goes.
    here.clock.advance(60_000);
    await here.passes();
    expect(await here.rotation()).toMatchObject({ state: 'purged' });
    expect(new Set(here.failures.map((error) => (error as VendingError).code))).toEqual(new Set(['DEADLINE_PASSED']));
  });

  it('gets on beside hosts that say nothing, though each try of those takes all the time that a worker has', async () => {
    const here = await many(240, 60, { coverage: 0.75 });
    const hours = async (count: number) => {
      for (const endsMs = here.clock.wallMs() + count * 3_600_000; here.clock.wallMs() < endsMs; ) {
        await here.passes();
        here.clock.advance(600_000);
      }
    };
    await here.rotate();
    await hours(6);
    expect((await here.rotation()).state).toBe('promoted');
    await hours(8 * 24);
    const { state, hosts } = await here.rotation();
    expect(state).toBe('promoted'); // it waits for the silent ones
    const without = Object.values(hosts).filter(({ oldRemoved }) => oldRemoved).length;
    expect(without).toBe(180);
    const tried = Object.values(hosts).filter(({ code }) => code === 'HOST_UNREACHABLE');
    expect(tried).toHaveLength(60);
    expect(Math.min(...tried.map(({ missed = 0 }) => missed))).toBeGreaterThan(5); // and goes on trying each of them
  });

  it('has its hosts looked at daily while the old pair lingers, one pass after the other, and none fails', async () => {
    const here = await many(400);
    await here.attach('i-kept');
    await here.rotate();
    await here.passes();
    here.clock.advance(7 * DAY_MS);
    await here.passes();
    for (let day = 0; day < 2; day += 1) {
      here.clock.advance(DAY_MS);
      const [nowMs, logins] = [here.clock.wallMs(), here.logins()];
      await here.passes();
      const { outgoing } = await here.recordOf();
      expect(outgoing).toMatchObject({ pairs: [{ held: { code: 'KEY_PAIR_IN_USE' } }], work: { failures: 0 } });
      expect(outgoing!.work).not.toHaveProperty('lastError');
      expect(Object.values(outgoing!.hosts).filter(({ atMs = 0 }) => atMs < nowMs)).toEqual([]);
      expect(here.logins() - logins).toBe(400);
    }
  });
});
