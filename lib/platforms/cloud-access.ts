// The adapters with the access keys of each account. A key is read when it is first needed and again after a while.
import { readFileSync } from 'node:fs';
import type { Connections } from '../application/runtime.ts';
import type { Clock } from '../clock.ts';
import { VendingError } from '../errors.ts';
import { cloudVariableOf, type ProviderName, variableOf } from '../provider-table.ts';
import type { Early } from '../providers/connect.ts';
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
export const localCloud = (endpoint: unknown) =>
  typeof endpoint === 'string' && isLoopback(new URL(endpoint).hostname) ? endpoint : undefined;

/** Opens what a vend will need while the rest is still being read: a far cloud's handshakes take as long as two calls. */
export function openEarly(
  { transport }: Pick<CloudAccess, 'transport'>,
  endpoints: Readonly<Record<string, unknown>>,
  provider: ProviderName,
  { connections, ...to }: Early,
): void {
  const endpoint = endpoints[variableOf(provider, 'ENDPOINT')];
  transport.connectEarly?.({ ...to, ...(typeof endpoint === 'string' && { origin: endpoint }) }, connections);
}

/** @param endpoints the configuration, as far as it names other hosts than the clouds' own */
export const connected =
  (
    connections: Connections,
    endpoints: Readonly<Record<string, unknown>>,
    { transport, keyOf }: CloudAccess,
    pins: AccountPins,
  ): Ports['providerFor'] =>
  async ({ provider, account }) => {
    const connect = await connections(provider);
    const key = jsonObject(Buffer.from((await keyOf(provider, account)).reveal()));
    const endpoint = endpoints[variableOf(provider, 'ENDPOINT')];
    const identityEndpoint = endpoints[cloudVariableOf(provider, 'STS_ENDPOINT')] ?? localCloud(endpoint);
    const connection = connect(key, {
      transport,
      ...(typeof endpoint === 'string' && { endpoint }),
      ...(typeof identityEndpoint === 'string' && { identityEndpoint }),
    });
    if (connection !== undefined) return pins.pinned({ provider, account }, connection.provider, connection.accessKey);
    throw new VendingError('CREDENTIALS_REFUSED', 'What is stored for this account is not an access key');
  };
