// Connecting to a cloud: the adapter of a provider, made with an account's access key. Each provider's folder has a connect.ts, so
// that a function brings along the clouds it serves and no other.
import type { ProviderName } from '../provider-table.ts';
import type { Transport } from '../transport/wire.ts';
import type { KeyPairProvider } from './provider.ts';

/**
 * @param key the JSON object that is stored for the account; undefined where what is stored is none
 * @returns undefined when it is not an access key of this cloud
 */
export type Connect = (
  key: Readonly<Record<string, unknown>> | undefined,
  options: { readonly transport: Transport; readonly endpoint?: string },
) => KeyPairProvider | undefined;

/** The `connect` of any provider, for code that works on all of them. */
export async function connectionOf(provider: ProviderName): Promise<Connect> {
  const { connect }: { readonly connect: Connect } = await import(`./${provider}/connect.ts`);
  return connect;
}
