// ENS, for which there is no package: Alibaba's generic client, the way its documentation shows it.
import OpenApi, { $OpenApiUtil } from '@alicloud/openapi-core';
import { z } from 'zod';
import { functionsOf } from './functions.mjs';
import { vend } from './vend.mjs';

const Body = z.strictObject({
  account: z.string().default('default'),
  name: z.string().regex(/^(?!https?:\/\/)[A-Za-z][A-Za-z0-9:_-]{1,127}$/),
});

const cloud = {
  looksFirst: true,
  looksAfter: true,
  connect(accessKey) {
    const endpoint = new URL(process.env.KEYVEND_ENS_ENDPOINT).host;
    const client = new OpenApi.default(new $OpenApiUtil.Config({ ...accessKey, endpoint }));
    const call = async (action, query) => {
      const params = new $OpenApiUtil.Params({
        action,
        version: '2017-11-10',
        protocol: 'HTTPS',
        pathname: '/',
        method: 'POST',
        authType: 'AK',
        style: 'RPC',
        reqBodyType: 'formData',
        bodyType: 'json',
      });
      return (await client.callApi(params, new $OpenApiUtil.OpenApiRequest({ query }), {})).body;
    };
    return {
      async create({ name }) {
        const body = await call('CreateKeyPair', { KeyPairName: name });
        return { keyPairId: body.KeyPairId, fingerprint: body.KeyPairFingerPrint, privateKey: body.PrivateKeyBody };
      },
      async find({ name }) {
        const { KeyPairs } = await call('DescribeKeyPairs', { KeyPairName: name, PageNumber: '1', PageSize: '50' });
        const pair = KeyPairs.KeyPair.find(({ KeyPairName }) => KeyPairName === name);
        return pair && { fingerprint: pair.KeyPairFingerPrint };
      },
    };
  },
};

export const { http, queue } = functionsOf(Body, ({ account, name, ...request }, caller) =>
  vend(cloud, { provider: 'ens', account, region: 'global', name }, request, caller),
);
