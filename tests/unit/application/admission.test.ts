// The limits of a grant, with real vending behind them: what is refused, when it may be tried again, and what counts for how long.
import { describe, expect, it } from 'vitest';
import type { Principal } from '../../../lib/access/principal.ts';
import { admissionBy } from '../../../lib/application/admission.ts';
import { deadlineIn } from '../../../lib/clock.ts';
import { reconcile } from '../../../lib/vending/reconcile.ts';
import { recover } from '../../../lib/vending/recover.ts';
import { vend } from '../../../lib/vending/vend.ts';
import { diesAfter } from '../../doubles/dies-after.ts';
import { world } from '../vending/world.ts';

const by = (id: string): Principal => ({ kind: 'token', id, issuer: 'portal', claims: {} });

function limited(limits: { vendsPerMinute?: number; keyPairs?: number }) {
  const all = world('cvm');
  const ask = (name: string, caller = 'portal', ports = all.worker()) => {
    const identity = { ...all.identity, name };
    const admit = admissionBy({ ledger: ports.ledger, clock: all.clock }, { id: 'team', limits }, by(caller), identity);
    const deadline = deadlineIn(all.clock, 29_000);
    return vend(ports, { identity, request: { projectId: 0 }, caller, deadline, ...(admit && { admit }) });
  };
  return { ...all, ask };
}

describe('key pairs in all', () => {
  it('are as many as the grant allows, whoever asks; the same one again costs nothing', async () => {
    const { ask } = limited({ keyPairs: 2 });
    await ask('web_1');
    await ask('web_2', 'another');
    await ask('web_1');
    await expect(ask('web_3')).rejects.toMatchObject({ code: 'GRANT_FULL', retryAfterMs: expect.any(Number) });
  });

  it('are never more, also when many ask at once', async () => {
    const { ask, cloud } = limited({ keyPairs: 5 });
    const outcomes = await Promise.allSettled(Array.from({ length: 30 }, (_, i) => ask(`web_${i}`)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
    expect(cloud.pairs).toHaveLength(5);
  });

  it('that came to nothing do not count, once that is certain', async () => {
    const { ask, clock, worker } = limited({ keyPairs: 1 });
    await ask('web_1', 'portal', worker(diesAfter('cloud.create'))).catch(() => {});
    await expect(ask('web_2')).rejects.toMatchObject({ code: 'GRANT_FULL' });
    for (let hours = 0; hours < 3; hours += 1) {
      clock.advance(3_600_000);
      await recover(worker(), { until: deadlineIn(clock, 60_000) });
    }
    await ask('web_2');
  });

  it('count to the grant by which they were asked for last, once they came to nothing', async () => {
    const { ask, ledger, clock, worker, identity } = limited({ keyPairs: 1 });
    await ask('web_1', 'portal', worker(diesAfter('cloud.create'))).catch(() => {});
    clock.advance(3_600_000);
    const other = admissionBy({ ledger, clock }, { id: 'other', limits: { keyPairs: 1 } }, by('else'), {
      ...identity,
      name: 'web_1',
    });
    for (let tries = 0; tries < 10; tries += 1) {
      const command = {
        identity: { ...identity, name: 'web_1' },
        request: { projectId: 0 },
        caller: 'else',
        admit: other!,
      };
      if (
        await vend(worker(), { ...command, deadline: deadlineIn(clock, 29_000) }).then(
          () => true,
          () => false,
        )
      )
        break;
      clock.advance(600_000);
    }
    expect([ledger.claimed('access/team').size, ledger.claimed('access/other').size]).toEqual([0, 1]);
  });

  it('are counted anew by whoever reconciles and fixes', async () => {
    const { ask, ledger, identity, worker } = limited({ keyPairs: 1 });
    await ask('web_1');
    await ledger.unclaim('access/team', 'cvm/default/somewhere-1/web_1'); // a request that came later than it was meant
    await ask('web_2');
    await reconcile(worker(), identity, { fix: true });
    expect(ledger.claimed('access/team').size).toBe(2);
    await expect(ask('web_3')).rejects.toMatchObject({ code: 'GRANT_FULL' });
  });
});

describe('vends a minute', () => {
  it('are as many as the grant allows to each caller; then they say when to come again', async () => {
    const { ask, clock } = limited({ vendsPerMinute: 3 });
    for (const name of ['web_1', 'web_2', 'web_3']) await ask(name);
    const refused = await ask('web_4').catch((error) => error);
    expect(refused).toMatchObject({ code: 'RATE_LIMITED' });
    expect(refused.retryAfterMs).toBeLessThanOrEqual(60_000);
    await ask('web_4', 'another');
    await ask('web_1'); // it is there: nothing is made
    clock.advance(refused.retryAfterMs);
    await ask('web_5');
  });

  it('that are refused write nothing down, and prepare nothing', async () => {
    const { ask, ledger, identity, store } = limited({ vendsPerMinute: 1 });
    await ask('web_1');
    for (let i = 0; i < 20; i += 1) await expect(ask(`web_x${i}`)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    expect(await ledger.read({ ...identity, name: 'web_x3' })).toBeUndefined();
    expect((await ledger.attempts({ ...identity, name: 'web_x3' })).size).toBe(0);
    expect(await store.find({ ...identity, name: 'web_x3' })).toBeUndefined();
  });
});
