// CVM with its official client, the way its documentation shows it.
import { cvm } from 'tencentcloud-sdk-nodejs-cvm';
import { z } from 'zod';
import { functionsOf } from './functions.mjs';
import { vend } from './vend.mjs';

const Body = z.strictObject({
  account: z.string().default('default'),
  region: z.string().regex(/^[a-z0-9-]+$/),
  name: z.string().regex(/^[A-Za-z0-9_]{1,25}$/),
  projectId: z.number().int().min(0),
  tags: z.record(z.string().min(1).max(128), z.string().max(128)).optional(),
});

const cloud = {
  isPaced: true,
  connect({ secretId, secretKey }, { region }) {
    const client = new cvm.v20170312.Client({
      credential: { secretId, secretKey },
      region,
      profile: { httpProfile: { endpoint: new URL(process.env.KEYVEND_CVM_ENDPOINT).host } },
    });
    return {
      async create({ name }, { projectId, tags = {} }) {
        const all = { ...tags, keyvend: process.env.KEYVEND_DEPLOYMENT };
        const Tags = Object.entries(all).map(([Key, Value]) => ({ Key, Value }));
        const { KeyPair } = await client.CreateKeyPair({
          KeyName: name,
          ProjectId: projectId,
          TagSpecification: [{ ResourceType: 'keypair', Tags }],
        });
        return { keyPairId: KeyPair.KeyId, publicKey: KeyPair.PublicKey, privateKey: KeyPair.PrivateKey };
      },
    };
  },
};

export const { http, queue } = functionsOf(Body, ({ account, region, name, ...request }, caller) =>
  vend(cloud, { provider: 'cvm', account, region, name }, request, caller),
);
