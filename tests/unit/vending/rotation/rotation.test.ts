// Rotations of key pairs whose hosts others look after.
import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../../../lib/clock.ts';
import { VendingError } from '../../../../lib/errors.ts';
import { providerNames } from '../../../../lib/provider-table.ts';
import { reconcile } from '../../../../lib/vending/reconcile.ts';
import { recover } from '../../../../lib/vending/recover.ts';
import { advanceTo } from '../../../../lib/vending/rotation/advance.ts';
import { replan } from '../../../../lib/vending/rotation/replan.ts';
import { cancelRotation, requestRotation, setPolicy } from '../../../../lib/vending/rotation/rotation-commands.ts';
import { sendDue } from '../../../../lib/vending/rotation/send-due.ts';
import { successorName } from '../../../../lib/vending/rotation/successor-name.ts';
import { vend } from '../../../../lib/vending/vend.ts';
import { diesAfter } from '../../../doubles/dies-after.ts';
import { STRANGER } from '../../../doubles/memory-cloud.ts';
import { rotated } from './world.ts';

describe.each(providerNames)('a rotation on %s', (provider) => {
  it('ends with one pair, one key and one record of it', async () => {
    const here = await rotated(provider);
    const before = await here.vend();
    await here.rotate();
    await here.work();
    expect(here.failures).toEqual([]);
    expect(await here.rotation()).toMatchObject({ state: 'promoted', successorName: 'web_1_r2' });
    const after = await here.vend();
    expect(after.keyPairId).not.toBe(before.keyPairId);
    expect(here.announced.at(-1)).toMatchObject({ keyPairId: after.keyPairId, replaces: before.keyPairId });
    expect(here.announced).toHaveLength(2);
    expect((await here.store.find(here.identity))!.versions.map(({ current, pending }) => [current, pending])).toEqual([
      [false, false],
      [true, false],
    ]);

    await here.days(9);
    expect((await here.rotation()).state).toBe('purged');
    expect(here.cloud.pairs.map(({ id, name }) => [id, name])).toEqual([[after.keyPairId, 'web_1_r2']]);
    expect((await here.store.find(here.identity))!.versions).toHaveLength(1);
    const record = await here.recordOf();
    expect(record.versions.map(({ keyPairId }) => keyPairId)).toEqual([after.keyPairId]);
    expect(record.rotateAtMs).toBeUndefined();
    expect(await reconcile(here.ports, { ...here.identity })).toMatchObject([
      { name: 'web_1', kind: 'matched' },
      { name: 'web_1_r2', kind: 'matched' },
    ]);
  });

  it('can be followed by another, which purges what the first one made', async () => {
    const here = await rotated(provider);
    await here.rotate();
    await here.days(9);
    await here.rotate();
    await here.days(9);
    expect(here.cloud.pairs.map(({ name }) => name)).toEqual(['web_1_r3']);
    expect((await here.recordOf({ ...here.identity, name: 'web_1_r2' })).state).toBe('vacant');
    expect((await here.recordOf()).versions).toHaveLength(1);
  });

  it('keeps a pair that is still attached to an instance, says so, says so, and purges it once that is over', async () => {
    const here = await rotated(provider);
    await here.attach('i-1');
    await here.rotate();
    await here.work();
    here.clock.advance(8 * DAY_MS);
    await here.work();
    const { from, ...rotation } = await here.rotation();
    expect(rotation).toMatchObject({ state: 'old-key-removed', failures: 0 });
    expect(rotation.nextTryAtMs).toBeUndefined();
    const pairOf = async () => (await here.recordOf()).outgoing?.pairs[0];
    const pauses: number[] = [];
    for (let tries = 0; tries < 8; tries += 1) {
      const { held, nextTryAtMs } = (await pairOf())!;
      expect(held).toMatchObject({ code: 'KEY_PAIR_IN_USE', tries: tries + 1, instances: ['i-1'], count: 1 });
      pauses.push((nextTryAtMs - here.clock.wallMs()) / 60_000);
      here.clock.advance(nextTryAtMs - here.clock.wallMs());
      await here.work();
    }
    // Soon at first, because a binding lags behind a released instance; then daily.
    expect(pauses).toEqual([1, 5, 30, 120, 480, 1440, 1440, 1440]);
    expect(await here.store.reveal(here.identity, from.id)).toBeDefined();
    here.cloud.release('i-1');
    await here.days(2);
    expect((await here.rotation()).state).toBe('purged');
    expect((await here.recordOf()).outgoing).toBeUndefined();
    expect(await here.store.reveal(here.identity, from.id)).toBeUndefined();
  });

  it('goes on rotating while old pairs are attached to instances, and keeps every key whose pair is there', async () => {
    const here = await rotated(provider);
    for (let i = 1; i <= 4; i += 1) {
      await here.attach(`i-${i}`);
      await here.rotate();
      await here.days(9);
      expect((await here.rotation()).state).toBe('old-key-removed');
    }
    expect(here.cloud.pairs).toHaveLength(5);
    expect((await here.store.find(here.identity))!.versions).toHaveLength(5);
    expect((await here.recordOf()).outgoing!.pairs.map(({ held }) => held?.instances)).toEqual([
      ['i-1'],
      ['i-2'],
      ['i-3'],
      ['i-4'],
    ]);
    for (const { kind } of await reconcile(here.ports, { ...here.identity })) expect(kind).toBe('matched');
    for (let i = 1; i <= 4; i += 1) here.cloud.release(`i-${i}`);
    await here.days(2);
    expect(here.cloud.pairs).toHaveLength(1);
    expect((await here.recordOf()).versions).toHaveLength(1);
  });
});

