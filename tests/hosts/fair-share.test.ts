// Five workers, two callers: what one of them lists must not hold up the other. A silent host answers nothing until the test lets
// it give up, so nothing here depends on how fast the machine is.

import { afterEach, describe, expect, it } from 'vitest';
import { queueSender } from '../../lib/access/principal.ts';
import { rotationJobs } from '../../lib/application/rotation-jobs.ts';
import type { ForRotation, Runtime } from '../../lib/application/runtime.ts';
import { deadlineIn } from '../../lib/clock.ts';
import { VendingError } from '../../lib/errors.ts';
import type { Host, Hosts } from '../../lib/hosts/hosts.ts';
import type { Identity } from '../../lib/identity.ts';
import { requestRotation, setPolicy } from '../../lib/vending/rotation/rotation-commands.ts';
import type { RotationPorts } from '../../lib/vending/rotation/rotation-ports.ts';
import { vend } from '../../lib/vending/vend.ts';
import { rotationDefaults } from '../doubles/rotation-defaults.ts';
import { world } from '../unit/vending/world.ts';
import { type FakeHost, fakeHost } from './fake-host.ts';
import { patiently } from './keys.ts';
import { thisMachine } from './rules.ts';

const WORKERS = 5;
const SHARE = 2;

const ended: (() => void)[] = [];
afterEach(() => {
  for (const end of ended.splice(0)) end();
});

async function scene() {
  const here = world('ecs');
  const good = new Map<string, FakeHost>();
  /** Logins that wait for a silent host, and whose. */
  const silent = new Set<{ readonly user: string; giveUp(): void }>();
  const seen = { most: 0 };
  const hosts: Hosts = {
    login(host, key, options) {
      const known = good.get(host.host);
      if (known !== undefined) return known.login(host, key, options);
      return new Promise((_, reject) => {
        const waiting = {
          user: host.user,
          giveUp() {
            silent.delete(waiting);
            reject(new VendingError('HOST_UNREACHABLE', 'It said nothing'));
          },
        };
        silent.add(waiting);
        seen.most = Math.max(seen.most, silent.size);
      });
    },
  };
  const rotation = { defaults: rotationDefaults, leaseMs: 960_000, graceMs: 0 };
  const ports: RotationPorts = { ...here.worker(), hosts, rotation };

  /** Messages in the order in which they came, and those that are to come later. */
  const queue: Identity[] = [];
  const later: Identity[] = [];
  const runtime = {
    ...ports,
    portsFor: async () => ports,
    ledger: async () => here.ledger,
    log: { info() {}, warn() {}, failed() {} },
    hostRules: thisMachine,
    workersPerCaller: SHARE,
    wake: async (identity: Identity, afterMs = 0) => void (afterMs > 0 ? later : queue).push(identity),
  } as unknown as Runtime & ForRotation;
  const jobs = rotationJobs(runtime, () => Promise.reject(new TypeError('no cloud is asked')), hosts);

  let over = false;
  ended.push(() => {
    over = true;
    for (const one of silent) one.giveUp();
  });
  const works = async () => {
    while (!over) {
      const next = queue.shift();
      if (next === undefined) await new Promise(setImmediate);
      else await jobs.work({ id: 'm', body: JSON.stringify(next), sender: queueSender('q', 'AIDA') }, 900_000);
    }
  };

  return {
    ...here,
    ports,
    queue,
    later,
    silent,
    seen,
    begin: () => void Array.from({ length: WORKERS }, works),
    /** A key pair of a caller's whose rotation was asked for and handed out. */
    async asks(caller: string, name: string, hostNames: readonly string[], isGood: boolean): Promise<Identity> {
      const identity = { ...here.identity, name };
      const deadline = deadlineIn(here.clock, 28_000);
      await vend(ports, { identity, request: {}, caller, deadline });
      const { publicKey } = (await here.ledger.read(identity))!.record.versions[0]!;
      if (isGood) for (const host of hostNames) good.set(host, fakeHost(`${publicKey}\n`));
      const listed = hostNames.map((host): Host => ({ host, port: 22, user: caller, hostKeys: ['SHA256:x'] }));
      await setPolicy(ports, identity, { hosts: listed });
      await requestRotation(ports, identity, { caller });
      queue.push(identity);
      return identity;
    },
    stateOf: async (identity: Identity) => (await here.ledger.read(identity))!.record.rotations!.at(-1)!.state,
  };
}

describe("a caller's hosts that say nothing", () => {
  it("do not hold up another caller's rotation, though all of theirs were asked for first", async () => {
    const here = await scene();
    for (let i = 0; i < 40; i += 1) await here.asks('one', `one_${i}`, [`silent-${i}.example`], false);
    const other = await here.asks('other', 'other_1', ['good-1.example', 'good-2.example'], true);
    here.begin();
    await expect.poll(() => here.stateOf(other), patiently).toBe('promoted');
    // Not one of the forty has been given up meanwhile, and the caller still has a share of the workers.
    expect(here.silent.size).toBe(SHARE);
    expect(here.seen.most).toBe(SHARE);
    expect([...here.silent].every(({ user }) => user === 'one')).toBe(true);
    expect(here.later).toHaveLength(40 - SHARE);
  });

  it('are all tried in the end, and none of the workers stays taken', async () => {
    const here = await scene();
    const all: Identity[] = [];
    for (let i = 0; i < 6; i += 1) all.push(await here.asks('one', `one_${i}`, [`silent-${i}.example`], false));
    here.begin();
    const tried = async () => {
      for (const one of here.silent) one.giveUp();
      here.queue.push(...here.later.splice(0));
      const rotations = await Promise.all(all.map(async (one) => (await here.ledger.read(one))!.record.rotations![0]!));
      return rotations.filter(({ hosts }) => Object.values(hosts)[0]?.code === 'HOST_UNREACHABLE').length;
    };
    await expect.poll(tried, patiently).toBe(6);
    const good = await here.asks('one', 'one_good', ['good.example'], true);
    await expect.poll(() => here.stateOf(good), patiently).toBe('promoted');
  });

  it('cost two callers no more than their own shares', async () => {
    const here = await scene();
    for (let i = 0; i < 10; i += 1) {
      await here.asks('one', `one_${i}`, [`silent-1-${i}.example`], false);
      await here.asks('two', `two_${i}`, [`silent-2-${i}.example`], false);
    }
    const other = await here.asks('other', 'other_1', ['good-1.example'], true);
    here.begin();
    await expect.poll(() => here.stateOf(other), patiently).toBe('promoted');
    expect(here.seen.most).toBe(2 * SHARE);
  });
});
