// Connecting to a cloud's list of regions, made with an account's access key. A provider that has many has a connect-regions.ts in
// its folder, beside its connect.ts: only the comparison with the clouds brings it along.
import { isGlobal, type ProviderName } from '../provider-table.ts';
import type { CallLimits, Transport } from '../transport/wire.ts';

/**
 * The regions that an account's key pairs can be in, as the cloud lists them.
 * @throws {VendingError} as the reads of a provider
 */
export type Regions = (call: CallLimits) => Promise<readonly string[]>;

export interface RegionsOptions {
  readonly transport: Transport;
  /** `https://host[:port]`, instead of the key-pair service's own. */
  readonly endpoint?: string;
  /** Likewise for what lists regions, which may be a service of its own. */
  readonly regionEndpoint?: string;
}

/**
 * @param key the JSON object that is stored for the account; undefined where what is stored is none
 * @returns undefined when it is not an access key of this cloud
 */
export type ConnectRegions = (
  key: Readonly<Record<string, unknown>> | undefined,
  options: RegionsOptions,
) => Regions | undefined;

/** @returns undefined for a provider that has only one region */
export async function regionsConnectionOf(provider: ProviderName): Promise<ConnectRegions | undefined> {
  if (isGlobal(provider)) return undefined;
  const { connectRegions }: { readonly connectRegions: ConnectRegions } = await import(
    `./${provider}/connect-regions.ts`
  );
  return connectRegions;
}
