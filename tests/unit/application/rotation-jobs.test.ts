// The rotation worker at a cloud that takes so many calls a second: key pairs that come due together are rotated, and purged, without
// a call that is refused.
import { describe, expect, it } from 'vitest';
import { rotationJobs } from '../../../lib/application/rotation-jobs.ts';
import type { ForRotation, Runtime } from '../../../lib/application/runtime.ts';
import { DAY_MS, deadlineIn } from '../../../lib/clock.ts';
import type { Hosts } from '../../../lib/hosts/hosts.ts';
import { requestRotation } from '../../../lib/vending/rotation/rotation-commands.ts';
import type { RotationPorts } from '../../../lib/vending/rotation/rotation-ports.ts';
import { vend } from '../../../lib/vending/vend.ts';
import { rotationDefaults } from '../../doubles/rotation-defaults.ts';
import { world } from '../vending/world.ts';

const RATE = 5;
const NAMES = Array.from({ length: 12 }, (_, i) => `web_${i}`);

describe('the rotation worker', () => {
  it('asks a cloud for no more in a second than it takes, whatever comes due together', async () => {
    const all = world('cvm', { callsPerSecond: { cvm: RATE } });
    const { clock, ledger } = all;
    const calls: string[] = [];
    const worker = (): RotationPorts => ({
      ...all.worker({
        before: (_, call) => {
          if (call.startsWith('cloud.')) calls.push(`${call} ${Math.floor(clock.wallMs() / 1_000)}`);
        },
      }),
      hosts: { login: () => expect.fail('there is none') } as unknown as Hosts,
      rotation: { defaults: rotationDefaults, leaseMs: 960_000, graceMs: 30 * DAY_MS },
    });
    const identities = NAMES.map((name) => ({ ...all.identity, name }));
    for (const identity of identities) {
      const order = { identity, request: { projectId: 0 }, caller: 'test' };
      await vend(worker(), { ...order, deadline: deadlineIn(clock, 29_000) });
      await requestRotation(worker(), identity, { caller: 'test' });
    }
    calls.length = 0;

    const log = { info: () => {}, warn: () => {}, failed: (error: unknown) => expect.fail(String(error)) };
    const ports = worker();
    const runtime = {
      ...ports,
      ...{ log, workersPerCaller: 2, own: () => ({}), wake: async () => {} },
      ...{ portsFor: async () => ports, ledger: async () => ledger },
    } as unknown as Runtime & ForRotation;
    const jobs = rotationJobs(runtime, () => expect.fail('no connection is made'), ports.hosts);
    const sender = { kind: 'queue', id: 'q' } as never;
    for (let day = 0; day < 10; day += 1) {
      for (const identity of identities) await jobs.work({ id: 'm', body: JSON.stringify(identity), sender }, 900_000);
      clock.advance(DAY_MS);
    }

    // Each has one pair again, the later one; the earlier one is purged.
    expect(all.cloud.pairs.map(({ name }) => name).sort()).toEqual(NAMES.map((name) => `${name}_r2`).sort());
    for (const what of ['cloud.create', 'cloud.find', 'cloud.remove']) {
      const seconds = calls.filter((call) => call.startsWith(`${what} `));
      expect(seconds.length).toBeGreaterThanOrEqual(NAMES.length);
      const most = Math.max(...seconds.map((one) => seconds.filter((other) => other === one).length));
      expect([what, most]).toEqual([what, expect.toSatisfy((n: number) => n <= RATE)]);
    }
  });
});
