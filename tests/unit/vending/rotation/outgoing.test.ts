// What is on its way out: when hosts are looked at, and when the cloud is asked.
import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../../../lib/clock.ts';
import type { Hosts } from '../../../../lib/hosts/hosts.ts';
import { setPolicy } from '../../../../lib/vending/rotation/rotation-commands.ts';
import { type FakeHost, fakeHost } from '../../../hosts/fake-host.ts';
import { rotated } from './world.ts';

const hostAt = (port: number) => ({ host: 'host.example', port, user: 'app', hostKeys: ['SHA256:x'] });

/** An instance keeps the first pair, and the rotation of it is done. */
async function lingering() {
  const here = await rotated('ecs');
  const [first] = (await here.recordOf()).versions;
  const fakes: FakeHost[] = [0, 1].map(() => fakeHost(`${first!.publicKey} app\n`));
  const logins: Hosts = { login: (host, ...rest) => fakes[host.port]!.login(host, ...rest) };
  const calls: string[] = [];
  const ports = here.worker({ before: (_step, call) => void calls.push(call) }, logins);
  await setPolicy(ports, here.identity, { hosts: [hostAt(0)] });
  await here.attach('i-1');
  await here.rotate();
  await here.work(ports);
  here.clock.advance(8 * DAY_MS);
  await here.work(ports);
  expect((await here.recordOf()).outgoing!.pairs).toMatchObject([{ held: { tries: 1 } }]);
  return { ...here, ports, fakes, calls, work: () => here.work(ports) };
}

describe('a host that is listed while others are looked at', () => {
  it('is looked at at once, and not a day later', async () => {
    const here = await lingering();
    here.clock.advance(DAY_MS);
    let listed: Promise<unknown> | undefined;
    here.fakes[0]!.hook = (step) => {
      if (step === 'read') listed ??= setPolicy(here.ports, here.identity, { hosts: [hostAt(0), hostAt(1)] });
    };
    await here.work();
    await listed;
    await here.work();
    const current = (await here.recordOf()).versions.at(-1)!.publicKey;
    expect(here.fakes[1]!.text).toBe(`${current} app\n`);
  });
});

describe('a pair that was refused before', () => {
  it('is sent no further delete while the cloud says what has it', async () => {
    const here = await lingering();
    here.calls.length = 0;
    for (let days = 0; days < 5; days += 1) {
      here.clock.advance(DAY_MS);
      await here.work();
    }
    expect(here.calls).not.toContain('cloud.remove');
    expect((await here.recordOf()).outgoing!.pairs[0]!.held).toMatchObject({ instances: ['i-1'], tries: 6 });
    here.cloud.release('i-1');
    here.clock.advance(DAY_MS);
    await here.work();
    expect(here.calls).toContain('cloud.remove');
  });
});

describe('a host that refuses every key while a pair lingers', () => {
  it('is logged in on less and less, and at once when it is listed anew', async () => {
    const here = await lingering();
    const refusing = fakeHost('');
    here.fakes[1] = refusing;
    await setPolicy(here.ports, here.identity, { hosts: [hostAt(0), hostAt(1)] });
    await here.work();
    const logins = () => refusing.steps.filter((step) => step === 'login').length;
    const first = logins();
    expect(first).toBeGreaterThan(0);
    for (let minutes = 0; minutes < 24 * 60; minutes += 1) {
      here.clock.advance(60_000);
      await here.work();
    }
    const perLook = first;
    expect(logins() / perLook).toBeLessThan(40); // an hour apart in the end
    const before = logins();
    await setPolicy(here.ports, here.identity, { hosts: [hostAt(0)] });
    await setPolicy(here.ports, here.identity, { hosts: [hostAt(0), hostAt(1)] });
    await here.work();
    expect(logins()).toBeGreaterThan(before);
  });
});
