// The name that a key pair has at its cloud, kept for the key that counts: who gets it, what keeps others from it, and how it is given up.
import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../../lib/clock.ts';
import { ownNameView } from '../../../lib/contract/own-name-view.ts';
import { VendingError } from '../../../lib/errors.ts';
import { type ProviderName, providerNames } from '../../../lib/provider-table.ts';
import type { Fleet } from '../../../lib/providers/fleet.ts';
import { reconcile } from '../../../lib/vending/reconcile.ts';
import { recover } from '../../../lib/vending/recover.ts';
import { restore, retire } from '../../../lib/vending/retire.ts';
import type { PolicyChange } from '../../../lib/vending/rotation/policy.ts';
import { setPolicy } from '../../../lib/vending/rotation/rotation-commands.ts';
import type { Script } from '../../doubles/dies-after.ts';
import { STRANGER } from '../../doubles/memory-cloud.ts';
import { rotated } from './rotation/world.ts';

async function kept(provider: ProviderName, policy: PolicyChange = {}) {
  const here = await rotated(provider, undefined, { overlapDays: 1 });
  await setPolicy(here.ports, here.identity, { keepName: true, ...policy });
  const { region, name } = here.identity;
  const called = (wanted: string) => here.cloud.pairs.filter((pair) => pair.name === wanted);
  const current = async () => (await here.recordOf()).versions.at(-1)!;
  return {
    ...here,
    name,
    called,
    current,
    view: async () => ownNameView(await here.recordOf()).ownName,
    stranger: () => here.cloud.create({ region, name }, STRANGER),
    async kinds(fix = false) {
      const found = await reconcile(here.ports, here.identity, { fix });
      return Object.fromEntries(found.map(({ name: at, kind }) => [at, kind]));
    },
  };
}

const others = providerNames.filter((provider) => provider !== 'cvm');

describe.each(providerNames)('a name that is kept on %s', (provider) => {
  it('leads to each key that counts in turn, and all that is there is accounted for', async () => {
    const here = await kept(provider);
    for (let times = 0; times < 3; times += 1) {
      await here.rotate();
      await here.days(3);
      expect(here.failures).toEqual([]);
      const { id, publicKey, upstreamName } = await here.current();
      expect(here.called(here.name)).toMatchObject([{ publicKey }]);
      expect(here.cloud.pairs).toHaveLength(provider === 'cvm' ? 1 : 2);
      expect(await here.view()).toEqual({ leadsTo: id, current: true });
      const kinds = await here.kinds(true);
      expect(kinds).toEqual({ [here.name]: 'matched', [upstreamName!]: 'matched' });
    }
  });

  it('is told of once for each rotation', async () => {
    const here = await kept(provider);
    await here.rotate();
    await here.days(3);
    await recover(here.ports, { until: here.soon() });
    const told = here.notices.filter(({ type }) => type === 'name-given-back');
    expect(told).toMatchObject([{ about: { keyPairName: here.name, keyPairId: (await here.current()).keyPairId } }]);
    expect(here.sent.filter(({ did }) => did === 'name-changed').length).toBeGreaterThan(0);
  });

  it('is given up with all that has it when the key pair is retired, and can be had again until then', async () => {
    const here = await kept(provider);
    await here.rotate();
    await here.days(3);
    await retire(here.ports, here.identity, 'test');
    await here.days(10);
    expect(here.called(here.name)).toMatchObject([{ publicKey: (await here.current()).publicKey }]);
    await restore(here.ports, here.identity);
    await here.days(1);
    expect(await here.view()).toMatchObject({ current: true });

    await retire(here.ports, here.identity, 'test');
    await here.days(32);
    expect(here.failures).toEqual([]);
    expect(here.cloud.pairs).toEqual([]);
    expect(await here.recordOf()).toMatchObject({ state: 'vacant', versions: [] });
    expect(await here.store.find(here.identity)).toBeUndefined();
    expect(await here.vend()).toMatchObject({ created: true });
  });

  it('is not taken from somebody else, who is asked after less and less', async () => {
    const here = await kept(provider, { keepName: false });
    await here.rotate();
    await here.days(3);
    expect(here.called(here.name)).toEqual([]);
    const theirs = here.stranger();
    await setPolicy(here.ports, here.identity, { keepName: true });
    await here.days(60);
    expect(here.called(here.name)).toMatchObject([{ id: theirs.id, madeBy: STRANGER }]);
    expect(await here.view()).toMatchObject({ current: false, code: 'NAME_TAKEN' });
    const { blocked } = (await here.recordOf()).nameSlot!;
    expect(blocked!.tries).toBeLessThan(70);
    expect(await here.kinds()).toMatchObject({ [here.name]: 'foreign' });

    here.cloud.pairs.splice(
      here.cloud.pairs.findIndex(({ madeBy }) => madeBy === STRANGER),
      1,
    );
    await here.days(2);
    expect(await here.view()).toMatchObject({ current: true });
  });

  it('is left where it leads when the policy no longer asks for it, until the next rotation', async () => {
    const here = await kept(provider);
    await here.rotate();
    await here.days(3);
    await setPolicy(here.ports, here.identity, {});
    await here.days(3);
    expect(here.called(here.name)).toMatchObject([{ publicKey: (await here.current()).publicKey }]);
    await here.rotate();
    await here.days(3);
    expect(here.failures).toEqual([]);
    expect(here.called(here.name)).toEqual([]);
    expect(here.cloud.pairs).toHaveLength(1);
    expect((await here.recordOf()).nameSlot).toBeUndefined();
  });
});

