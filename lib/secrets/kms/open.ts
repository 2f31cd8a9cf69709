import { readFileSync } from 'node:fs';
import type { AlibabaOptions } from '../../alibaba/call.ts';
import { credentialsFrom } from '../../alibaba/call-credentials.ts';
import type { Clock } from '../../clock.ts';
import type { Identity } from '../../identity.ts';
import { Secret } from '../../secret.ts';
import { createTransport } from '../../transport/transport.ts';
import type { Documents } from '../documents.ts';
import type { SecretStore } from '../secret-store.ts';
import type { StoreConfiguration } from '../store-table.ts';
import { kmsCalls } from './kms-calls.ts';
import { nameOf, PREFIX } from './kms-name.ts';
import { revealToReader } from './kms-reader.ts';
import { kmsStore } from './kms-store.ts';

type Configuration = StoreConfiguration<'kms'>;

function optionsFrom(configuration: Configuration, clock: Clock): Omit<AlibabaOptions, 'version'> {
  const { KEYVEND_ALIBABA_KMS_REGION: region, KEYVEND_CA_FILE: file } = configuration;
  return {
    transport: createTransport({ clock, ...(file !== undefined && { ca: readFileSync(file, 'utf8') }) }),
    credentials: credentialsFrom(configuration),
    origin: configuration.KEYVEND_ALIBABA_KMS_ENDPOINT ?? `https://kms.${region}.aliyuncs.com`,
  };
}

/** Alibaba KMS, by the key of the call that is being answered, or of the process. */
export async function open(configuration: Configuration, clock: Clock): Promise<SecretStore> {
  const { KEYVEND_ALIBABA_KMS_INSTANCE: instance, KEYVEND_ALIBABA_KMS_KEY: instanceKey } = configuration;
  const options = optionsFrom(configuration, clock);
  options.transport.connectEarly?.({ origin: options.origin }, 1);
  const store = kmsStore({
    ...options,
    deployment: configuration.KEYVEND_DEPLOYMENT,
    readsKeys: configuration.KEYVEND_READS_KEYS !== 'false',
    ...(instance !== undefined && { instance }),
    ...(instanceKey !== undefined && { instanceKey }),
  });
  return { ...store, close: async () => options.transport.close() };
}

/** For whoever may fetch values and do nothing else. */
export async function openForReader(configuration: Configuration, clock: Clock): Promise<SecretStore> {
  const options = optionsFrom(configuration, clock);
  const kms = kmsCalls(options);
  return {
    ...kmsStore({ ...options, deployment: configuration.KEYVEND_DEPLOYMENT }),
    reveal: (...of) => revealToReader(kms, ...of),
    close: async () => options.transport.close(),
  };
}

/** What people keep beside the secrets, for keyvend to read: the secret `keyvend-upstream/<deployment>/<name>`. */
export function documents(configuration: Configuration, clock: Clock): Documents {
  const kms = kmsCalls(optionsFrom(configuration, clock));
  return async (name) => {
    const SecretName = `keyvend-upstream/${configuration.KEYVEND_DEPLOYMENT}/${name}`;
    const found = await kms.send('GetSecretValue', { SecretName }, 'Forbidden.ResourceNotFound');
    return found === 'Forbidden.ResourceNotFound' ? undefined : new Secret(String(found.SecretData ?? ''));
  };
}

/** What Alibaba's own program is to be asked. */
export const whereIs = (_: object, identity: Identity): string =>
  `aliyun kms GetSecretValue --SecretName ${nameOf(PREFIX, identity)}`;
