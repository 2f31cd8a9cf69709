// The worker's calls at a cloud that takes so many a second: whatever comes due together, none is refused and none is lost.
import { describe, expect, it } from 'vitest';
import { deadlineIn } from '../../../../lib/clock.ts';
import type { Fleet } from '../../../../lib/providers/fleet.ts';
import type { KeyPairProvider } from '../../../../lib/providers/provider.ts';
import { takeTurn } from '../../../../lib/vending/rate-limit.ts';
import { paced } from '../../../../lib/vending/rotation/paced.ts';
import { rotated } from './world.ts';

const RATE = 10;
/** What of it is left to those who are waited for. */
const MOST = 8;

async function ported(provider: 'cvm' | 'ecs') {
  const all = await rotated(provider);
  const sent: string[] = [];
  const port = all.worker();
  const { wallMs } = all.clock;
  const counted = <T extends object>(one: T): T =>
    new Proxy(one, {
      get(target, name) {
        const call = Reflect.get(target, name) as unknown;
        if (typeof call !== 'function') return call;
        return (...given: unknown[]) => {
          sent.push(`${String(name)} ${Math.floor(wallMs() / 1_000)}`);
          return Reflect.apply(call, target, given);
        };
      },
    });
  const given = await port.providerFor(all.identity);
  const fleet = await port.fleetFor!(all.identity);
  const spied = {
    ...port,
    settings: { ...port.settings, callsPerSecond: { cvm: RATE } },
    providerFor: async () => ({ ...given, find: counted(given).find, remove: counted(given).remove }),
    fleetFor: async () =>
      ({ ...fleet, holders: counted(fleet).holders, references: counted(fleet).references }) satisfies Fleet,
  };
  const most = (names: readonly string[]) => {
    const seconds = sent.filter((one) => names.includes(one.split(' ')[0]!)).map((one) => one.split(' ')[1]!);
    return Math.max(0, ...seconds.map((second) => seconds.filter((one) => one === second).length));
  };
  return { ...all, sent, spied, most };
}

const limits = { timeoutMs: 1_000 };
const absent = { region: 'somewhere-1', name: 'nobody', id: 'skey-none' };
const find = (port: KeyPairProvider) => port.find(absent, limits);

describe("the worker's calls", () => {
  it('keep to the rate of each action, with those of recovery, and wait for no other action', async () => {
    const { clock, identity, spied, most, sent } = await ported('cvm');
    const began = clock.wallMs();
    for (let i = 0; i < 20; i += 1) {
      const ports = paced(spied, deadlineIn(clock, 120_000));
      const [provider, fleet] = [await ports.providerFor(identity), await ports.fleetFor!(identity)];
      await find(provider);
      await provider.remove(absent, limits);
      await fleet.holders(absent, limits);
      await fleet.references(absent, limits);
    }
    expect(sent).toHaveLength(80);
    for (const name of ['find', 'remove', 'holders', 'references']) expect(most([name])).toBe(MOST);
    expect(clock.wallMs() - began).toBeLessThan(3_000);
  });

  it('share the rate of reads with recovery and comparing', async () => {
    const { clock, identity, spied } = await ported('cvm');
    const provider = await paced(spied, deadlineIn(clock, 120_000)).providerFor(identity);
    for (let i = 0; i < MOST; i += 1) await find(provider);
    expect(await takeTurn(spied, identity, () => 0)).toBe(false);
    clock.advance(1_000);
    expect(await takeTurn(spied, identity, () => 0)).toBe(true);
  });

  it('are not sent when their turn comes too late', async () => {
    const { clock, identity, spied, sent } = await ported('cvm');
    const provider = await paced(spied, deadlineIn(clock, 500)).providerFor(identity);
    for (let i = 0; i < MOST; i += 1) await find(provider);
    await expect(find(provider)).rejects.toMatchObject({ code: 'DEADLINE_PASSED', effect: 'none' });
    expect(sent).toHaveLength(MOST);
  });

  it('wait for nothing where the cloud has no rate that is known', async () => {
    const { clock, identity, spied, sent, ledger } = await ported('ecs');
    const refused = { ...ledger, tryAcquire: () => expect.fail('no permit is needed') };
    const ports = paced({ ...spied, ledger: refused }, deadlineIn(clock, 5_000));
    const began = clock.wallMs();
    for (let i = 0; i < 30; i += 1) await find(await ports.providerFor(identity));
    expect([sent.length, clock.wallMs() - began]).toEqual([30, 0]);
  });
});
