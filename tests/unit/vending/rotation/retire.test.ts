// Taking a key pair out of use, and bringing it back.
import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../../../lib/clock.ts';
import { VendingError } from '../../../../lib/errors.ts';
import { providerNames } from '../../../../lib/provider-table.ts';
import { reconcile } from '../../../../lib/vending/reconcile.ts';
import { restore, retire } from '../../../../lib/vending/retire.ts';
import { setPolicy } from '../../../../lib/vending/rotation/rotation-commands.ts';
import { rotated } from './world.ts';

describe.each(providerNames)('a retired key pair on %s', (provider) => {
  it('keeps everything, and keeps its name from everybody, until it is purged', async () => {
    const here = await rotated(provider);
    const before = await here.vend();
    await retire(here.ports, here.identity, 'test');
    await expect(here.vend()).rejects.toMatchObject({ code: 'KEY_PAIR_RETIRED' });
    await expect(here.rotate()).rejects.toMatchObject({ code: 'KEY_PAIR_RETIRED' });
    await expect(setPolicy(here.ports, here.identity, {})).rejects.toMatchObject({ code: 'KEY_PAIR_RETIRED' });
    await here.days(29);
    expect(here.cloud.pairs.map(({ id }) => id)).toEqual([before.keyPairId]);
    expect((await here.store.find(here.identity))!.versions).toHaveLength(1);
    expect(await reconcile(here.ports, here.identity, { fix: true })).toMatchObject([{ kind: 'matched' }]);

    await here.days(2);
    expect(here.failures).toEqual([]);
    expect(here.cloud.pairs).toEqual([]);
    expect(await here.store.find(here.identity)).toBeUndefined();
    expect(await here.recordOf()).toMatchObject({ state: 'vacant', versions: [] });
    const next = await here.vend();
    expect(next).toMatchObject({ created: true });
    expect(next.keyPairId).not.toBe(before.keyPairId);
  });

  it('is as it was before once it is restored', async () => {
    const here = await rotated(provider);
    const before = await here.vend();
    await retire(here.ports, here.identity, 'test');
    await here.days(10);
    await restore(here.ports, here.identity);
    expect(await here.vend()).toEqual({ ...before, created: false });
    await here.days(40);
    expect(here.cloud.pairs).toHaveLength(1);
  });

  it('has its successors purged along with it', async () => {
    const here = await rotated(provider);
    await here.rotate();
    await here.work();
    await retire(here.ports, here.identity, 'test');
    await here.days(31);
    expect(here.cloud.pairs).toEqual([]);
    expect(await here.recordOf()).toMatchObject({ state: 'vacant' });
    expect(await here.recordOf({ ...here.identity, name: 'web_1_r2' })).toMatchObject({ state: 'vacant' });
    expect(await here.vend()).toMatchObject({ created: true });
  });
});

describe('the name of a key pair that was purged', () => {
  it.each(providerNames)(
    'is waited for while the list of %s still shows the pair, and is not called taken',
    async (provider) => {
      const here = await rotated(provider);
      const [pair] = here.cloud.pairs;
      await retire(here.ports, here.identity, 'test');
      for (let i = 0; (await here.recordOf()).state !== 'vacant' && i < 200; i += 1) await here.days(0.1); // and a minute more
      expect(await here.recordOf()).toMatchObject({ state: 'vacant' });
      here.cloud.pairs.push(pair!);
      await expect(here.vend()).rejects.toMatchObject({ code: 'IN_PROGRESS' });
      here.cloud.pairs.splice(0);
      await here.days(1);
      expect(await here.vend()).toMatchObject({ created: true });
    },
  );
});

describe('retiring', () => {
  it('is refused while a rotation is not promoted', async () => {
    const here = await rotated('ecs');
    await here.rotate();
    await expect(retire(here.ports, here.identity, 'test')).rejects.toMatchObject({ code: 'ROTATION_IN_PROGRESS' });
  });

  it('suspends what a rotation still has to do, which goes on when the key pair is restored', async () => {
    const here = await rotated('ecs');
    await here.rotate();
    await here.work();
    await retire(here.ports, here.identity, 'test');
    await here.days(20);
    expect(here.cloud.pairs).toHaveLength(2);
    await restore(here.ports, here.identity);
    await here.days(2);
    expect((await here.rotation()).state).toBe('purged');
    expect(here.cloud.pairs).toHaveLength(1);
  });

  it('cannot be undone while a delete may be under way', async () => {
    const here = await rotated('ecs');
    await retire(here.ports, here.identity, 'test');
    const ports = here.worker({
      before(_step, call) {
        if (call === 'cloud.remove') throw new VendingError('OUTCOME_UNKNOWN', 'No answer', { effect: 'unknown' });
      },
    });
    here.clock.advance(31 * DAY_MS);
    await here.work(ports);
    expect(await here.recordOf()).toMatchObject({
      state: 'purging',
      retirement: { work: { failures: 1, lastError: { code: 'OUTCOME_UNKNOWN' } } },
    });
    await expect(restore(here.ports, here.identity)).rejects.toMatchObject({ code: 'KEY_PAIR_ABSENT' });
    await here.days(1);
    expect(await here.recordOf()).toMatchObject({ state: 'vacant' });
  });

  it.each([
    ['says so when it is asked', true],
    ['only refuses the delete', false],
  ])('can be undone for as long as an instance has the pair, where the cloud %s', async (_, tells) => {
    const here = await rotated('ecs');
    const before = await here.vend();
    await here.attach('i-1');
    await retire(here.ports, here.identity, 'test');
    const { fleetFor: __, ...silent } = here.ports;
    here.clock.advance(31 * DAY_MS);
    for (let tries = 0; tries < 40; tries += 1) {
      await here.work(tells ? here.ports : silent);
      here.clock.advance(DAY_MS / 4);
    }
    const { state, retirement } = await here.recordOf();
    expect(state).toBe('retired');
    expect(retirement!.held).toMatchObject({ code: 'KEY_PAIR_IN_USE', ...(tells && { instances: ['i-1'], count: 1 }) });
    await restore(here.ports, here.identity);
    expect(await here.vend()).toEqual({ ...before, created: false });
    await here.days(3);
    expect(here.cloud.pairs).toHaveLength(1);
    expect((await here.store.find(here.identity))!.versions).toHaveLength(1);
  });

  it('purges the key pair once no instance has it any more', async () => {
    const here = await rotated('cvm');
    await here.rotate();
    await here.days(1); // still in its overlap
    await here.attach('i-1');
    await retire(here.ports, here.identity, 'test');
    await here.days(40);
    expect(here.cloud.pairs).toHaveLength(2);
    here.cloud.release('i-1');
    await here.days(2);
    expect(await here.recordOf()).toMatchObject({ state: 'vacant', versions: [] });
    expect(here.cloud.pairs).toEqual([]);
    expect(await here.store.find(here.identity)).toBeUndefined();
  });

  it('gives the same answer when it is asked for twice, and is refused for a key pair that is not there', async () => {
    const here = await rotated('ecs');
    const { retirement } = await retire(here.ports, here.identity, 'test');
    here.clock.advance(1_000);
    expect((await retire(here.ports, here.identity, 'other')).retirement).toEqual(retirement);
    await expect(retire(here.ports, { ...here.identity, name: 'none' }, 'test')).rejects.toMatchObject({
      code: 'KEY_PAIR_ABSENT',
    });
  });
});
