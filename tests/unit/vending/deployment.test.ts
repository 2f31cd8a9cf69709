import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Deployment } from '../../../lib/vending/deployment.ts';
import { memoryLedger } from '../../doubles/memory-ledger.ts';
import { testClock } from '../../doubles/test-clock.ts';

const started = () => {
  const clock = testClock();
  const ledger = memoryLedger({ clock });
  const open = (name = 'prod', at = ledger) => new Deployment(name, at, clock, randomUUID);
  return { clock, ledger, open };
};

describe('a deployment', () => {
  it('has one id, whoever asks, that begins with its name and lasts', async () => {
    const { clock, open } = started();
    const asked = await Promise.all([open().tags(), open().tags(), open().tags()]);
    expect(new Set(asked.map(({ tag }) => tag)).size).toBe(1);
    expect(asked[0]?.tag).toMatch(/^prod-[0-9a-f]{12}$/);
    clock.advance(400 * 86_400_000);
    expect(await open().tags()).toEqual(asked[0]);
  });

  it('is not another one of the same name with a ledger of its own', async () => {
    const { clock, open } = started();
    const { tag } = await open().tags();
    expect((await open('prod', memoryLedger({ clock })).tags()).tag).not.toBe(tag);
  });

  it('asks the ledger once a minute, not once a request', async () => {
    const { clock, ledger, open } = started();
    let asked = 0;
    const { home } = ledger;
    ledger.home = () => {
      asked += 1;
      return home();
    };
    const deployment = open();
    for (let i = 0; i < 50; i += 1) await deployment.assertHome();
    expect(asked).toBeLessThanOrEqual(2); // when the id is made, and to compare
    const before = asked;
    clock.advance(60_000);
    await deployment.assertHome();
    expect(asked).toBe(before + 1);
  });

  it('is fenced once its ledger was put back, until somebody confirms; then it has another id, and knows the earlier one', async () => {
    const { clock, ledger, open } = started();
    const before = await open().tags();
    ledger.restore(ledger.backUp());
    const deployment = open();
    await expect(deployment.assertHome()).rejects.toMatchObject({ code: 'LEDGER_FENCED' });
    expect(await deployment.look()).toEqual({ ...before, isHome: false });
    const confirmed = await deployment.confirm();
    expect(confirmed).toEqual({ tag: expect.stringMatching(/^prod-/), earlier: [before.tag], isHome: true });
    expect(confirmed.tag).not.toBe(before.tag);
    await deployment.assertHome();
    await open().assertHome();
    clock.advance(3_600_000);
    expect(await open().look()).toEqual(confirmed);
  });

  it('goes on asking after the ledger could not be reached', async () => {
    const { ledger, open } = started();
    const { recall } = ledger;
    ledger.recall = () => Promise.reject(new Error('away'));
    const deployment = open();
    await expect(deployment.tags()).rejects.toThrow('away');
    ledger.recall = recall;
    expect((await deployment.tags()).tag).toMatch(/^prod-/);
  });
});
