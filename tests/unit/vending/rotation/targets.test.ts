// Hosts that are found by what they are, and come and go while keys are rotated.
import { beforeEach, describe, expect, it } from 'vitest';
import { DAY_MS } from '../../../../lib/clock.ts';
import { VendingError } from '../../../../lib/errors.ts';
import type { Hosts } from '../../../../lib/hosts/hosts.ts';
import type { Instance } from '../../../../lib/providers/fleet.ts';
import type { PolicyChange } from '../../../../lib/vending/rotation/policy.ts';
import { setPolicy, waiveHost } from '../../../../lib/vending/rotation/rotation-commands.ts';
import type { Target } from '../../../../lib/vending/rotation/target.ts';
import { type FakeHost, fakeHost } from '../../../hosts/fake-host.ts';
import { rotated } from './world.ts';

const target: Target = { tags: { role: 'web' }, addresses: 'private', port: 22, user: 'app', hostKeys: ['SHA256:x'] };
const machine = (n: number, over: Partial<Instance> = {}): Instance => ({
  ...{ id: `i-${n}`, status: 'running', keyPairs: [], tags: { role: 'web' } },
  ...{ privateAddresses: [`10.0.0.${n}`], publicAddresses: [`192.0.2.${n}`] },
  ...over,
});

async function fleet(policy: PolicyChange = {}) {
  const here = await rotated('ecs');
  const fakes = new Map<string, FakeHost>();
  const logins: Hosts = {
    async login(host, ...rest) {
      const fake = fakes.get(host.host);
      if (fake === undefined) throw new VendingError('HOST_UNREACHABLE', 'No such machine');
      return fake.login(host, ...rest);
    },
  };
  const ports = here.worker({}, logins);
  const key = async (at = -1) => (await here.recordOf()).versions.at(at)!.publicKey;
  await setPolicy(ports, here.identity, { targets: [target], ...policy });
  return {
    ...here,
    ports,
    fakes,
    key,
    /** Launches a machine that knows a key. */
    launch(n: number, knows: string, over: Partial<Instance> = {}): void {
      here.machines.push(machine(n, over));
      fakes.set(`10.0.0.${n}`, fakeHost(`${knows} app\n`));
    },
    lines: (n: number) => fakes.get(`10.0.0.${n}`)!.text.trim().split('\n'),
    work: () => here.work(ports),
    workAs: (by: typeof ports) => here.work(by),
    async days(count: number) {
      for (let i = 0; i < 4 * count; i += 1) {
        here.clock.advance(DAY_MS / 4);
        await here.work(ports);
        here.clock.advance(60_000);
        await here.work(ports);
      }
    },
  };
}

let here: Awaited<ReturnType<typeof fleet>>;
beforeEach(async () => {
  here = await fleet();
});

