// What becomes of an attempt that nobody finished, or that somebody finishes too late.
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { VendingError } from '../../../lib/errors.ts';
import { hasTags, providerNames, rowOf } from '../../../lib/provider-table.ts';
import { Secret } from '../../../lib/secret.ts';
import { settle } from '../../../lib/vending/settle.ts';
import { Died, diesAfter, type Script } from '../../doubles/dies-after.ts';
import { STRANGER } from '../../doubles/memory-cloud.ts';
import { testClock } from '../../doubles/test-clock.ts';
import { ask, expectConsistent, recover } from './story.ts';
import { type World, world } from './world.ts';

const ROUND_MS = 61_000;

const vendAndDie = (all: World, call: string) => ask(all, all.worker(diesAfter(call))).catch(() => {});
const stranger = (all: World) => all.adapter.create({ ...all.identity, tags: { owner: 'x' } }, { timeoutMs: 1 });

describe.each(providerNames)('settling on %s', (provider) => {
  it('makes a pair count whose key is stored, so that the request finds it made', async () => {
    const all = world(provider);
    await vendAndDie(all, 'ledger.fileAttempt'); // the id is on file too
    const before = all.cloud.pairs[0]?.id;
    await recover(all);
    await ask(all, all.worker());
    if (before !== undefined) expect(all.cloud.pairs[0]!.id).toBe(before);
    await expectConsistent(all, 1);
  });

  it('deletes a pair whose key is not stored and is lost for good', async () => {
    const all = world(provider);
    await vendAndDie(all, 'cloud.create');
    expect(all.cloud.pairs).toHaveLength(1);
    await recover(all);
    await expectConsistent(all, 0);
  });

  it('removes a stored key whose pair is gone, once the pair was missing twice', async () => {
    const all = world(provider);
    await vendAndDie(all, 'store.put');
    all.cloud.pairs.splice(0);
    await recover(all);
    await expectConsistent(all, 0);
  });

  it('brings the secret back that was deleted late, after the name was vended anew', async () => {
    const all = world(provider);
    const late: (() => void)[] = [];
    all.storeLimits.deletes = (act) => void late.push(act);
    const refused = all.worker({
      before(_, call) {
        if (call === 'cloud.create') throw new VendingError('QUOTA_REACHED', 'Full');
      },
    });
    await expect(ask(all, refused)).rejects.toMatchObject({ code: 'QUOTA_REACHED' });
    const vended = await ask(all, all.worker());
    for (const act of late) act();
    expect(late).not.toEqual([]);
    expect(await all.store.find(all.identity)).toBeUndefined();
    await recover(all);
    await expectConsistent(all, 1);
    expect(await ask(all, all.worker())).toEqual({ ...vended, created: false });
    expect(await all.ledger.due('settle', Number.MAX_SAFE_INTEGER, 1)).toEqual([]);
  });

  it('removes both the stored key and the pair when they do not belong together', async () => {
    const all = world(provider);
    await vendAndDie(all, 'store.put');
    const other = world(provider);
    await ask(other, other.worker());
    const { fingerprint, publicKey } = other.cloud.pairs[0]!;
    all.cloud.pairs[0] = { ...all.cloud.pairs[0]!, fingerprint: fingerprint!, publicKey };
    await recover(all);
    await expectConsistent(all, 0);
  });

  it("leaves everything as it is when the pair is a stranger's", async () => {
    const all = world(provider);
    await vendAndDie(all, 'store.put');
    all.cloud.pairs.splice(0);
    all.clock.advance(60 * 60_000); // far past the moment our create could land
    await stranger(all);
    const theirs = [...all.cloud.pairs];
    await recover(all);
    expect(all.cloud.pairs).toEqual(theirs);
    expect((await all.store.find(all.identity))?.versions).toHaveLength(1);
    expect((await all.ledger.read(all.identity))?.record.state).toBe('conflict');
    await expect(ask(all, all.worker())).rejects.toMatchObject({ code: 'NAME_TAKEN' });

    all.cloud.pairs.splice(0); // they leave
    await recover(all);
    await ask(all, all.worker());
    await expectConsistent(all, 1);
  });

  if (!hasTags(provider))
    it('sees a conflict before anything is opened, and leaves no record of it', async () => {
      const all = world(provider);
      await stranger(all);
      await expect(ask(all, all.worker())).rejects.toMatchObject({ code: 'NAME_TAKEN' });
      expect(await all.ledger.read(all.identity)).toBeUndefined();
    });
  else
    it('asks the cloud about a conflict now and then, and at once when somebody wants the name', async () => {
      const all = world(provider);
      await stranger(all);
      await ask(all, all.worker()).catch(() => {});
      const looks: number[] = [];
      const { find } = all.adapter;
      all.adapter.find = (...given) => {
        looks.push(all.clock.wallMs());
        return find(...given);
      };
      await recover(all); // an hour
      expect(looks.length).toBeLessThanOrEqual(5);
      all.cloud.pairs.splice(0);
      all.clock.advance(61_000);
      const failure: VendingError = await ask(all, all.worker()).then(
        () => Promise.reject(),
        (error) => error,
      );
      expect(failure).toMatchObject({ code: 'IN_PROGRESS' }); // gone, by one look
      all.clock.advance(failure.retryAfterMs!);
      expect(await ask(all, all.worker())).toMatchObject({ created: true });
    });

  it('touches nothing when either of two pairs could be ours', async () => {
    const all = world(provider);
    await vendAndDie(all, 'cloud.create');
    all.cloud.pairs.push({ ...all.cloud.pairs[0]!, id: 'ssh-other' });
    await recover(all);
    expect(all.cloud.pairs).toHaveLength(2);
    expect((await all.ledger.read(all.identity))?.record.state).toBe('conflict');
  });

  it('does not take one look for proof of absence when the list lags behind', async () => {
    const all = world(provider);
    await vendAndDie(all, 'cloud.create');
    const hidden = all.cloud.pairs.splice(0);
    all.clock.advance(96_000);
    await recoverOnce(all);
    expect((await all.ledger.read(all.identity))?.record.state).toBe('vending');
    all.cloud.pairs.push(...hidden); // now it shows
    await recover(all);
    await expectConsistent(all, 0);
  });

  it('finds a pair that appeared after its attempt was closed, when that is settled once more', async () => {
    const all = world(provider);
    const late = await closedWhileHidden(all);
    expect((await all.ledger.read(all.identity))?.record.state).toBe('vacant');
    all.cloud.pairs.push(...late); // signed in time, carried out late
    await recover(all);
    await expectConsistent(all, 0);
  });

  it('clears away a pair of ours that shows up late in the way of a new request', async () => {
    const all = world(provider);
    const late = await closedWhileHidden(all);
    all.cloud.pairs.push(...late);
    await expect(ask(all, all.worker())).rejects.toMatchObject({ code: 'IN_PROGRESS' }); // not: somebody has the name
    await recover(all);
    expect(await ask(all, all.worker())).toMatchObject({ created: true });
    await expectConsistent(all, 1);
  });

  it('waits for the lease and the pause after it before it takes anything over', async () => {
    const all = world(provider);
    await vendAndDie(all, 'cloud.create');
    all.clock.advance(94_000);
    await expect(ask(all, all.worker())).rejects.toMatchObject({
      code: 'IN_PROGRESS',
      retryAfterMs: expect.any(Number),
    });
    expect(all.cloud.pairs).toHaveLength(1);
    all.clock.advance(2_000);
    await ask(all, all.worker());
    await expectConsistent(all, 1);
  });

  it('leaves everything consistent when several workers settle at once', async () => {
    const all = world(provider);
    await vendAndDie(all, 'store.put');
    all.clock.advance(96_000);
    await Promise.allSettled([recoverOnce(all), recoverOnce(all), recoverOnce(all)]);
    await recover(all);
    const { keyPairId } = await ask(all, all.worker());
    expect(keyPairId).toBe(all.cloud.pairs[0]!.id);
    await expectConsistent(all, 1);
  });
});

