import { awsOptions } from '../../aws/environment.ts';
import type { Clock } from '../../clock.ts';
import type { SecretStore } from '../secret-store.ts';
import type { StoreConfiguration } from '../store-table.ts';
import { awsStore } from './aws-store.ts';

/** AWS Secrets Manager, by the process's own AWS credentials. */
export async function open(configuration: StoreConfiguration<'secrets-manager'>, clock: Clock): Promise<SecretStore> {
  const { KEYVEND_DEPLOYMENT: deployment, KEYVEND_KMS_KEY: kmsKeyId } = configuration;
  return awsStore({
    ...awsOptions(configuration, clock, configuration.AWS_ENDPOINT_URL_SECRETS_MANAGER),
    deployment,
    readsKeys: configuration.KEYVEND_READS_KEYS !== 'false',
    ...(kmsKeyId === undefined ? {} : { kmsKeyId }),
  });
}

export { open as openForReader };
