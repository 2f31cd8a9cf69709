import type { AwsOptions } from '../../aws/call.ts';
import { awsOptions } from '../../aws/environment.ts';
import type { Clock } from '../../clock.ts';
import type { Identity } from '../../identity.ts';
import { Secret } from '../../secret.ts';
import type { Documents } from '../documents.ts';
import type { SecretStore } from '../secret-store.ts';
import type { StoreConfiguration } from '../store-table.ts';
import { secretsManager } from './aws-calls.ts';
import { nameOf, PREFIX } from './aws-name.ts';
import { revealToReader } from './aws-reader.ts';
import { awsStore } from './aws-store.ts';

const optionsFrom = (configuration: StoreConfiguration<'secrets-manager'>, clock: Clock): AwsOptions =>
  awsOptions(configuration, clock, 'secretsmanager');

/** AWS Secrets Manager, by the process's own AWS credentials. */
export async function open(configuration: StoreConfiguration<'secrets-manager'>, clock: Clock): Promise<SecretStore> {
  const { KEYVEND_DEPLOYMENT: deployment, KEYVEND_KMS_KEY: kmsKeyId } = configuration;
  return awsStore({
    ...optionsFrom(configuration, clock),
    early: true,
    deployment,
    readsKeys: configuration.KEYVEND_READS_KEYS !== 'false',
    ...(kmsKeyId === undefined ? {} : { kmsKeyId }),
  });
}

/** For whoever may fetch values and do nothing else. */
export async function openForReader(
  configuration: StoreConfiguration<'secrets-manager'>,
  clock: Clock,
): Promise<SecretStore> {
  const manager = secretsManager(optionsFrom(configuration, clock));
  const reveal: SecretStore['reveal'] = (...of) => revealToReader(manager, PREFIX, ...of);
  return { ...(await open(configuration, clock)), reveal };
}

/** What people keep beside the secrets, for keyvend to read: the secret `keyvend-upstream/<deployment>/<name>`. */
export function documents(configuration: StoreConfiguration<'secrets-manager'>, clock: Clock): Documents {
  const manager = secretsManager(optionsFrom(configuration, clock));
  return async (name) => {
    const SecretId = `keyvend-upstream/${configuration.KEYVEND_DEPLOYMENT}/${name}`;
    const found = await manager.send('GetSecretValue', { SecretId }, 'ResourceNotFoundException');
    return found === 'ResourceNotFoundException' ? undefined : new Secret(String(found.SecretString ?? ''));
  };
}

/** The secret's name, for a policy or for AWS's own programs. */
export const whereIs = (_: object, identity: Identity): string => nameOf(PREFIX, identity);