/** Refused at each of these calls, and how often. */
function refusing(calls: readonly string[], code: ConstructorParameters<typeof VendingError>[0]) {
  let refused = 0;
  const script: Script = {
    before(_step, call) {
      if (!calls.includes(call)) return;
      refused += 1;
      throw new VendingError(code, 'It is refused');
    },
  };
  return { script, refused: () => refused };
}

/** The call took effect, and nobody knows. */
const lost = () => new VendingError('OUTCOME_UNKNOWN', 'No answer came', { effect: 'unknown' });

describe.each(others)('an import under the name on %s', (provider) => {
  it('that the cloud has no room for is tried less and less, and says so', async () => {
    const here = await kept(provider);
    const { script, refused } = refusing(['cloud.import'], 'QUOTA_REACHED');
    await here.rotate();
    await here.days(60, here.worker(script));
    expect(await here.view()).toMatchObject({ current: false, code: 'QUOTA_REACHED' });
    expect(refused()).toBeGreaterThan(5);
    expect(refused()).toBeLessThan(70);
    await here.days(2);
    expect(await here.view()).toMatchObject({ current: true });
  });

  it('whose answer was lost is found, and is not sent again', async () => {
    const here = await kept(provider);
    await here.rotate();
    let isLost = true;
    const after = (_: number, call: string) => {
      if (call === 'cloud.import' && isLost) throw lost();
    };
    for (let quarters = 0; quarters < 8 && (await here.recordOf()).nameSlot?.importing === undefined; quarters += 1) {
      here.clock.advance(DAY_MS / 4);
      await here.work(here.worker({ after }));
    }
    expect((await here.recordOf()).nameSlot!.importing).toBeDefined();
    expect(here.called(here.name)).toHaveLength(1);
    isLost = false;
    await expect(retire(here.ports, here.identity, 'test')).rejects.toMatchObject({ code: 'IN_PROGRESS' });
    expect(await here.kinds(true)).toMatchObject({ [here.name]: 'in-progress' });
    await here.days(1);
    expect(await here.view()).toMatchObject({ current: true });
    expect(here.called(here.name)).toHaveLength(1);
    expect(await here.kinds(true)).toMatchObject({ [here.name]: 'matched' });
  });
});

describe('renaming on cvm', () => {
  it('whose answer was lost is found by the id of the pair', async () => {
    for (const nth of [1, 2]) {
      const here = await kept('cvm');
      await here.rotate();
      let renamed = 0;
      const fleet = await here.ports.fleetFor!(here.identity);
      const rename: Fleet['rename'] = async (...given) => {
        await fleet.rename!(...given);
        renamed += 1;
        if (renamed === nth) throw lost();
      };
      await here.work({ ...here.ports, fleetFor: async () => ({ ...fleet, rename }) });
      expect((await here.recordOf()).nameSlot!.renaming).toBeDefined();
      await expect(retire(here.ports, here.identity, 'test')).rejects.toMatchObject({ code: 'IN_PROGRESS' });
      await here.days(3);
      expect(here.called(here.name)).toMatchObject([{ id: (await here.current()).keyPairId }]);
      expect(here.cloud.pairs).toHaveLength(1);
    }
  });

  it('of a pair that somebody has deleted is tried less and less, and says so', async () => {
    const here = await kept('cvm', { keepName: false });
    await here.rotate();
    await here.days(3);
    const { keyPairId } = await here.current();
    here.cloud.pairs.splice(
      here.cloud.pairs.findIndex(({ id }) => id === keyPairId),
      1,
    );
    await setPolicy(here.ports, here.identity, { keepName: true });
    await here.days(60);
    expect(await here.view()).toMatchObject({ current: false, code: 'KEY_PAIR_ABSENT' });
    expect((await here.recordOf()).nameSlot!.blocked!.tries).toBeGreaterThan(5);
  });
});

describe('templates that name a pair', () => {
  it('are changed by the policy unless they hold a name that is kept', async () => {
    for (const keepName of [true, false]) {
      const here = await kept('ecs', { keepName, updateTemplates: true });
      const named = { kind: 'launch-template', region: here.identity.region, version: 1, isDefault: true } as const;
      here.references.set(here.name, [{ ...named, id: 'lt-1', by: 'name' }]);
      await here.rotate();
      await here.days(3);
      expect(here.references.get(here.name)!.length).toBe(keepName ? 1 : 0);
      expect(here.references.get(`${here.name}_r2`)?.length ?? 0).toBe(keepName ? 0 : 1);
    }
  });
});
