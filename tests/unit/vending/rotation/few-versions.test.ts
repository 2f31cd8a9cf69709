// A store like Alibaba KMS: ten versions of a secret, counted with those that were removed, and the earliest goes for each one more.
import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../../../lib/clock.ts';
import { parsePrivateKey } from '../../../../lib/ssh/private-key.ts';
import { revealKey } from '../../../../lib/vending/own-secret.ts';
import { recover } from '../../../../lib/vending/recover.ts';
import { advance } from '../../../../lib/vending/rotation/advance.ts';
import { cancelRotation, requestRotation } from '../../../../lib/vending/rotation/rotation-commands.ts';
import type { RotationPorts } from '../../../../lib/vending/rotation/rotation-ports.ts';
import { Died, diesAfter, type Script } from '../../../doubles/dies-after.ts';
import { rotated } from './world.ts';

async function kms(drops: 'oldest' | 'oldest unlabelled') {
  const here = await rotated('ecs');
  Object.assign(here.storeLimits, { most: 10, countsAll: true, drops });
  const by = (script?: Script): RotationPorts => {
    const { settings, rotation, ...ports } = here.worker(script);
    const defaults = { ...rotation.defaults, mostVersions: 5 };
    return { ...ports, settings: { ...settings, dropsEarliest: true }, rotation: { ...rotation, defaults } };
  };
  const usual = by();
  const works = async (ports = usual): Promise<void> => {
    await advance(ports, here.identity, here.soon(), (error) => {
      if (!(error instanceof Died)) here.failures.push(error);
    }).catch(() => {});
    await recover(usual, { until: here.soon() });
  };
  async function days(count: number): Promise<void> {
    for (let day = 0; day < count; day += 1) {
      here.clock.advance(DAY_MS);
      for (let again = 0; again < 3; again += 1) {
        await works();
        here.clock.advance(60_000);
      }
    }
  }
  /** A rotation whose key is stored, and that is cancelled then. */
  async function cancelled(): Promise<void> {
    await requestRotation(usual, here.identity, { caller: 'test' });
    await works(by(diesAfter('store.markPending')));
    const { id } = (await here.recordOf()).rotations!.at(-1)!;
    await cancelRotation(usual, here.identity, id);
    await days(1);
  }
  /** One that is carried through. */
  async function rotates(): Promise<void> {
    await requestRotation(usual, here.identity, { caller: 'test' });
    await days(12);
  }
  return { ...here, cancelled, rotates };
}

describe.each(['oldest', 'oldest unlabelled'] as const)('in a store that drops the %s version', (drops) => {
  it('the key that counts outlives thirty rotations that were cancelled, and one goes through after them', async () => {
    const here = await kms(drops);
    for (let i = 0; i < 30; i += 1) await here.cancelled();
    const [first, ...more] = (await here.recordOf()).versions;
    expect(more).toEqual([]);
    expect(await here.store.find(here.identity)).toMatchObject({ versions: [{ id: first!.id, current: true }] });
    const key = await here.store.reveal(here.identity);
    expect(key && parsePrivateKey(key).publicKey).toBe(first!.publicKey);
    await here.rotates();
    expect((await here.recordOf()).versions).toMatchObject([{ replaces: first!.keyPairId }]);
    expect(here.failures).toEqual([]);
  });

  it('a key that an instance keeps moves away before it is the earliest, and rotation goes on', async () => {
    const here = await kms(drops);
    await here.attach('i-kept');
    const [first] = (await here.recordOf()).versions;
    await here.rotates();
    for (let i = 0; i < 12; i += 1) await here.cancelled();
    await here.rotates();
    const record = await here.recordOf();
    expect(record.rotations!.at(-1)).toMatchObject({ state: 'purged' });
    expect(record.versions.map(({ id }) => id)).toContain(first!.id);
    for (const { id, publicKey } of record.versions) {
      const key = await revealKey(here.store, record, id);
      expect(key && parsePrivateKey(key).publicKey).toBe(publicKey);
    }
    expect(here.failures).toEqual([]);
  });
});
