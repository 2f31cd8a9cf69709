// The unmodified official clients, pointed at the local clouds.
import Ecs from '@alicloud/ecs20140526';
import OpenApi, { $OpenApiUtil } from '@alicloud/openapi-core';
import Rpc from '@alicloud/rpc-client';
import { CommonClient } from 'tencentcloud-sdk-nodejs-common';
import { cvm } from 'tencentcloud-sdk-nodejs-cvm';
import type { AlibabaCredentials, Clouds, TencentCredentials } from '../../../local/clouds/clouds.ts';

const endpointOf = ({ port }: Pick<Clouds, 'port'>): string => `127.0.0.1:${port}`;

/** @param signatureAlgorithm `v2` signs as RPC v1; default ACS3 */
export const ecsClient = (clouds: Pick<Clouds, 'port'>, credentials: AlibabaCredentials, signatureAlgorithm?: 'v2') =>
  new Ecs.default(
    new $OpenApiUtil.Config({
      ...credentials,
      regionId: 'cn-hangzhou',
      endpoint: endpointOf(clouds),
      protocol: 'http',
      ...(signatureAlgorithm && { signatureAlgorithm }),
    }),
  );

/** Calls of ENS, for which there is no package on npm, or of another product by its version. */
export function openApiCall(clouds: Pick<Clouds, 'port'>, credentials: AlibabaCredentials, version = '2017-11-10') {
  const client = new OpenApi.default(
    new $OpenApiUtil.Config({ ...credentials, endpoint: endpointOf(clouds), protocol: 'http' }),
  );
  return async (action: string, query: Record<string, string>, body?: Record<string, string>) => {
    const params = new $OpenApiUtil.Params({
      action,
      version,
      protocol: 'HTTPS',
      pathname: '/',
      method: 'POST',
      authType: 'AK',
      style: 'RPC',
      reqBodyType: 'formData',
      bodyType: 'json',
    });
    const request = new $OpenApiUtil.OpenApiRequest({ query, ...(body && { body }) });
    const answer = await client.callApi(params, request, {} as Parameters<typeof client.callApi>[2]);
    return answer.body as Record<string, never> & { [name: string]: unknown };
  };
}

export function rpcCall(clouds: Pick<Clouds, 'port'>, credentials: AlibabaCredentials, version = '2017-11-10') {
  const client = new Rpc.default(
    new Rpc.Config({ ...credentials, endpoint: endpointOf(clouds), protocol: 'http', regionId: 'cn-hangzhou' }),
  );
  return async (action: string, query: Record<string, string>, body?: Record<string, string>) =>
    (await client.doRequest(
      action,
      'HTTP',
      body ? 'POST' : 'GET',
      version,
      'AK',
      query,
      body ?? (null as unknown as Record<string, string>),
      {} as Parameters<typeof client.doRequest>[7],
    )) as Record<string, never> & { [name: string]: unknown };
}

export type TencentSigning = 'TC3-HMAC-SHA256' | 'HmacSHA256' | 'HmacSHA1';

export const cvmClient = (
  clouds: Pick<Clouds, 'port'>,
  credential: TencentCredentials,
  {
    signMethod = 'TC3-HMAC-SHA256',
    reqMethod = 'POST',
  }: { signMethod?: TencentSigning; reqMethod?: 'GET' | 'POST' } = {},
) =>
  new cvm.v20170312.Client({
    credential,
    region: 'ap-tokyo',
    profile: {
      signMethod,
      httpProfile: { endpoint: endpointOf(clouds), protocol: 'http://', reqMethod, reqTimeout: 20 },
    },
  });

const tencentVersions = { sts: '2018-08-13', as: '2018-04-19', region: '2022-06-27', cvm: '2017-03-12' } as const;

/** By what all of Tencent's clients are made of. */
export const commonClient = (
  clouds: Pick<Clouds, 'port'>,
  credential: TencentCredentials,
  product: keyof typeof tencentVersions,
) =>
  new CommonClient(`${product}.tencentcloudapi.com`, tencentVersions[product], {
    credential,
    region: 'ap-tokyo',
    profile: { httpProfile: { endpoint: endpointOf(clouds), protocol: 'http://', reqTimeout: 20 } },
  });
