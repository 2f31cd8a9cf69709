// Vending by a worker that may not read stored keys: it needs none, unless somebody died after storing one. That is left to recovery.
import { describe, expect, it } from 'vitest';
import { providerNames } from '../../../lib/provider-table.ts';
import { keyless } from '../../../lib/secrets/keyless.ts';
import type { Ports } from '../../../lib/vending/ports.ts';
import { recover as recoverDue } from '../../../lib/vending/recover.ts';
import { diesAfter, type Script } from '../../doubles/dies-after.ts';
import { ask, expectConsistent, recover } from './story.ts';
import { type World, world } from './world.ts';

const MINUTE = 60_000;

/** A worker as it answers HTTP and queues on AWS. @param calls gets what it calls */
function without(all: World, script: Script = {}, calls: string[] = []): Ports {
  const before = async (step: number, call: string) => {
    calls.push(call);
    await script.before?.(step, call);
  };
  const ports = all.worker({ ...script, before });
  return { ...ports, store: keyless(everyMethod(ports.store)), settings: { ...ports.settings, readsKeys: false } };
}

/** The methods of a proxy, which has none of its own to spread. */
const everyMethod = (store: Ports['store']): Ports['store'] => ({
  prepare: (...given) => store.prepare(...given),
  put: (...given) => store.put(...given),
  find: (...given) => store.find(...given),
  makeCurrent: (...given) => store.makeCurrent(...given),
  markPending: (...given) => store.markPending(...given),
  remove: (...given) => store.remove(...given),
  restoreSecret: (...given) => store.restoreSecret(...given),
  reveal: (...given) => store.reveal(...given),
  list: (...given) => store.list(...given),
  close: () => store.close(),
});

const recovery = ({ clock, worker }: World) =>
  recoverDue(worker(), { until: { wallMs: clock.wallMs() + MINUTE, monotonicMs: clock.monotonicMs() + MINUTE } });

describe.each(providerNames)('vending on %s without reading stored keys', (provider) => {
  it('makes a key pair and finds it made, and never looks at a key', async () => {
    const all = world(provider);
    const calls: string[] = [];
    const first = await ask(all, without(all, {}, calls));
    expect(await ask(all, without(all, {}, calls))).toEqual({ ...first, created: false });
    expect(calls).not.toContain('store.reveal');
    await expectConsistent(all, 1);
  });

  it('settles at once, as ever, what left no key behind', async () => {
    const all = world(provider);
    await ask(all, without(all, diesAfter('cloud.create'))).catch(() => {});
    all.clock.advance(2 * MINUTE);
    const calls: string[] = [];
    await ask(all, without(all, {}, calls)).catch(() => {});
    expect(calls).toContain('cloud.remove');
    await recover(all);
    await ask(all, without(all));
    await expectConsistent(all, 1);
  });

  it('leaves a stored key to recovery, which comes at once however often it is asked for meanwhile', async () => {
    const all = world(provider);
    await ask(all, without(all, diesAfter('store.put'))).catch(() => {});
    const left = (await all.ledger.read(all.identity))?.record.settleAtMs;
    all.clock.advance(left! - all.clock.wallMs());
    const before = await all.ledger.read(all.identity);
    const calls: string[] = [];
    for (let asked = 0; asked < 5; asked += 1) {
      await expect(ask(all, without(all, {}, calls))).rejects.toMatchObject({
        code: 'IN_PROGRESS',
        retryAfterMs: 15_000,
      });
    }
    expect(await all.ledger.read(all.identity)).toEqual(before); // no lease was taken that recovery would wait for
    expect(calls.filter((call) => call === 'store.reveal' || call.startsWith('cloud.'))).toEqual([]);
    expect(await recovery(all)).toMatchObject({ failed: 0 });
    await ask(all, without(all)).catch(() => {});
    await recover(all);
    await ask(all, without(all));
    await expectConsistent(all, 1);
  });

  it('gives up the lease when the key turns up only then, so that recovery has not to wait for its end', async () => {
    const all = world(provider);
    await ask(all, without(all, diesAfter('store.put'))).catch(() => {});
    const stored = await all.store.find(all.identity);
    all.clock.advance(2 * MINUTE);
    const ports = without(all);
    let hidden = true;
    const late = async (...given: Parameters<Ports['store']['find']>) => {
      const found = hidden ? undefined : await ports.store.find(...given);
      hidden = false;
      return found;
    };
    const leasedMs = ports.settings.leaseMs;
    await expect(ask(all, { ...ports, store: { ...ports.store, find: late } })).rejects.toMatchObject({
      code: 'IN_PROGRESS',
    });
    const { attempt, settleAtMs } = (await all.ledger.read(all.identity))!.record;
    expect(settleAtMs! - all.clock.wallMs()).toBeLessThanOrEqual(ports.settings.takeOverAfterMs);
    expect(attempt!.lease.endsAtMs).toBeLessThan(all.clock.wallMs() + leasedMs);
    expect(await all.store.find(all.identity)).toEqual(stored);
    expect(all.cloud.pairs).toHaveLength(1);
    await recover(all);
    await ask(all, without(all));
    await expectConsistent(all, 1);
  });
});
