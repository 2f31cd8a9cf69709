// Private keys, and the clouds' access keys, in Secrets Manager.
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';

const client = new SecretsManagerClient({});
const { KEYVEND_UPSTREAM_PREFIX, KEYVEND_DEPLOYMENT, KEYVEND_KMS_KEY } = process.env;

export async function accessKeyOf({ provider, account }) {
  const SecretId = `${KEYVEND_UPSTREAM_PREFIX}${provider}/${account}`;
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId }));
  return JSON.parse(SecretString);
}

export async function createSecret({ provider, account, region, name }, token) {
  const { ARN } = await client.send(
    new CreateSecretCommand({
      Name: `keyvend/${provider}/${account}/${region}/${name.replaceAll(':', '=3A')}`,
      ClientRequestToken: token,
      Description: 'Private key of an SSH key pair',
      Tags: [
        { Key: 'keyvend', Value: KEYVEND_DEPLOYMENT },
        { Key: 'keyvend-identity', Value: `${provider}/${account}/${region}/${name}` },
      ],
      KmsKeyId: KEYVEND_KMS_KEY,
    }),
  );
  return ARN;
}

export const putKey = (SecretId, versionId, SecretString) =>
  client.send(
    new PutSecretValueCommand({
      SecretId,
      ClientRequestToken: versionId,
      SecretString,
      VersionStages: [`keyvend-${versionId}`],
    }),
  );
