// Which key pair a command means, from the words of its line.
import { identityFrom } from '../../lib/contract/fields.ts';
import type { Identity } from '../../lib/identity.ts';
import { isGlobal, isProvider, providerNames } from '../../lib/provider-table.ts';
import { fail } from '../fail.ts';
import type { Given } from './command.ts';

/** @throws {InvalidRequest} for a name or a place that cannot be */
export function named(
  [provider, name]: readonly (string | undefined)[],
  { region, account }: Pick<Given, 'region' | 'account'>,
): Identity {
  if (!isProvider(provider)) return fail(`the provider is one of ${providerNames.join(', ')}`, 2);
  if (region === undefined && !isGlobal(provider)) {
    const needing = providerNames.filter((one) => !isGlobal(one)).join(' and ');
    return fail(`--region is needed for ${needing}`, 2);
  }
  return identityFrom({ provider, account, region, name });
}
