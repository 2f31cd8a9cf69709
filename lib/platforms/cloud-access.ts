// The adapters with the access keys of each account. A key is read when it is first needed and again after a while.
import { readFileSync } from 'node:fs';
import type { Connections } from '../application/runtime.ts';
import type { Clock } from '../clock.ts';
import { VendingError } from '../errors.ts';
import type { Identity } from '../identity.ts';
import { cloudVariableOf, type ProviderName, variableOf } from '../provider-table.ts';
import type { CloudHosts, ConnectTo, Early } from '../providers/connect.ts';
import type { Secret } from '../secret.ts';
import { jsonObject } from '../transport/json.ts';
import { isLoopback } from '../transport/proxy.ts';
import { createTransport } from '../transport/transport.ts';
import type { Transport } from '../transport/wire.ts';
import type { AccountPins } from '../vending/account-pin.ts';
import type { Ports } from '../vending/ports.ts';
import type { Configuration } from './configuration.ts';

/** The JSON that is stored for an account of a provider's cloud. */
type StoredKey<S> = (provider: ProviderName, account: string) => Promise<S>;

/** The configuration, as far as it names other hosts than the clouds' own. */
type Endpoints = Readonly<Record<string, unknown>>;

/** How a platform reaches the clouds. */
export interface CloudAccess {
  readonly transport: Transport;
  /** @throws {VendingError} ACCOUNT_UNKNOWN */
  readonly keyOf: StoredKey<Secret>;
}

/** Trusts a local cloud's own certificate instead of the system's, where there is one. */
export const cloudTransport = ({ KEYVEND_CA_FILE: file }: Configuration, clock: Clock): Transport =>
  createTransport({ clock, ...(file === undefined ? {} : { ca: readFileSync(file, 'utf8') }) });

const KEEP_MS = 5 * 60_000;

/** Asks once in five minutes for each account, and at once after a failure. @param stored returns undefined for no account */
export function cachedKeys(stored: StoredKey<Secret | undefined>, clock: Clock): StoredKey<Secret> {
  const cached = new Map<string, { key: Promise<Secret>; untilMs: number }>();
  return (provider, account) => {
    const name = `${provider}/${account}`;
    const known = cached.get(name);
    if (known !== undefined && clock.monotonicMs() < known.untilMs) return known.key;
    const key = stored(provider, account).then((found) => {
      if (found !== undefined) return found;
      throw new VendingError('ACCOUNT_UNKNOWN', 'This service knows no such account');
    });
    key.catch(() => cached.delete(name));
    cached.set(name, { key, untilMs: clock.monotonicMs() + KEEP_MS });
    return key;
  };
}

/** A cloud on this machine answers for all its services in one place. */
function hostsOf(endpoints: Endpoints, provider: ProviderName): CloudHosts {
  const endpoint = endpoints[variableOf(provider, 'ENDPOINT')];
  const local = typeof endpoint === 'string' && isLoopback(new URL(endpoint).hostname) ? endpoint : undefined;
  const service = (setting: Parameters<typeof cloudVariableOf>[1]) =>
    endpoints[cloudVariableOf(provider, setting)] ?? local;
  const hosts = {
    endpoint,
    identityEndpoint: service('STS_ENDPOINT'),
    scalingEndpoint: service('SCALING_ENDPOINT'),
    regionEndpoint: service('REGION_ENDPOINT'),
  };
  return Object.fromEntries(Object.entries(hosts).filter(([, host]) => host !== undefined));
}

/** Opens what a vend will need while the rest is still being read: a far cloud's handshakes take as long as two calls. */
export function openEarly(
  { transport }: Pick<CloudAccess, 'transport'>,
  endpoints: Endpoints,
  provider: ProviderName,
  { connections, origin, ...to }: Early,
): void {
  transport.connectEarly?.({ ...to, origin: hostsOf(endpoints, provider).endpoint ?? origin }, connections);
}

/** @throws {VendingError} ACCOUNT_UNKNOWN; CREDENTIALS_REFUSED for what is stored and is no access key of that cloud */
export async function connectedTo<T>(
  connect: ConnectTo<T>,
  { provider, account }: Pick<Identity, 'provider' | 'account'>,
  endpoints: Endpoints,
  { transport, keyOf }: CloudAccess,
): Promise<T> {
  const key = jsonObject(Buffer.from((await keyOf(provider, account)).reveal()));
  const connected = connect(key, { transport, ...hostsOf(endpoints, provider) });
  if (connected !== undefined) return connected;
  throw new VendingError('CREDENTIALS_REFUSED', 'What is stored for this account is not an access key');
}

export const connected =
  (connections: Connections, endpoints: Endpoints, access: CloudAccess, pins: AccountPins): Ports['providerFor'] =>
  async ({ provider, account }) => {
    const recalled = pins.recalled({ provider, account });
    const connection = await connectedTo(await connections(provider), { provider, account }, endpoints, access);
    return pins.pinned({ provider, account }, connection.provider, connection.accessKey, recalled);
  };
