// A deployment as commands call it: over HTTP, as whoever is signed in there.
import { createClient, type KeyPairRef } from '../../client/index.ts';
import { DEFAULT_ACCOUNT, type Identity } from '../../lib/identity.ts';
import { GLOBAL } from '../../lib/provider-table.ts';
import type { Given } from '../commands/command.ts';
import { called } from '../session/target.ts';

export const deployment = (given: Pick<Given, 'url' | 'tokenFile'>) => {
  const { url, token } = called(given);
  return createClient({ url, token });
};
export type Deployment = ReturnType<typeof deployment>;

export const refOf = ({ provider, account, region, name }: Identity): KeyPairRef => ({
  ...{ provider, name },
  ...(region !== GLOBAL && { region }),
  ...(account !== DEFAULT_ACCOUNT && { account }),
});

/** What to type for the same key pair. */
export const typed = ({ provider, account, region, name }: Identity): string =>
  [
    `${provider} ${name}`,
    ...(region === GLOBAL ? [] : [`--region ${region}`]),
    ...(account === DEFAULT_ACCOUNT ? [] : [`--account ${account}`]),
  ].join(' ');

/** Text, or one JSON object a line. */
export const print = (...lines: readonly string[]): void =>
  void process.stdout.write(lines.map((line) => `${line}\n`).join(''));
export const printJson = (...values: readonly unknown[]): void => print(...values.map((one) => JSON.stringify(one)));