describe('a rotation that is cancelled', () => {
  it('is over although an instance was launched with its pair, which lingers until it is released', async () => {
    const here = await rotated('ecs');
    const first = await here.vend();
    const { id } = await here.rotate();
    await here.work(here.worker(diesAfter('store.markPending'))).catch(() => {});
    here.cloud.attach(here.cloud.pairs.at(-1)!.id, 'i-1');
    await cancelRotation(here.ports, here.identity, id);
    await here.days(1);
    expect((await here.rotation()).state).toBe('cancelled');
    expect(await here.vend()).toMatchObject({ keyPairId: first.keyPairId });
    expect((await here.recordOf()).outgoing!.pairs).toMatchObject([{ held: { instances: ['i-1'] } }]);
    const [lingering] = (await here.recordOf()).versions;
    expect(await here.store.reveal(here.identity, lingering!.id)).toBeDefined();

    await here.rotate();
    await here.days(9);
    expect((await here.rotation()).state).toBe('purged');
    here.cloud.release('i-1');
    await here.days(2);
    expect(here.cloud.pairs).toHaveLength(1);
    expect((await here.store.find(here.identity))!.versions).toHaveLength(1);
  });
});

describe('what names an old pair, or has it', () => {
  const named = { kind: 'launch-template', id: 'lt-1', name: 'web', region: 'somewhere-1', by: 'name' } as const;

  it('is told while the old pair is there, and again before it goes', async () => {
    const here = await rotated('ecs');
    here.references.set('web_1', [
      { ...named, version: 3, isDefault: true },
      { ...named, version: 2 },
    ]);
    await here.rotate();
    await here.work();
    expect((await here.rotation()).references).toMatchObject({ count: 2, found: [{ id: 'lt-1' }, { version: 2 }] });
    await recover(here.ports, { until: here.soon() });
    expect(here.notices).toMatchObject([
      { type: 'referenced', about: { references: ['launch-template web version 3', 'launch-template web version 2'] } },
    ]);
    expect(here.references.get('web_1')).toHaveLength(2); // nobody asked for more
  });

  it('names the successor where the policy asks for it', async () => {
    const here = await rotated('ecs');
    here.references.set('web_1', [{ ...named, version: 1, isDefault: true }]);
    await setPolicy(here.ports, here.identity, { updateTemplates: true });
    await here.rotate();
    await here.work();
    expect((await here.rotation()).retargeted).toEqual({ tries: 1, done: ['launch-template lt-1'], left: [] });
    expect(here.references.get('web_1')).toEqual([]);
    expect(here.references.get('web_1_r2')).toHaveLength(1);
  });

  it('keeps nothing waiting where it cannot be changed', async () => {
    const here = await rotated('ecs');
    here.references.set('web_1', [{ ...named, version: 1, isDefault: true }]);
    await setPolicy(here.ports, here.identity, { updateTemplates: true, rebind: true });
    await here.attach('i-1');
    const down = async () => {
      throw new VendingError('CLOUD_UNREACHABLE', 'Down');
    };
    const fleet = { ...(await here.ports.fleetFor!(here.identity)), retarget: down, attach: down };
    const ports = { ...here.ports, fleetFor: async () => fleet };
    await here.rotate();
    await here.work(ports);
    here.clock.advance(8 * DAY_MS);
    await here.work(ports);
    expect(await here.rotation()).toMatchObject({
      state: 'old-key-removed',
      retargeted: { done: [], left: [{ id: 'lt-1', code: 'CLOUD_UNREACHABLE' }] },
    });
    expect((await here.recordOf()).outgoing!.pairs).toMatchObject([{ held: { instances: ['i-1'] } }]);
    expect(here.failures).toEqual([]);
  });

  it('gets the pair that counts where the policy asks for it, and the old one can go', async () => {
    const here = await rotated('ecs');
    await setPolicy(here.ports, here.identity, { rebind: true });
    await here.attach('i-1');
    await here.rotate();
    await here.days(9);
    expect((await here.rotation()).state).toBe('purged');
    const { versions } = await here.recordOf();
    expect(versions).toHaveLength(1);
    expect(here.cloud.holdersOf(versions[0]!.keyPairId!)).toEqual([{ id: 'i-1' }]);
  });
});

