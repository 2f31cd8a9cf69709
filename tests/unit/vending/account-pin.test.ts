import { describe, expect, it } from 'vitest';
import { VendingError } from '../../../lib/errors.ts';
import type { KeyPairProvider } from '../../../lib/providers/provider.ts';
import { AccountPins } from '../../../lib/vending/account-pin.ts';
import { memoryLedger } from '../../doubles/memory-ledger.ts';
import { testClock } from '../../doubles/test-clock.ts';

const place = { provider: 'ecs', account: 'default' } as const;
const where = { region: 'cn-hangzhou', name: 'web' };
const limits = { timeoutMs: 1_000 };

function started() {
  const clock = testClock();
  const ledger = memoryLedger({ clock });
  const asked: string[] = [];
  const sent: string[] = [];
  const provider = new Proxy({} as KeyPairProvider, {
    get: (_, name) => (name === 'provider' ? 'ecs' : async () => void sent.push(String(name))),
  });
  const key = (digest: string, account: string | Error) => ({
    digest,
    account: async () => {
      asked.push(digest);
      if (typeof account !== 'string') throw account;
      return account;
    },
  });
  const open = () => new AccountPins(ledger, clock, { callTimeoutMs: 3_000 });
  const use = (pins: AccountPins, at: Parameters<AccountPins['pinned']>[0], one: ReturnType<typeof key>) =>
    pins.pinned(at, provider, one);
  return { clock, ledger, asked, sent, key, open, use };
}

const allCalls = (provider: KeyPairProvider) => [
  provider.create(where, limits),
  provider.import({ ...where, publicKey: '' }, limits),
  provider.find(where, limits),
  provider.list(where, limits),
  provider.count('cn-hangzhou', limits),
  provider.remove(where, limits),
];

describe('the account behind an alias', () => {
  it('is asked of the cloud once for each access key, and not again by any process', async () => {
    const { asked, sent, key, open, use } = started();
    const first = open();
    await Promise.all(allCalls(use(first, place, key('k1', '111'))));
    await use(first, place, key('k1', '111')).assertAccount();
    await use(open(), place, key('k1', '111')).assertAccount();
    expect(asked).toEqual(['k1']);
    expect(sent.sort()).toEqual(['count', 'create', 'find', 'import', 'list', 'remove']);
  });

  it('is asked once by all who come while nobody knows it yet, and again after it could not be told', async () => {
    const { asked, key, open, use } = started();
    const pins = open();
    const unreachable = new VendingError('CLOUD_UNREACHABLE', 'It is set so');
    const all = (one: ReturnType<typeof key>) =>
      Promise.allSettled(Array.from({ length: 50 }, () => use(pins, place, one).assertAccount()));
    for (const { status } of await all(key('k1', unreachable))) expect(status).toBe('rejected');
    expect(asked).toEqual(['k1']);
    for (const { status } of await all(key('k1', '111'))) expect(status).toBe('fulfilled');
    expect(asked).toEqual(['k1', 'k1']);
    await Promise.all([all(key('k2', '111')), all(key('k3', '111'))]);
    expect(asked.slice(2).sort()).toEqual(['k2', 'k3']);
  });

  it('may have other access keys, as many as it likes', async () => {
    const { asked, key, open, use } = started();
    for (let i = 0; i < 30; i += 1) await use(open(), place, key(`k${i}`, '111')).assertAccount();
    await use(open(), place, key('k29', '111')).assertAccount();
    expect(asked).toHaveLength(30);
  });

  it('does not move: with the key of another account nothing at all is asked of the cloud', async () => {
    const { sent, key, open, use } = started();
    await use(open(), place, key('k1', '111')).assertAccount();
    const moved = use(open(), place, key('k2', '222'));
    const outcomes = await Promise.allSettled(allCalls(moved));
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'ACCOUNT_MOVED', effect: 'none' } });
    expect(sent).toEqual([]);
    await use(open(), place, key('k1', '111')).assertAccount();
  });

  it('has one alias, as far as one provider goes: two would take each other for the same name', async () => {
    const { key, open, use } = started();
    await use(open(), place, key('k1', '111')).assertAccount();
    const other = use(open(), { ...place, account: 'other' }, key('k2', '111'));
    await expect(other.assertAccount()).rejects.toMatchObject({ code: 'ACCOUNT_SHARED' });
    await use(open(), { ...place, provider: 'ens' }, key('k1', '111')).assertAccount();
  });

  it('is one when many ask for the first time with keys of two accounts', async () => {
    const { key, open, use } = started();
    const asking = Array.from({ length: 20 }, (_, i) =>
      use(open(), place, key(`k${i % 2}`, i % 2 ? '111' : '222')).assertAccount(),
    );
    const outcomes = await Promise.allSettled(asking);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
  });

  it('is asked again after the cloud could not be asked; until then nothing is sent', async () => {
    const { sent, key, open, use } = started();
    const away = new VendingError('CLOUD_UNREACHABLE', 'away');
    const pins = open();
    await expect(use(pins, place, key('k1', away)).find(where, limits)).rejects.toBe(away);
    expect(sent).toEqual([]);
    await use(pins, place, key('k1', '111')).find(where, limits);
    expect(sent).toEqual(['find']);
  });
});