describe('hosts that are found', () => {
  it('are those that carry the tags, at the address that is asked for', async () => {
    const key = await here.key();
    here.launch(1, key);
    here.launch(2, key, { tags: { role: 'db' } });
    here.launch(3, key);
    await here.rotate();
    await here.work();
    expect(await here.rotation()).toMatchObject({
      state: 'promoted',
      hosts: { 'app@10.0.0.1:22': { outcome: 'ok' }, 'app@10.0.0.3:22': { outcome: 'ok' } },
    });
    expect(here.lines(2)).toEqual([`${key} app`]);
    expect((await here.recordOf()).found).toMatchObject({ came: ['i-1', 'i-3'], left: [] });
  });

  it('are refused when there are none, as if none could be reached', async () => {
    await here.rotate();
    await here.work();
    expect(await here.rotation()).toMatchObject({ state: 'staged', lastError: { code: 'COVERAGE_MISSED' } });
    here.launch(1, await here.key());
    here.clock.advance(3_600_000);
    await here.work();
    expect((await here.rotation()).state).toBe('promoted');
  });

  it('are waited for when the cloud cannot be asked: nothing is decided without knowing them', async () => {
    here.launch(1, await here.key());
    const down = async () => {
      throw new VendingError('CLOUD_UNREACHABLE', 'Down');
    };
    await here.rotate();
    const { fleetFor, ...rest } = here.ports;
    const ports = {
      ...rest,
      fleetFor: async (...given: Parameters<NonNullable<typeof fleetFor>>) => ({
        ...(await fleetFor!(...given)),
        instances: down,
      }),
    };
    await here.workAs(ports);
    expect(await here.rotation()).toMatchObject({ state: 'staged', lastError: { code: 'CLOUD_UNREACHABLE' } });
  });

  it('are caught up within a day when they are launched during the overlap with the old key', async () => {
    const first = await here.key();
    here.launch(1, first);
    await here.rotate();
    await here.work();
    expect((await here.rotation()).state).toBe('promoted');
    here.clock.advance(DAY_MS);
    here.launch(2, first);
    await here.days(1);
    expect(here.lines(2)).toContain(`${await here.key()} app`);
  });

  it('are caught up when they were launched during a rotation, or after it with a key of before', async () => {
    const first = await here.key();
    here.launch(1, first);
    await here.attach('i-9');
    await here.rotate();
    await here.work();
    here.launch(2, first); // in the overlap, by an old image
    await here.days(9);
    expect((await here.rotation()).state).toBe('old-key-removed');
    const current = await here.key();
    for (const n of [1, 2]) expect(here.lines(n)).toEqual([`${current} app`]);
    here.launch(3, first); // while the old pair lingers
    await here.days(2);
    expect(here.lines(3)).toEqual([`${current} app`]);
  });

  it('are waited for again though they were waived or done, where another machine has the address after a while', async () => {
    const first = await here.key();
    here.launch(1, first);
    here.launch(2, 'ssh-rsa somebody');
    await here.rotate();
    const { id } = await here.rotation();
    await here.work();
    await waiveHost(here.ports, here.identity, id, 'app@10.0.0.2:22');
    await here.days(2);
    expect((await here.rotation()).state).toBe('promoted');
    here.machines.splice(0, 2);
    here.launch(3, first);
    await here.days(2); // nobody has the addresses
    here.machines.push(machine(4, { privateAddresses: ['10.0.0.1'] }), machine(5, { privateAddresses: ['10.0.0.2'] }));
    for (const n of [1, 2]) here.fakes.set(`10.0.0.${n}`, fakeHost(`${first} app\n`));
    await here.days(6);
    for (const n of [1, 2, 3]) expect(here.lines(n)).toEqual([`${await here.key()} app`]);
    expect((await here.recordOf()).versions).toHaveLength(1);
  });

  it('have their host keys recorded for as long as it is the same instance at the address, whoever has it meanwhile', async () => {
    const recording = await fleet({ recordHostKeys: true, targets: [{ ...target, hostKeys: [] }] });
    const first = await recording.key();
    const shown = new Map([['10.0.0.1', 'SHA256:one']]);
    const hosts: Hosts = {
      async login(host, ...rest) {
        const hostKey = shown.get(host.host) ?? 'SHA256:other';
        if (host.hostKeys.length > 0 && !host.hostKeys.includes(hostKey))
          throw new VendingError('HOST_KEY_CHANGED', 'Another');
        return { ...(await recording.fakes.get(host.host)!.login(host, ...rest)), hostKey };
      },
    };
    const ports = { ...recording.ports, hosts };
    recording.launch(1, first);
    recording.launch(2, first);
    await recording.attach('i-9'); // so that hosts are looked at each day
    await recording.rotate();
    const days = async (count: number) => {
      for (let i = 0; i < 4 * count; i += 1) {
        recording.clock.advance(DAY_MS / 4);
        await recording.workAs(ports);
      }
    };
    await days(9);
    const known = async () => (await recording.recordOf()).hostKeys?.['app@10.0.0.1:22'];
    expect(await known()).toBe('SHA256:one');
    const [gone] = recording.machines.splice(0, 1);
    await days(2);
    expect(await known()).toBe('SHA256:one'); // it may come back, and must show the same
    shown.set('10.0.0.1', 'SHA256:somebody');
    recording.machines.push(gone!);
    await days(2);
    expect((await recording.recordOf()).outgoing!.hosts['app@10.0.0.1:22']).toMatchObject({ code: 'HOST_KEY_CHANGED' });
    recording.machines.pop();
    await days(2);
    recording.machines.push(machine(3, { privateAddresses: ['10.0.0.1'] }));
    await days(2);
    expect(await known()).toBe('SHA256:somebody');
    expect((await recording.recordOf()).outgoing!.hosts['app@10.0.0.1:22']).toMatchObject({ outcome: 'ok' });
  });

  it('are waited for no more once they are gone, and another machine at their address begins anew', async () => {
    const first = await here.key();
    here.launch(1, first);
    here.launch(2, first);
    await here.rotate();
    await here.work();
    here.machines.splice(0, 2, machine(3, { privateAddresses: ['10.0.0.1'] }));
    here.fakes.set('10.0.0.1', fakeHost(`${first} app\n`));
    here.fakes.delete('10.0.0.2');
    await here.days(9);
    expect((await here.rotation()).state).toBe('purged');
    expect(here.lines(1)).toEqual([`${await here.key()} app`]);
    expect((await here.recordOf()).found).toMatchObject({ came: ['i-3'], left: ['i-1', 'i-2'] });
  });

  it('leave nothing behind in what is on its way out once they are gone, however often machines are replaced', async () => {
    const first = await here.key();
    await here.attach('i-kept'); // so that the old pair lingers
    here.launch(1, first);
    await here.rotate();
    await here.days(9);
    for (let n = 2; n < 6; n += 1) {
      here.machines.splice(0, 1);
      here.launch(n, await here.key());
      await here.days(2);
    }
    expect(Object.keys((await here.recordOf()).outgoing!.hosts)).toEqual(['app@10.0.0.5:22']);
  });

  it('keep the keys that were recorded of them, until there are more than a record has room for', async () => {
    here = await fleet({ recordHostKeys: true, targets: [{ ...target, hostKeys: [] }] });
    const key = await here.key();
    here.launch(1, key);
    here.launch(2, key);
    await here.rotate();
    await here.work();
    here.machines.splice(0, 1);
    await here.days(2);
    expect(Object.keys((await here.recordOf()).hostKeys!)).toEqual(['app@10.0.0.1:22', 'app@10.0.0.2:22']);
    const { record, revision } = (await here.ledger.read(here.identity))!;
    const hostKeys = Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`app@10.1.0.${i}:22`, 'SHA256:x']));
    await here.ledger.write({ ...record, hostKeys: { ...hostKeys, ...record.hostKeys } }, revision);
    await here.days(2);
    expect(Object.keys((await here.recordOf()).hostKeys!)).toEqual(['app@10.0.0.2:22']);
  });

  it('are those that have the pair, or a pair of before, where that is asked for', async () => {
    here = await fleet({ targets: [{ ...target, attached: true }] });
    const first = await here.key();
    for (const n of [1, 2]) here.launch(n, first);
    await here.attach('i-1');
    await here.rotate();
    await here.days(9);
    const current = await here.key();
    expect(here.lines(1)).toEqual([`${current} app`]);
    expect(here.lines(2)).toEqual([`${first} app`]);
  });
});