describe('the successor', () => {
  it('has a name within its provider’s rule, even where the base is too long, and no two have the same', () => {
    const cvm = { provider: 'cvm', account: 'default', region: 'ap-tokyo' } as const;
    const [one, other] = ['a_name_of_25_characters_a', 'a_name_of_25_characters_b'];
    const names = [one, other].map((name) => successorName({ ...cvm, name: name! }, 12));
    for (const name of names) expect(name).toMatch(/^[A-Za-z0-9_]{1,25}$/);
    expect(names[0]).not.toBe(names[1]);
    const long = successorName({ ...cvm, provider: 'ecs', name: 'x'.repeat(128) }, 2);
    expect(long).toMatch(/^x{118}_[0-9a-f]{6}_r2$/);
    expect(successorName({ ...cvm, name: 'web' }, 2)).toBe('web_r2');
  });

  it('is not the answer to a request for its name', async () => {
    const here = await rotated('cvm');
    await here.rotate();
    await here.work();
    const successor = { ...here.identity, name: 'web_1_r2' };
    const { successorOf, request } = await here.recordOf(successor);
    expect(successorOf).toBe('web_1');
    const same = { identity: successor, request, caller: 'somebody', deadline: here.soon() };
    await expect(vend(here.ports, same)).rejects.toMatchObject({ code: 'DIFFERENT_REQUEST' });
    const rotating = requestRotation(here.ports, successor, { caller: 'somebody' });
    await expect(rotating).rejects.toMatchObject({ code: 'KEY_PAIR_ABSENT' });
  });

  it('takes the next name when somebody has the first one', async () => {
    const here = await rotated('ens');
    here.cloud.create({ region: here.identity.region, name: 'web_1_r2' }, STRANGER);
    here.clock.advance(60_000); // long before the rotation
    await here.rotate();
    await here.work();
    expect(await here.rotation()).toMatchObject({ state: 'promoted', successorName: 'web_1_r3' });
    await here.days(9);
    expect(here.cloud.pairs.map(({ name }) => name).sort()).toEqual(['web_1_r2', 'web_1_r3']);
  });

  it('is left alone while somebody else has its name as well, and never counts once the rotation is cancelled', async () => {
    const here = await rotated('ens');
    const { id } = await here.rotate();
    await here.work(here.worker(diesAfter('store.put'))).catch(() => {});
    const made = here.cloud.pairs.at(-1)!;
    here.cloud.pairs.push({ ...made, id: 'ssh-theirs' });
    await cancelRotation(here.ports, here.identity, id);
    here.clock.advance(3_600_000);
    await here.work();
    expect((await here.rotation()).state).toBe('cancelled');
    expect(here.cloud.pairs).toHaveLength(3);

    here.cloud.pairs.pop(); // they take theirs away
    for (let i = 0; i < 4; i += 1) {
      here.clock.advance(3_600_000);
      await recover(here.ports, { until: here.soon() });
    }
    expect(here.cloud.pairs.map(({ name }) => name)).toEqual(['web_1']);
    expect((await here.store.find(here.identity))!.versions).toHaveLength(1);
    expect((await here.recordOf({ ...here.identity, name: 'web_1_r2' })).state).toBe('vacant');
  });

  it('is marked as pending until it counts', async () => {
    const here = await rotated('ecs');
    await here.rotate();
    const ports = here.worker(diesAfter('store.markPending'));
    await here.work(ports).catch(() => {});
    const kept = (await here.store.find(here.identity))!.versions;
    expect(kept.map(({ current, pending }) => [current, pending])).toEqual([
      [true, false],
      [false, true],
    ]);
  });
});

