// Connecting to a cloud's list of regions, made with an account's access key. A provider that has many has a connect-regions.ts in
// its folder, beside its connect.ts: only the comparison with the clouds brings it along.
import { isGlobal, type ProviderName } from '../provider-table.ts';
import type { CallLimits } from '../transport/wire.ts';
import type { ConnectTo } from './connect.ts';

/**
 * The regions that an account's key pairs can be in, as the cloud lists them.
 * @throws {VendingError} as the reads of a provider
 */
export type Regions = (call: CallLimits) => Promise<readonly string[]>;

export type ConnectRegions = ConnectTo<Regions>;

/** @returns undefined for a provider that has only one region */
export async function regionsConnectionOf(provider: ProviderName): Promise<ConnectRegions | undefined> {
  if (isGlobal(provider)) return undefined;
  const { connectRegions }: { readonly connectRegions: ConnectRegions } = await import(
    `./${provider}/connect-regions.ts`
  );
  return connectRegions;
}