/** A pair that was made but not shown until its attempt had been closed. */
async function closedWhileHidden(all: World) {
  await vendAndDie(all, 'cloud.create');
  const late = all.cloud.pairs.splice(0);
  for (let round = 0; round < 4; round += 1) {
    all.clock.advance(61_000);
    await recoverOnce(all);
  }
  return late;
}

async function recoverOnce(all: World): Promise<void> {
  const ports = all.worker();
  const filed = await all.ledger.read(all.identity);
  if (filed) await settle(ports, await ports.providerFor(all.identity), filed);
}

describe.each(providerNames)('a caller on %s whose request ended in doubt', (provider) => {
  const lost = (all: World, hide: boolean) =>
    all.worker({
      after: (_, call) => {
        if (call !== 'cloud.create') return;
        if (hide) all.cloud.pairs.splice(0); // not carried out, or not shown yet
        throw new VendingError('OUTCOME_UNKNOWN', 'Lost', { effect: 'unknown' });
      },
    });

  it.each([
    ['may come back at once when the attempt was settled', false],
    ['is told how long the name stays closed when the attempt was not settled', true],
  ])('%s', async (_, hide) => {
    const all = world(provider);
    const failure: VendingError = await ask(all, lost(all, hide)).then(
      () => Promise.reject(new Error('it succeeded')),
      (error) => error,
    );
    expect(failure).toMatchObject({ code: 'OUTCOME_UNKNOWN', effect: 'unknown', retryAfterMs: expect.any(Number) });
    all.clock.advance(failure.retryAfterMs! - 1_000);
    if (hide) await expect(ask(all, all.worker())).rejects.toMatchObject({ code: 'IN_PROGRESS' });
    all.clock.advance(1_000);
    await ask(all, all.worker());
    await expectConsistent(all, 1);
  });
});

