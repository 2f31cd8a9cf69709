// KMS as its own Node client calls it (RPC v1, all in the query), and by calls for what that client does not know.
import Kms from '@alicloud/kms20160120';
import Rpc from '@alicloud/rpc-client';
import type { AlibabaCredentials, Clouds } from '../../../local/clouds/clouds.ts';
import { openApiCall, rpcCall } from './sdks.ts';

export const VERSION = '2016-01-20';

type Fields = Record<string, never> & { [name: string]: unknown };
export type KmsCall = (
  action: string,
  query?: Record<string, string>,
  form?: Record<string, string>,
) => Promise<Fields>;

export const kmsClient = (clouds: Pick<Clouds, 'port' | 'credentials'>, credentials?: AlibabaCredentials) =>
  new Kms.default(
    new Rpc.Config({
      ...(credentials ?? clouds.credentials.alibaba),
      regionId: 'cn-hangzhou',
      endpoint: `127.0.0.1:${clouds.port}`,
      protocol: 'http',
    }),
  );

/** RPC v1, for parameters that the client has no name for. */
export const byRpc = (clouds: Pick<Clouds, 'port' | 'credentials'>): KmsCall => {
  const call = rpcCall(clouds, clouds.credentials.alibaba, VERSION);
  return (action, query = {}, form) => call(action, query, form);
};

/** ACS3. */
export const byAcs3 = (clouds: Pick<Clouds, 'port' | 'credentials'>): KmsCall => {
  const call = openApiCall(clouds, clouds.credentials.alibaba, VERSION);
  return (action, query = {}, form) => call(action, query, form);
};

/** The code and the status that a call is refused with; of one that is not, the answer. */
export const refusalOf = (answer: Promise<unknown>): Promise<unknown> =>
  answer.catch((error) => {
    if (error.data?.Code === undefined) throw error;
    return `${error.data.Code} ${error.statusCode ?? error.data.HttpStatus}`;
  });

/** A secret whose first version is `v0`. */
export const aSecret = (call: KmsCall, SecretName = 'web', more: Record<string, string> = {}): Promise<Fields> =>
  call('CreateSecret', { SecretName, VersionId: 'v0', SecretData: 'first', ...more });

export const put = (call: KmsCall, VersionId: string, VersionStages?: readonly string[]): Promise<Fields> =>
  call('PutSecretValue', {
    ...{ SecretName: 'web', VersionId, SecretData: `value of ${VersionId}` },
    ...(VersionStages && { VersionStages: JSON.stringify(VersionStages) }),
  });

/** The stages of each version, those without one included. */
export async function stagesOf(call: KmsCall, SecretName = 'web'): Promise<Record<string, string[]>> {
  const all = { SecretName, IncludeDeprecated: 'true' };
  const { VersionIds } = await call('ListSecretVersionIds', all);
  const rows = (VersionIds as unknown as { VersionId: { VersionId: string; VersionStages: never }[] }).VersionId;
  return Object.fromEntries(
    rows.map(({ VersionId, VersionStages }) => [VersionId, (VersionStages as { VersionStage: string[] }).VersionStage]),
  );
}
