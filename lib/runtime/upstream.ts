// The adapters with the access keys of each account. A key is read when it is first needed and again after a while.
import type { Clock } from '../clock.ts';
import type { Configuration } from '../contract/configuration.ts';
import { VendingError } from '../errors.ts';
import type { Identity } from '../identity.ts';
import type { Secret } from '../secret.ts';
import { jsonObject } from '../transport/json.ts';
import type { Transport } from '../transport/wire.ts';
import type { Ports } from '../vending/ports.ts';
import type { Cloud } from './clouds/cloud.ts';

/** The JSON stored for `<provider>/<account>`. */
type Stored<S> = (provider: Identity['provider'], account: string) => Promise<S>;

/** How a platform reaches the clouds. */
export interface Access {
  readonly transport: Transport;
  /** @throws {VendingError} ACCOUNT_UNKNOWN */
  readonly keyOf: Stored<Secret>;
}

const KEEP_MS = 5 * 60_000;

/** Asks once in five minutes for each account; at once again for what failed. @param stored gives undefined for no account */
export function remembered(stored: Stored<Secret | undefined>, clock: Clock): Stored<Secret> {
  const kept = new Map<string, { key: Promise<Secret>; untilMs: number }>();
  return (provider, account) => {
    const name = `${provider}/${account}`;
    const known = kept.get(name);
    if (known !== undefined && clock.monotonicMs() < known.untilMs) return known.key;
    const key = stored(provider, account).then((found) => {
      if (found !== undefined) return found;
      throw new VendingError('ACCOUNT_UNKNOWN', 'There is no such account here');
    });
    key.catch(() => kept.delete(name));
    kept.set(name, { key, untilMs: clock.monotonicMs() + KEEP_MS });
    return key;
  };
}

/** @param clouds those that this function serves */
export const upstream =
  (clouds: readonly Cloud[], configuration: Configuration, { transport, keyOf }: Access): Ports['providerFor'] =>
  async ({ provider, account }) => {
    const cloud = clouds.find((one) => one.provider === provider);
    if (cloud === undefined) throw new TypeError(`this function does not serve ${provider}`);
    const key = jsonObject(Buffer.from((await keyOf(provider, account)).reveal()));
    const endpoint = configuration[endpoints[provider]];
    const connected = cloud.connect(key, { transport, ...(endpoint === undefined ? {} : { endpoint }) });
    if (connected !== undefined) return connected;
    throw new VendingError('CREDENTIALS_REFUSED', 'What is stored for this account is not an access key');
  };

const endpoints = {
  ens: 'KEYVEND_ENS_ENDPOINT',
  ecs: 'KEYVEND_ECS_ENDPOINT',
  cvm: 'KEYVEND_CVM_ENDPOINT',
} as const;