describe('a rotation that is due', () => {
  it('begins once a key is as old as its policy permits, is found by an index, and is carried out once', async () => {
    const here = await rotated('cvm', 'aged', { maxAgeDays: 30 });
    const sent: string[] = [];
    const send = async ({ name }: { readonly name: string }) => void sent.push(name);
    here.clock.advance(30 * DAY_MS - 1_000);
    expect(await sendDue(here.ports, send)).toBe(0);
    here.clock.advance(2_000);
    expect(await sendDue(here.ports, send)).toBe(1);
    expect(await sendDue(here.ports, send)).toBe(0); // a worker has it
    await here.work();
    expect(await here.rotation()).toMatchObject({ state: 'promoted', reason: 'age', requestedBy: 'schedule' });
    expect((await here.recordOf()).rotations).toHaveLength(1);
    expect((await here.recordOf()).rotateAtMs).toBe((await here.rotation()).nextTryAtMs);
    expect(sent).toEqual(['aged']);
  });

  it('follows the policy of the key pair when that changes', async () => {
    const here = await rotated('cvm');
    expect((await here.recordOf()).rotateAtMs).toBeUndefined();
    await setPolicy(here.ports, here.identity, { maxAgeDays: 1 });
    expect((await here.recordOf()).rotateAtMs).toBe(here.clock.wallMs() + DAY_MS);
    await setPolicy(here.ports, here.identity, {});
    expect((await here.recordOf()).rotateAtMs).toBeUndefined();
  });

  it('follows the configuration once key pairs are planned anew', async () => {
    const here = await rotated('cvm');
    const { identity, clock } = here;
    await setPolicy(here.ports, identity, { overlapDays: 1 });
    expect(await replan(here.ports, identity, { maxAgeDays: 30 })).toBe(1);
    expect((await here.recordOf()).rotateAtMs).toBe(clock.wallMs() + 30 * DAY_MS);
    expect(await replan(here.ports, identity, { maxAgeDays: 30 })).toBe(0);
    await setPolicy({ ...here.ports }, identity, { maxAgeDays: 2 });
    expect(await replan(here.ports, identity, { maxAgeDays: 0 })).toBe(0); // its own policy says otherwise
    expect((await here.recordOf()).rotateAtMs).toBe(clock.wallMs() + 2 * DAY_MS);
  });

  it('is due again when the worker was never reached', async () => {
    const here = await rotated('cvm');
    await here.rotate();
    const unreachable = sendDue(here.ports, () => Promise.reject(new VendingError('QUEUE_UNAVAILABLE', 'Down')));
    await expect(unreachable).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
    here.clock.advance(5 * 60_000);
    expect(await sendDue(here.ports, async () => {})).toBe(1);
  });
});

