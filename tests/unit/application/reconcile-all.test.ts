// The comparison of all places: what it asks for does not grow with places times secrets.
import { describe, expect, it } from 'vitest';
import { recoveryJobs } from '../../../lib/application/recovery-jobs.ts';
import type { Connections, Runtime } from '../../../lib/application/runtime.ts';
import { deadlineIn } from '../../../lib/clock.ts';
import { vend } from '../../../lib/vending/vend.ts';
import { world } from '../vending/world.ts';

async function compared(regions: number, names: number) {
  const all = world('ecs');
  for (let region = 0; region < regions; region += 1)
    for (let name = 0; name < names; name += 1)
      await vend(all.worker(), {
        identity: { ...all.identity, region: `somewhere-${region}`, name: `web_${name}` },
        request: {},
        caller: 'portal',
        deadline: deadlineIn(all.clock, 29_000),
      });
  const calls = new Map<string, number>();
  const watched = all.worker({ before: (_, call) => void calls.set(call, (calls.get(call) ?? 0) + 1) });
  const log = { info: () => {}, warn: () => {}, failed: (error: unknown) => expect.fail(String(error)) };
  const runtime = { clock: all.clock, log, portsFor: async () => watched } as unknown as Runtime;
  const { places } = await recoveryJobs(runtime, {} as Connections).reconcileAll({}, 60_000);
  expect(places.map(({ counts }) => counts.matched)).toEqual(Array(regions).fill(names));
  return (call: string) => calls.get(call) ?? 0;
}

describe('comparing all places', () => {
  it('lists the secrets once, and asks the ledger for no secret by itself', async () => {
    const few = await compared(2, 10);
    const many = await compared(8, 10);
    expect([few('store.list'), many('store.list')]).toEqual([1, 1]);
    expect([few('ledger.read'), many('ledger.read')]).toEqual([0, 0]);
    expect([few('cloud.list'), many('cloud.list')]).toEqual([2, 8]);
    expect([few('cloud.find'), many('cloud.find')]).toEqual([0, 0]);
  });
});
