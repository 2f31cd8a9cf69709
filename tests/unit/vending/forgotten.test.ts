// What proves nothing any more is forgotten: an attempt that the cloud refused has made nothing.
import { expect, it } from 'vitest';
import { deadlineIn } from '../../../lib/clock.ts';
import { VendingError } from '../../../lib/errors.ts';
import { recover } from '../../../lib/vending/recover.ts';
import { vend } from '../../../lib/vending/vend.ts';
import type { Script } from '../../doubles/dies-after.ts';
import { world } from './world.ts';

const HOUR_MS = 3_600_000;
const refusing: Script = {
  before(_, call) {
    if (call === 'cloud.create') throw new VendingError('QUOTA_REACHED', 'It is set so');
  },
};

function started() {
  const all = world('ecs');
  const order = (script: Script = refusing) =>
    vend(all.worker(script), {
      identity: all.identity,
      request: {},
      caller: 'portal',
      deadline: deadlineIn(all.clock, 29_000),
    });
  return { ...all, order };
}

it('does not keep an attempt for each time that a name was asked for in vain', async () => {
  const { order, clock, ledger, identity, worker } = started();
  for (let i = 0; i < 100; i += 1) {
    await expect(order()).rejects.toMatchObject({ code: 'QUOTA_REACHED' });
    clock.advance(HOUR_MS);
    await recover(worker(), { until: deadlineIn(clock, 60_000) }); // sends the trail on
  }
  expect((await ledger.attempts(identity)).size).toBeLessThan(5);
  await order({});
  expect((await ledger.read(identity))?.record.state).toBe('active');
});

it('keeps it for as long as the record has it open, however long nobody came to close it', async () => {
  const { order, clock, ledger, identity, worker } = started();
  let refused = false;
  const lost: Script = {
    before(step, call) {
      if (call === 'cloud.create') refused = true;
      refusing.before!(step, call);
      if (refused && call === 'ledger.write') throw new VendingError('LEDGER_UNAVAILABLE', 'It is set so');
    },
  };
  await expect(order(lost)).rejects.toBeDefined();
  expect((await ledger.read(identity))?.record.attempt).toBeDefined();
  for (let day = 0; day < 3; day += 1) {
    clock.advance(24 * HOUR_MS);
    const failed: unknown[] = [];
    await recover(worker(), { until: deadlineIn(clock, 60_000), failed: (error) => void failed.push(error) });
    expect(failed).toEqual([]);
  }
  expect((await ledger.read(identity))?.record.attempt).toBeUndefined();
});
