// Which machines have a key pair, asked with the access key of the pair's own account.

import { cloudAccess } from '#platform/ports.ts';
import { systemClock } from '../clock.ts';
import { VendingError } from '../errors.ts';
import { cloudVariableOf, variableOf } from '../provider-table.ts';
import { connectionOf } from '../providers/connect.ts';
import { fleetConnectionOf } from '../providers/connect-fleet.ts';
import { jsonObject } from '../transport/json.ts';
import { AccountPins } from '../vending/account-pin.ts';
import type { FleetFor } from '../vending/rotation/rotation-ports.ts';
import { configuration } from './checked-configuration.ts';
import { connected, localCloud } from './cloud-access.ts';
import { once } from './once.ts';
import { records } from './records.ts';

const access = once(async () => cloudAccess(configuration, systemClock));
const providerFor = once(async () =>
  connected(
    connectionOf,
    configuration,
    await access(),
    new AccountPins(await records.ledger(), systemClock, records.settings),
  ),
);

/** @throws {VendingError} ACCOUNT_MOVED and what else `assertAccount` throws: then nothing is asked of any machine */
export const fleetFor: FleetFor = async (identity) => {
  const { provider, account } = identity;
  await (await (await providerFor())(identity)).assertAccount();
  const { transport, keyOf } = await access();
  const connect = await fleetConnectionOf(provider);
  const endpoint = configuration[variableOf(provider, 'ENDPOINT')];
  const scalingEndpoint = configuration[cloudVariableOf(provider, 'SCALING_ENDPOINT')] ?? localCloud(endpoint);
  const fleet = connect(jsonObject(Buffer.from((await keyOf(provider, account)).reveal())), {
    transport,
    ...(typeof endpoint === 'string' && { endpoint }),
    ...(typeof scalingEndpoint === 'string' && { scalingEndpoint }),
  });
  if (fleet !== undefined) return fleet;
  throw new VendingError('CREDENTIALS_REFUSED', 'What is stored for this account is not an access key');
};
