// Which machines have a key pair, asked with the access key of the pair's own account.

import { connectionOf } from '../providers/connect.ts';
import { fleetConnectionOf } from '../providers/connect-fleet.ts';
import type { FleetFor } from '../vending/rotation/rotation-ports.ts';
import { configuration } from './checked-configuration.ts';
import { connected, connectedTo } from './cloud-access.ts';
import { access, pins } from './clouds.ts';

/** @throws {VendingError} ACCOUNT_MOVED and what else `assertAccount` throws: then nothing is asked of any machine */
export const fleetFor: FleetFor = async (identity) => {
  const reached = await access();
  await (await connected(connectionOf, configuration, reached, await pins())(identity)).assertAccount();
  return connectedTo(await fleetConnectionOf(identity.provider), identity, configuration, reached);
};