describe.each(providerNames)('a worker on %s that was frozen', (provider) => {
  const steps = Array.from({ length: 18 }, (_, i) => i + 1);
  it.each(steps)(
    'changes nothing when it wakes, having slept at step %i until recovery had settled everything',
    async (step) => {
      const all = world(provider);
      const asleep: Script = {
        after: async (now) => {
          if (now === step) await recover(all);
        },
      };
      const late = await ask(all, all.worker(asleep)).catch((error: unknown) => error);
      if (late instanceof Error) expect(late).toBeInstanceOf(VendingError);
      await recover(all);
      const active = (await all.ledger.read(all.identity))?.record.state === 'active';
      await expectConsistent(all, active ? 1 : 0);
      const { keyPairId } = await ask(all, all.worker());
      if (!(late instanceof Error)) expect((late as { keyPairId: string }).keyPairId).toBe(keyPairId);
      await expectConsistent(all, 1);
    },
  );

  it.each(steps)(
    'is stopped by the ledger and the cloud when its own clocks stood still as well, at step %i',
    async (step) => {
      const all = world(provider);
      const stopped = testClock(all.clock.wallMs());
      const asleep: Script = {
        after: async (now) => {
          if (now === step) await recover(all);
        },
      };
      await ask(all, all.worker(asleep, stopped)).catch(() => {});
      await recover(all);
      const { keyPairId } = await ask(all, all.worker());
      expect(keyPairId).toBe(all.cloud.pairs[0]!.id);
      await expectConsistent(all, 1);
    },
  );

  it.each(steps)(
    'undoes nothing of whoever took over when its clocks stood still for less than a signature lasts, at step %i',
    async (step) => {
      const all = world(provider);
      const stopped = testClock(all.clock.wallMs());
      let other: unknown;
      const asleep: Script = {
        after: async (now) => {
          if (now !== step) return;
          for (let round = 0; round < 3; round += 1) {
            all.clock.advance(round === 0 ? 96_000 : 61_000);
            await recoverOnce(all).catch(() => {});
          }
          other = await ask(all, all.worker()).catch((error: unknown) => error);
        },
      };
      const late = await ask(all, all.worker(asleep, stopped)).catch((error: unknown) => error);
      await recover(all);
      const { keyPairId } = await ask(all, all.worker());
      for (const answer of [other, late]) {
        if (!(answer instanceof Error) && answer !== undefined) expect(answer).toMatchObject({ keyPairId });
      }
      await expectConsistent(all, 1);
    },
  );

  it.each(['wall', 'monotonic'] as const)(
    'notices that it was frozen even if only its %s clock went on',
    async (reading) => {
      const all = world(provider);
      const late = ask(
        all,
        all.worker({ after: (_, call) => void (call === 'cloud.create' && all.clock.advance(40_000, reading)) }),
      );
      await expect(late).rejects.toMatchObject({ code: 'LEASE_LOST' });
      expect(await all.store.find(all.identity)).toBeUndefined();
    },
  );
});