describe('a rotation that is driven from outside', () => {
  const asked = (here: Awaited<ReturnType<typeof rotated>>, id: string) =>
    requestRotation(here.ports, here.identity, { caller: 'aws', id, driver: 'secrets-manager' });

  it('is advanced by its steps alone, each as often as it is asked for, and is cleaned up by the worker', async () => {
    const here = await rotated('ecs');
    const id = here.ports.newId();
    await asked(here, id);
    await here.work();
    expect((await here.rotation()).state).toBe('requested');
    for (const state of ['staged', 'staged', 'rolled-out', 'proven', 'promoted', 'promoted'] as const) {
      expect((await advanceTo(here.ports, here.identity, id, state, here.soon())).state).toBe(state);
      expect((await asked(here, id)).id).toBe(id);
    }
    const { versions } = await here.recordOf();
    expect(versions.at(-1)!.id).toBe(id); // the attempt's id is AWS's own token
    expect((await here.store.find(here.identity))!.versions.some(({ pending }) => pending)).toBe(false);
    await here.days(9);
    expect((await here.rotation()).state).toBe('purged');
  });

  it('tells its driver to try again while another worker may be at it', async () => {
    const here = await rotated('ecs');
    const id = here.ports.newId();
    await asked(here, id);
    const dying = here.worker(diesAfter('cloud.create'));
    await advanceTo(dying, here.identity, id, 'staged', here.soon()).catch(() => {});
    await expect(advanceTo(here.ports, here.identity, id, 'staged', here.soon())).rejects.toMatchObject({
      code: 'IN_PROGRESS',
    });
  });

  it.each([
    ['before it began', 'ledger.read'],
    ['at the moment of the create', 'cloud.create'],
  ])('never loses its key because somebody took its first name %s', async (_, when) => {
    const here = await rotated('ecs');
    const id = here.ports.newId();
    await asked(here, id);
    const theirs = { region: here.identity.region, name: 'web_1_r2' };
    const ports = here.worker({
      before(_step, call) {
        const there = here.cloud.pairs.some(({ name }) => name === theirs.name);
        if (call === when && !there) here.cloud.create(theirs, STRANGER);
      },
    });
    const stage = (rotationId: string) => advanceTo(ports, here.identity, rotationId, 'staged', here.soon());
    let last = id;
    await stage(id).catch(async (error: VendingError) => {
      expect(error.code).toBe('NAME_TAKEN'); // then AWS's token is spent, and an operator begins anew
      await cancelRotation(here.ports, here.identity, id);
      here.clock.advance(3_600_000);
      await here.work();
      expect((await here.rotation()).state).toBe('cancelled');
      last = here.ports.newId();
      await asked(here, last);
      await stage(last);
    });
    await advanceTo(here.ports, here.identity, last, 'promoted', here.soon());
    here.cloud.pairs.splice(
      here.cloud.pairs.findIndex(({ madeBy }) => madeBy === STRANGER),
      1,
    );
    for (let i = 0; i < 6; i += 1) {
      here.clock.advance(3_600_000);
      await recover(here.ports, { until: here.soon() });
    }
    expect((await here.recordOf()).versions.at(-1)!.id).toBe(last);
    expect(await here.store.reveal(here.identity)).toBeDefined();
    expect(await here.store.reveal(here.identity, last)).toBeDefined();
  });

  it('never gives its id to a second name, even when it died before its first attempt was on file', async () => {
    const here = await rotated('ecs');
    const id = here.ports.newId();
    await asked(here, id);
    let writes = Number.POSITIVE_INFINITY;
    const dying = here.worker({
      before(_step, call) {
        if (call === 'ledger.fileAttempt')
          writes = 1; // the record's, which is under way
        else if (call === 'ledger.write' && writes > 0) writes -= 1;
        else if (writes === Number.POSITIVE_INFINITY) return;
        else throw new VendingError('LEDGER_UNAVAILABLE', 'Gone');
        if (call === 'ledger.fileAttempt') throw new VendingError('LEDGER_UNAVAILABLE', 'Gone');
      },
    });
    await expect(advanceTo(dying, here.identity, id, 'staged', here.soon())).rejects.toThrow();
    const first = { ...here.identity, name: 'web_1_r2' };
    expect((await here.recordOf(first)).attempt?.id).toBe(id);
    expect((await here.ledger.attempts(first)).size).toBe(0);
    here.cloud.create({ region: first.region, name: first.name }, STRANGER);
    here.clock.advance(3_600_000);
    await expect(advanceTo(here.ports, here.identity, id, 'staged', here.soon())).rejects.toMatchObject({
      code: 'NAME_TAKEN',
    });
    expect((await here.rotation()).successorName).toBe('web_1_r2');
  });

  it('removes nothing under its id when a try made nothing, because the next try has the same id', async () => {
    const here = await rotated('ecs');
    const id = here.ports.newId();
    await asked(here, id);
    const removals: string[] = [];
    const ports = here.worker({
      before(_step, call) {
        if (call === 'store.remove') removals.push(call);
        if (call === 'cloud.create') throw new VendingError('THROTTLED', 'Not now');
      },
    });
    await expect(advanceTo(ports, here.identity, id, 'staged', here.soon())).rejects.toMatchObject({
      code: 'THROTTLED',
    });
    expect(removals).toEqual([]);
    await advanceTo(here.ports, here.identity, id, 'promoted', here.soon());
    expect(await here.store.reveal(here.identity, id)).toBeDefined();
  });

  it('can be cancelled, and is then undone by the worker', async () => {
    const here = await rotated('ecs');
    const id = here.ports.newId();
    await asked(here, id);
    await advanceTo(here.ports, here.identity, id, 'staged', here.soon());
    await cancelRotation(here.ports, here.identity, id);
    await here.days(1);
    expect((await here.rotation()).state).toBe('cancelled');
    expect(here.cloud.pairs).toHaveLength(1);
    await expect(advanceTo(here.ports, here.identity, id, 'staged', here.soon())).rejects.toMatchObject({
      code: 'ROTATION_ABSENT',
    });
  });
});

