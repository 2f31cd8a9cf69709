// Connecting to a cloud's instances: the fleet adapter of a provider, made with an account's access key. Each provider's folder
// has a connect-fleet.ts, beside its connect.ts.
import type { ProviderName } from '../provider-table.ts';
import type { ConnectTo } from './connect.ts';
import type { Fleet } from './fleet.ts';

export type ConnectFleet = ConnectTo<Fleet>;

/** The `connectFleet` of any provider, for code that works on all of them. */
export async function fleetConnectionOf(provider: ProviderName): Promise<ConnectFleet> {
  const { connectFleet }: { readonly connectFleet: ConnectFleet } = await import(`./${provider}/connect-fleet.ts`);
  return connectFleet;
}