describe.each(providerNames)('a key on %s', (provider) => {
  const withAnswer = (all: World, change: (made: object) => object) => {
    const { create } = all.adapter;
    all.adapter.create = async (...given) => ({ ...(await create(...given)), ...change({}) }) as never;
  };
  const anotherKey = () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    return new Secret(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  };

  it('is never acknowledged when it is not the key of its pair, and neither of them is kept', async () => {
    const all = world(provider);
    withAnswer(all, () => ({ privateKey: anotherKey() }));
    const puts: string[] = [];
    const watched = all.worker({ before: (_, call) => void (call === 'store.put' && puts.push(call)) });
    await expect(ask(all, watched)).rejects.toMatchObject({ code: 'KEY_CONTRADICTED' });
    expect(puts).toEqual([]);
    await expectConsistent(all, 0);
  });

  it('keeps its name closed as long as a delete of its pair that got no answer can still be carried out', async () => {
    const all = world(provider);
    withAnswer(all, () => ({ privateKey: anotherKey() }));
    const unanswered = all.worker({
      after: (_, call) => {
        if (call === 'cloud.remove') throw new VendingError('OUTCOME_UNKNOWN', 'Lost', { effect: 'unknown' });
      },
    });
    await expect(ask(all, unanswered)).rejects.toMatchObject({ code: 'KEY_CONTRADICTED' });
    const stateAfter = async (rounds: number) => {
      for (let round = 0; round < rounds; round += 1) {
        all.clock.advance(ROUND_MS);
        await recoverOnce(all);
      }
      return (await all.ledger.read(all.identity))?.record.state;
    };
    expect(all.cloud.pairs).toEqual([]);
    expect(await stateAfter(Math.floor(rowOf(provider).signatureWindowMs / ROUND_MS))).toBe('vending');
    expect(await stateAfter(14)).toBe('vacant');
  });

  it('is not kept, and neither is its pair, when it cannot be read', async () => {
    const all = world(provider);
    withAnswer(all, () => ({ privateKey: new Secret('garbage') }));
    await expect(ask(all, all.worker())).rejects.toMatchObject({ code: 'KEY_UNREADABLE' });
    await expectConsistent(all, 0);
  });

  it('is given up, and so is its pair, when the store stays down', async () => {
    const all = world(provider);
    const down = all.worker({
      before: (_, call) => {
        if (call.startsWith('store.') && call !== 'store.prepare') {
          throw new VendingError('STORE_UNAVAILABLE', 'Down', { effect: 'unknown' });
        }
      },
    });
    await expect(ask(all, down)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(all.cloud.pairs).toEqual([]);
    await recover(all);
    await expectConsistent(all, 0);
    await ask(all, all.worker());
    await expectConsistent(all, 1);
  });

  it('is not even made when no store could keep it', async () => {
    const all = world(provider);
    const calls: string[] = [];
    const down = all.worker({
      before: (_, call) => {
        calls.push(call);
        if (call === 'store.prepare') throw new VendingError('STORE_UNAVAILABLE', 'Down');
      },
    });
    await expect(ask(all, down)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(calls).not.toContain('cloud.create');
    expect((await all.ledger.read(all.identity))?.record).toMatchObject({ state: 'vacant', versions: [] });
    await ask(all, all.worker()); // at once: nothing is left open
    await expectConsistent(all, 1);
  });

  it.each(['ledger.fileAttempt', 'ledger.write'])('is not even made when %s fails', async (broken) => {
    const all = world(provider);
    const calls: string[] = [];
    const down = all.worker({
      before: (_, call) => {
        calls.push(call);
        if (call === broken && !calls.slice(0, -1).includes(broken))
          throw new VendingError('LEDGER_UNAVAILABLE', 'Down', { effect: 'unknown' });
      },
    });
    await expect(ask(all, down)).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
    expect(calls).not.toContain('cloud.create');
    await ask(all, all.worker()); // at once: nothing is left open
    await expectConsistent(all, 1);
  });

  it('was never asked for where its attempt was never on file, so no pair is taken for its own', async () => {
    const all = world(provider);
    let writes = Number.POSITIVE_INFINITY;
    const dying = all.worker({
      before(_, call) {
        if (call === 'ledger.fileAttempt')
          writes = 1; // the record's, which is under way
        else if (call === 'ledger.write' && writes > 0) writes -= 1;
        else if (writes === Number.POSITIVE_INFINITY) return;
        else throw new Died();
        if (call === 'ledger.fileAttempt') throw new Died();
      },
    });
    await expect(ask(all, dying)).rejects.toThrow();
    expect((await all.ledger.read(all.identity))?.record.attempt).toBeDefined();
    const { region, name } = all.identity;
    for (let minute = 0; minute < 5; minute += 1) {
      all.clock.advance(60_000);
      const filed = (await all.ledger.read(all.identity))!;
      const ports = all.worker();
      await settle(ports, await ports.providerFor(all.identity), filed);
    }
    // Anybody may set the deployment's name as a tag; and on ENS nobody sets any.
    all.cloud.create({ region, name, tags: { keyvend: 'test' } }, STRANGER);
    await recover(all);
    expect(all.cloud.pairs.map(({ madeBy }) => madeBy)).toEqual([STRANGER]);
  });

  it('is given up, and so is its pair, when the store refuses it', async () => {
    const all = world(provider);
    const theirs = async () => {
      throw new VendingError('SECRET_NOT_OURS', 'Theirs');
    };
    const { find, remove } = all.store;
    Object.assign(all.store, { put: theirs, find: theirs, remove: theirs });
    await expect(ask(all, all.worker())).rejects.toMatchObject({ code: 'SECRET_NOT_OURS' });
    expect((await all.ledger.read(all.identity))?.record.state).toBe('vacant');
    await recover(all);
    Object.assign(all.store, { find, remove });
    await expectConsistent(all, 0);
  });

  it('keeps its announcement in the outbox until that is published', async () => {
    const all = world(provider);
    let down = true;
    const ports = all.worker({
      before: (_, call) => {
        if (down && call === 'events.publish') throw new Error('the bus is down');
      },
    });
    await ask(all, ports);
    expect(all.announced).toEqual([]);
    down = false;
    await recover(all);
    expect(all.announced).toHaveLength(1);
    await expectConsistent(all, 1);
  });
});

describe('evidence of an unknown form', () => {
  const unknown = { fingerprint: 'aa:bb:cc' };
  const blind = (all: World) => {
    const { create, find } = all.adapter;
    all.adapter.create = async (...given) => {
      const { publicKey: _, ...made } = await create(...given);
      all.cloud.pairs[0] = { ...all.cloud.pairs[0]!, ...unknown };
      return { ...made, ...unknown };
    };
    all.adapter.find = find;
  };

  it('is recorded as unverified and accepted', async () => {
    const all = world('ens');
    blind(all);
    await ask(all, all.worker());
    expect((await all.ledger.read(all.identity))?.record.versions[0]?.evidence).toBe('unverified');
  });

  it('is refused where the configuration is strict', async () => {
    const all = world('ens', { strict: true });
    blind(all);
    await expect(ask(all, all.worker())).rejects.toMatchObject({ code: 'KEY_UNPROVEN' });
    await expectConsistent(all, 0);
  });
});

describe('a pair on ENS that was there before its name looked free', () => {
  it("is taken for a stranger's, however late it shows", async () => {
    const all = world('ens');
    await stranger(all);
    const hidden = all.cloud.pairs.splice(0);
    all.clock.advance(5_000);
    await vendAndDie(all, 'cloud.create');
    all.cloud.pairs.splice(0, 1, ...hidden);
    await recover(all);
    expect(all.cloud.pairs).toEqual(hidden);
    expect((await all.ledger.read(all.identity))?.record.state).toBe('conflict');
  });
});

describe('an attempt on ENS that the cloud refused', () => {
  it('claims nothing that a stranger makes soon after it', async () => {
    const all = world('ens');
    const refused = all.worker({
      before: (_, call) => {
        if (call === 'cloud.create') throw new VendingError('QUOTA_REACHED', 'Full');
      },
    });
    await expect(ask(all, refused)).rejects.toMatchObject({ code: 'QUOTA_REACHED' });
    all.clock.advance(5_000);
    await stranger(all);
    const hidden = all.cloud.pairs.splice(0); // not in the list yet
    all.clock.advance(5_000);
    await vendAndDie(all, 'cloud.create');
    all.cloud.pairs.splice(0, 1, ...hidden);
    await recover(all);
    expect(all.cloud.pairs).toEqual(hidden);
  });
});

describe('the rate limit', () => {
  it("keeps all workers together to the cloud's rate", async () => {
    const all = world('cvm', { callsPerSecond: { cvm: 2 } });
    const creates: number[] = [];
    const { create } = all.adapter;
    all.adapter.create = async (...given) => {
      creates.push(Math.floor(all.clock.wallMs() / 1_000));
      return create(...given);
    };
    for (let i = 0; i < 5; i += 1) {
      const one = { ...all, identity: { ...all.identity, name: `web_${i}` } };
      await ask(one, one.worker()); // the clock moves only while somebody waits for a permit
    }
    const first = creates[0]!;
    expect(creates.map((second) => second - first)).toEqual([0, 0, 1, 1, 2]);
  });

  it('tells a caller who cannot wait that long when to come back, and leaves nothing open', async () => {
    const all = world('cvm', { callsPerSecond: { cvm: 0 } });
    await expect(ask(all, all.worker())).rejects.toMatchObject({ code: 'THROTTLED', retryAfterMs: expect.any(Number) });
    await expectConsistent(all, 0);
  });
});
