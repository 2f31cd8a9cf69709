// Whether each access key is one, whose it is, whether it is the account that its alias stands for, what it may do, and how far this
// machine's clock is from the cloud's.

import type { Clock } from '../../../clock.ts';
import { VendingError } from '../../../errors.ts';
import { providerNames } from '../../../provider-table.ts';
import { connectionOf } from '../../../providers/connect.ts';
import { policyFileOf } from '../../../providers/rights.ts';
import type { Transport } from '../../../transport/wire.ts';
import { AccountPins } from '../../../vending/account-pin.ts';
import type { Ports } from '../../../vending/ports.ts';
import { type CloudAccess, connectedTo } from '../../cloud-access.ts';
import type { Account } from '../../upstream-keys.ts';
import { type Finding, note, ok, wrong } from './finding.ts';
import { lookAtRights } from './rights.ts';

const PATIENCE_MS = 5_000;
/** Requests are signed with the time, and clouds take those that are some minutes off; what is left is for the way. */
const [DOUBTFUL_MS, LONGEST_SKEW_MS] = [30_000, 4 * 60_000];

interface Around extends Pick<Ports, 'ledger' | 'clock' | 'settings'> {
  readonly access: CloudAccess;
  readonly configuration: Readonly<Record<string, unknown>>;
}

export async function lookAtAccounts(accounts: readonly Account[], around: Around): Promise<readonly Finding[]> {
  if (accounts.length === 0)
    return [
      wrong('cloud', 'there is no access key of any cloud', 'Put them into upstream-dir, a file for each account.'),
    ];
  const without = providerNames.filter((provider) => !accounts.some((one) => one.provider === provider));
  const found = await Promise.all(accounts.map((account) => lookAtAccount(account, around)));
  return [
    ...found.flat(),
    ...without.map((provider) => note('cloud', `there is no access key for ${provider}, so nothing is vended there`)),
    ...accounts
      .filter(({ provider }, i) => accounts.findIndex((one) => one.provider === provider) === i)
      .filter(({ provider }) => !accounts.some((one) => one.provider === provider && one.account === 'default'))
      .map(({ provider }) =>
        note('cloud', `${provider} has no account "default", which is that of requests that name none`),
      ),
  ];
}

async function lookAtAccount(account: Account, around: Around): Promise<readonly Finding[]> {
  const named = `${account.provider}/${account.account}`;
  try {
    const { ledger, clock, settings, access, configuration } = around;
    const connect = await connectionOf(account.provider);
    const { provider, accessKey } = await connectedTo(connect, account, configuration, access);
    const number = await accessKey.account({ timeoutMs: PATIENCE_MS });
    await new AccountPins(readOnly(ledger), clock, settings).pinned(account, provider, accessKey).assertAccount();
    const isOf = ok('cloud', `the access key of ${named} is of account ${number}`);
    return [isOf, ...(await lookAtRights(account, around))];
  } catch (error) {
    if (!(error instanceof VendingError)) throw error;
    const upstream = error.upstreamCode === undefined ? '' : `, ${error.upstreamCode}`;
    const next =
      error.code === 'PERMISSION_DENIED'
        ? `Allow it: ${policyFileOf(account.provider, 'vending')} has it.`
        : 'See docs/errors.md for the code.';
    return [wrong('cloud', `${named}: ${error.message} (${error.code}${upstream})`, next)];
  }
}

/** The first vend says what an alias stands for, for good: a key that is only tried must not. */
const readOnly = ({ recall }: Pick<Ports['ledger'], 'recall'>): ConstructorParameters<typeof AccountPins>[0] => ({
  recall,
  remember: async (key, value, nowMs) => (await recall(key, nowMs)) ?? value,
  restate: async () => {},
});

/** By what a host says in its answers' `date`, which is to the second. @param hosts of clouds, of an issuer: anything that answers over HTTP */
export async function lookAtClock(
  hosts: readonly string[],
  transport: Transport,
  clock: Clock,
): Promise<readonly Finding[]> {
  const asked = await Promise.all(
    hosts.map(async (origin) => {
      const began = clock.wallMs();
      const answer = await transport
        .send({ origin, path: '/', body: Buffer.alloc(0), sign: () => ({}) }, { timeoutMs: PATIENCE_MS })
        .catch(() => undefined);
      const theirs = Date.parse(String(answer?.headers.date));
      return Number.isNaN(theirs) ? [] : [theirs + 500 - (began + clock.wallMs()) / 2];
    }),
  );
  const skews = asked.flat().sort((a, b) => a - b);
  if (skews.length === 0) return [note('clock', 'no host told the time, so the clock was not compared')];
  const skewMs = skews[Math.floor(skews.length / 2)]!;
  const says = `this machine's clock is ${Math.abs(skewMs / 1_000).toFixed(0)} s ${skewMs > 0 ? 'behind' : 'ahead of'} that of ${skews.length === 1 ? 'a host' : `${skews.length} hosts`}`;
  if (Math.abs(skewMs) > LONGEST_SKEW_MS)
    return [wrong('clock', says, 'Set it, and keep it set (NTP): clouds refuse what is signed with it.')];
  return [Math.abs(skewMs) > DOUBTFUL_MS ? note('clock', says, 'Keep it set (NTP).') : ok('clock', says)];
}