describe('the same command', () => {
  it('begins one rotation when it is sent twice, even once that rotation is over', async () => {
    const here = await rotated('cvm');
    const id = here.ports.newId();
    const request = () => requestRotation(here.ports, here.identity, { caller: 'queue', id });
    await request();
    await here.days(9);
    expect(await request()).toMatchObject({ id, state: 'purged' });
    expect((await here.recordOf()).rotations).toHaveLength(1);
  });
});

describe("the reader's label", () => {
  it('is not moved back by a worker that was frozen while others went on', async () => {
    const here = await rotated('cvm');
    let frozen = false;
    const ports = here.worker({
      async before(_step, call) {
        if (call !== 'store.makeCurrent' && call !== 'store.find') return;
        const { state } = await here.rotation();
        if (frozen || state !== 'promoted') return;
        frozen = true; // as it was about to look at the label, or to move it
        await recover(here.ports, { until: here.soon() });
        await here.days(9);
        await here.rotate();
        await here.work();
      },
    });
    await here.rotate();
    await here.work(ports);
    expect(frozen).toBe(true);
    const { versions } = await here.recordOf();
    expect((await here.rotation()).successorName).toBe('web_1_r3');
    const kept = (await here.store.find(here.identity))!.versions;
    expect(kept.find(({ current }) => current)?.id).toBe(versions.at(-1)!.id);
  });
});

describe('recovery', () => {
  it('announces a rotation, and moves the label, when its worker could not', async () => {
    const here = await rotated('cvm');
    await here.rotate();
    const ports = here.worker({
      before(_step, call) {
        if (call === 'events.publish' || call === 'store.makeCurrent')
          throw new VendingError('QUEUE_UNAVAILABLE', 'Down');
      },
    });
    await here.work(ports);
    expect((await here.rotation()).state).toBe('promoted');
    expect(here.announced).toHaveLength(1);
    await recover(here.ports, { until: here.soon() });
    expect(here.announced).toHaveLength(2);
    expect((await here.store.find(here.identity))!.versions.at(-1)).toMatchObject({ current: true });
  });
});
