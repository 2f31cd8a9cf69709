// The adapters with the access keys of each account. A key is read when it is first needed and again after a while.
import * as z from 'zod';
import type { Clock } from '../clock.ts';
import type { Configuration } from '../contract/configuration.ts';
import { VendingError } from '../errors.ts';
import { providers } from '../providers/index.ts';
import { jsonObject } from '../providers/outcome.ts';
import type { KeyPairProvider } from '../providers/provider.ts';
import type { Transport } from '../providers/wire.ts';
import { Secret } from '../secret.ts';
import type { Identity } from '../vending/identity.ts';

/** What is stored for an account of a cloud. */
const AlibabaKey = z.object({
  accessKeyId: z.string(),
  accessKeySecret: z.string(),
  securityToken: z.string().optional(),
});
const TencentKey = z.object({ secretId: z.string(), secretKey: z.string(), token: z.string().optional() });

/** @returns the JSON stored for `<provider>/<account>`; undefined when there is none */
export type StoredKeys = (provider: Identity['provider'], account: string) => Promise<Secret | undefined>;

const KEEP_MS = 5 * 60_000;

export function upstream(
  configuration: Configuration,
  transport: Transport,
  clock: Clock,
  stored: StoredKeys,
): (identity: Identity) => Promise<KeyPairProvider> {
  const kept = new Map<string, { text: Promise<Secret>; untilMs: number }>();

  const textOf = (provider: Identity['provider'], account: string): Promise<Secret> => {
    const name = `${provider}/${account}`;
    const known = kept.get(name);
    if (known !== undefined && clock.monotonicMs() < known.untilMs) return known.text;
    const text = stored(provider, account).then((found) => {
      if (found !== undefined) return found;
      throw new VendingError('ACCOUNT_UNKNOWN', 'There is no such account here');
    });
    text.catch(() => kept.delete(name));
    kept.set(name, { text, untilMs: clock.monotonicMs() + KEEP_MS });
    return text;
  };

  const read = async <T>(schema: z.ZodType<T>, { provider, account }: Identity): Promise<T> => {
    const result = schema.safeParse(jsonObject(Buffer.from((await textOf(provider, account)).reveal())));
    if (result.success) return result.data;
    throw new VendingError('CREDENTIALS_REFUSED', 'What is stored for this account is not an access key');
  };
  const endpoint = (provider: 'ENS' | 'ECS' | 'CVM') => {
    const origin = configuration[`KEYVEND_${provider}_ENDPOINT`];
    return origin === undefined ? {} : { endpoint: origin };
  };

  return async (identity) => {
    if (identity.provider === 'cvm') {
      const { secretId, secretKey, token } = await read(TencentKey, identity);
      const credentials = { secretId, secretKey: new Secret(secretKey), ...hidden('token', token) };
      return providers.cvm({ transport, ...endpoint('CVM'), credentials: async () => credentials });
    }
    const { accessKeyId, accessKeySecret, securityToken } = await read(AlibabaKey, identity);
    const credentials = {
      accessKeyId,
      accessKeySecret: new Secret(accessKeySecret),
      ...hidden('securityToken', securityToken),
    };
    const options = { transport, credentials: async () => credentials };
    return identity.provider === 'ens'
      ? providers.ens({ ...options, ...endpoint('ENS') })
      : providers.ecs({ ...options, ...endpoint('ECS') });
  };
}

const hidden = <K extends string>(name: K, value: string | undefined): { [P in K]?: Secret } =>
  value === undefined ? {} : ({ [name]: new Secret(value) } as { [P in K]: Secret });
