// Connecting to a cloud's instances: the fleet adapter of a provider, made with an account's access key. Each provider's folder
// has a connect-fleet.ts, beside its connect.ts.
import type { ProviderName } from '../provider-table.ts';
import type { Transport } from '../transport/wire.ts';
import type { Fleet } from './fleet.ts';

export interface FleetOptions {
  readonly transport: Transport;
  /** `https://host[:port]`, instead of the service's own that has the key pairs and the instances. */
  readonly endpoint?: string;
  /** Likewise for the cloud's auto scaling service, which is another one. */
  readonly scalingEndpoint?: string;
}

/**
 * @param key the JSON object that is stored for the account; undefined where what is stored is none
 * @returns undefined when it is not an access key of this cloud
 */
export type ConnectFleet = (
  key: Readonly<Record<string, unknown>> | undefined,
  options: FleetOptions,
) => Fleet | undefined;

/** The `connectFleet` of any provider, for code that works on all of them. */
export async function fleetConnectionOf(provider: ProviderName): Promise<ConnectFleet> {
  const { connectFleet }: { readonly connectFleet: ConnectFleet } = await import(`./${provider}/connect-fleet.ts`);
  return connectFleet;
}
