// Connecting to a cloud: the adapter of a provider, made with an account's access key. Each provider's folder has a connect.ts, so
// that a function brings along the clouds it serves and no other.
import type { ProviderName } from '../provider-table.ts';
import type { Transport } from '../transport/wire.ts';
import type { AccessKey, KeyPairProvider } from './provider.ts';

export interface Connection {
  readonly provider: KeyPairProvider;
  readonly accessKey: AccessKey;
}

/** `https://host[:port]`, instead of a service's own. */
export interface CloudHosts {
  /** Of the service that has the key pairs and the instances. */
  readonly endpoint?: string;
  /** Of the one that tells whose an access key is. */
  readonly identityEndpoint?: string;
  /** Of auto scaling. */
  readonly scalingEndpoint?: string;
  /** Of the one that lists regions. */
  readonly regionEndpoint?: string;
}

/**
 * Connects to a part of a cloud.
 * @param key the JSON object that is stored for the account; undefined where what is stored is none
 * @returns undefined when it is not an access key of this cloud
 */
export type ConnectTo<T> = (
  key: Readonly<Record<string, unknown>> | undefined,
  options: CloudHosts & { readonly transport: Transport },
) => T | undefined;

export type Connecting = ConnectTo<Connection>;

export interface Connect extends Connecting {
  /** What a vend in that region needs, so that it can be opened before anything else is known. */
  readonly early: (region: string) => Early;
  /** The same before the region is known, where nearly all of them have one host. */
  readonly atLoad?: Early;
}

export interface Early {
  /** The service's own; not where another endpoint is given. */
  readonly origin: string;
  /** How many requests are under way at the same time. */
  readonly connections: number;
  /** How long the service keeps one that is idle, and then some; absent where that is not known. */
  readonly maxIdleMs?: number;
}

/** The `connect` of any provider, for code that works on all of them. */
export async function connectionOf(provider: ProviderName): Promise<Connect> {
  const { connect }: { readonly connect: Connect } = await import(`./${provider}/connect.ts`);
  return connect;
}
