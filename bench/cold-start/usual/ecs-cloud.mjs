// ECS with its official client, the way its documentation shows it.
import Ecs, { CreateKeyPairRequest, CreateKeyPairRequestTag, DescribeKeyPairsRequest } from '@alicloud/ecs20140526';
import { $OpenApiUtil } from '@alicloud/openapi-core';
import { z } from 'zod';

export const Body = z.strictObject({
  account: z.string().default('default'),
  region: z.string().regex(/^[a-z0-9-]+$/),
  name: z.string().regex(/^(?!https?:\/\/)[A-Za-z][A-Za-z0-9:_-]{1,127}$/),
  resourceGroupId: z.string().optional(),
  tags: z.record(z.string().min(1).max(128), z.string().max(128)).optional(),
});

export const cloud = {
  looksAfter: true,
  connect(accessKey, { region: regionId }) {
    const endpoint = new URL(process.env.KEYVEND_ECS_ENDPOINT).host;
    const client = new Ecs.default(new $OpenApiUtil.Config({ ...accessKey, regionId, endpoint }));
    return {
      async create({ name }, { tags = {}, resourceGroupId }) {
        const all = { ...tags, keyvend: process.env.KEYVEND_DEPLOYMENT };
        const tag = Object.entries(all).map(([key, value]) => new CreateKeyPairRequestTag({ key, value }));
        const { body } = await client.createKeyPair(
          new CreateKeyPairRequest({ regionId, keyPairName: name, resourceGroupId, tag }),
        );
        return {
          keyPairId: body.keyPairId,
          fingerprint: body.keyPairFingerPrint,
          privateKey: body.privateKeyBody,
        };
      },
      async find({ name }) {
        const asked = { regionId, keyPairName: name, includePublicKey: true, pageNumber: 1, pageSize: 50 };
        const { body } = await client.describeKeyPairs(new DescribeKeyPairsRequest(asked));
        const pair = body.keyPairs?.keyPair?.find(({ keyPairName }) => keyPairName === name);
        return pair && { fingerprint: pair.keyPairFingerPrint, publicKey: pair.publicKey };
      },
    };
  },
};
