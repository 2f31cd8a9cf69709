// Private keys in Alibaba KMS, by its official client. The clouds' access keys are in the environment.
import Kms, { CreateSecretRequest, PutSecretValueRequest } from '@alicloud/kms20160120';
import { Config } from '@alicloud/rpc-client';

const endpoint = new URL(process.env.KEYVEND_ALIBABA_KMS_ENDPOINT);
const client = new Kms.default(
  new Config({
    accessKeyId: process.env.ALIBABA_CLOUD_ACCESS_KEY_ID,
    accessKeySecret: process.env.ALIBABA_CLOUD_ACCESS_KEY_SECRET,
    regionId: process.env.KEYVEND_ALIBABA_KMS_REGION,
    protocol: endpoint.protocol.slice(0, -1),
    endpoint: endpoint.host,
  }),
);
const upstream = JSON.parse(process.env.KEYVEND_UPSTREAM);

export const accessKeyOf = async ({ provider, account }) => upstream[provider][account];

export async function createSecret({ provider, account, region, name }, token) {
  const secretName = `keyvend/${provider}/${account}/${region}/${name.replaceAll(':', '=3A')}`;
  const tags = JSON.stringify([{ TagKey: 'keyvend', TagValue: process.env.KEYVEND_DEPLOYMENT }]);
  await client.createSecret(new CreateSecretRequest({ secretName, versionId: token, secretData: 'none yet', tags }));
  return secretName;
}

export const putKey = (secretName, versionId, secretData) =>
  client.putSecretValue(
    new PutSecretValueRequest({
      ...{ secretName, versionId, secretData },
      versionStages: JSON.stringify([`keyvend-${versionId}`]),
    }),
  );
