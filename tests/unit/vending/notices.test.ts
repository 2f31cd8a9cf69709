// What others are told of a key pair after it was vended.
import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../../lib/clock.ts';
import { VendingError } from '../../../lib/errors.ts';
import { recover } from '../../../lib/vending/recover.ts';
import { restore, retire } from '../../../lib/vending/retire.ts';
import { setPolicy } from '../../../lib/vending/rotation/rotation-commands.ts';
import { fakeHost } from '../../hosts/fake-host.ts';
import { rotated } from './rotation/world.ts';

async function watched() {
  const here = await rotated('ecs');
  const told = async () => {
    await recover(here.ports, { until: here.soon() });
    return here.notices.splice(0).map(({ type, about }) => ({ type, ...about }));
  };
  return { ...here, told };
}

const hostAt = (port: number) => ({ host: 'host.example', port, user: 'app', hostKeys: ['SHA256:x'] });

describe('whoever listens is told', () => {
  it('that a key pair was retired, restored, given another policy and purged', async () => {
    const here = await watched();
    await setPolicy(here.ports, here.identity, { maxAgeDays: 30 });
    expect(await here.told()).toEqual([{ type: 'policy-changed' }]);
    await retire(here.ports, here.identity, 'test');
    const { retirement } = await here.recordOf();
    const purgeAt = new Date(retirement!.purgeAtMs).toISOString();
    expect(await here.told()).toEqual([{ type: 'retired', purgeAt }]);
    await restore(here.ports, here.identity);
    expect(await here.told()).toEqual([{ type: 'restored' }]);
    await retire(here.ports, here.identity, 'test');
    await here.days(31);
    expect((await here.told()).map(({ type }) => type)).toEqual(['retired', 'purged']);
    expect((await here.recordOf()).announceAtMs).toBeUndefined();
  });

  it('of a host that fails at once, and of the rotation that it stops after an hour', async () => {
    const here = await watched();
    const line = (await here.recordOf()).versions[0]!.publicKey;
    const fakes = [fakeHost(`${line} app\n`), fakeHost('')];
    const ports = here.worker({}, { login: (host, ...rest) => fakes[host.port]!.login(host, ...rest) });
    await setPolicy(ports, here.identity, { hosts: [hostAt(0), hostAt(1)] });
    const { id } = await here.rotate();
    await here.told();
    await here.work(ports);
    const host = 'app@host.example:1';
    expect(await here.told()).toEqual([{ type: 'host-failed', rotationId: id, host, code: 'LOGIN_REFUSED' }]);
    let told: object[] = [];
    let minutes = 0;
    for (; told.length === 0 && minutes < 180; minutes += 1) {
      here.clock.advance(60_000);
      await here.work(ports);
      told = await here.told();
    }
    expect(told).toEqual([
      { type: 'rotation-stalled', rotationId: id, state: 'staged', code: 'COVERAGE_MISSED', hosts: [host] },
    ]);
    expect(minutes).toBeLessThanOrEqual(90);
    for (let hours = 0; hours < 24; hours += 1) {
      here.clock.advance(3_600_000);
      await here.work(ports);
      expect(await here.told()).toEqual([]); // once
    }
    fakes[1]!.text = `${line} app\n`;
    here.clock.advance(3_600_000);
    await here.work(ports);
    expect(await here.rotation()).toMatchObject({ state: 'promoted', failures: 0 });
    expect((await here.rotation()).stalledAtMs).toBeUndefined();
  });

  it('of an old pair that an instance keeps, once that is no lag any more', async () => {
    const here = await watched();
    await here.attach('i-1');
    await here.rotate();
    await here.days(8);
    const [old] = (await here.recordOf()).versions;
    expect(await here.told()).toEqual([
      {
        type: 'lingering',
        keyPairId: old!.keyPairId,
        keyPairName: 'web_1',
        code: 'KEY_PAIR_IN_USE',
        instances: ['i-1'],
        count: 1,
      },
    ]);
    await here.days(5);
    expect(await here.told()).toEqual([]);
  });

  it('later, where the bus did not take it, and twice by the same id where its answer was lost', async () => {
    const here = await watched();
    await retire(here.ports, here.identity, 'test');
    const busFails = (after: boolean) => async (_step: number, call: string) => {
      if (call === 'events.notify') throw new VendingError('QUEUE_UNAVAILABLE', after ? 'No answer' : 'Down');
    };
    await recover(here.worker({ before: busFails(false) }), { until: here.soon() });
    expect(here.notices).toEqual([]);
    here.clock.advance(DAY_MS);
    await recover(here.worker({ after: busFails(true) }), { until: here.soon() });
    here.clock.advance(DAY_MS);
    await recover(here.ports, { until: here.soon() });
    const [first, second, ...more] = here.notices;
    expect(first).toMatchObject({ type: 'retired' });
    expect(second).toEqual(first);
    expect(more).toEqual([]);
  });
});
