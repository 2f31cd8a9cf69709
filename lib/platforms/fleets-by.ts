// Which machines have a key pair, asked with the access key of the pair's own account; for whoever brings along the clouds that it serves.
import type { Connections } from '../application/runtime.ts';
import type { ProviderName } from '../provider-table.ts';
import type { ConnectFleet } from '../providers/connect-fleet.ts';
import type { FleetFor } from '../vending/rotation/rotation-ports.ts';
import { configuration } from './checked-configuration.ts';
import { connected, connectedTo } from './cloud-access.ts';
import { access, pins } from './clouds.ts';

/** @throws {VendingError} ACCOUNT_MOVED and what else `assertAccount` throws: then nothing is asked of any machine */
export const fleetsBy =
  (connections: Connections, fleets: (provider: ProviderName) => Promise<ConnectFleet>): FleetFor =>
  async (identity) => {
    const reached = await access();
    await (await connected(connections, configuration, reached, await pins())(identity)).assertAccount();
    return connectedTo(await fleets(identity.provider), identity, configuration, reached);
  };
