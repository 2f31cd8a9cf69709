// The usual glue, as a yardstick: create the key pair, then put the secret, with the official clients. Not part of keyvend.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { CreateKeyPairRequest } from '@alicloud/ecs20140526';
import { cvmClient, ecsClient, openApiCall } from '../../tests/clouds/support/sdks.ts';

const { KEYVEND_CLOUDS = '', KEYVEND_HOME = '', PORT = '0' } = process.env;
const { endpoint, alibaba, tencent } = JSON.parse(readFileSync(KEYVEND_CLOUDS, 'utf8'));
const clouds = { port: Number(new URL(endpoint).port) };
mkdirSync(KEYVEND_HOME, { recursive: true });

const create = {
  async ens({ name }: Asked) {
    const made = await openApiCall(clouds, alibaba)('CreateKeyPair', { KeyPairName: name });
    return { id: made.KeyPairId, key: String(made.PrivateKeyBody) };
  },
  async ecs({ name, region }: Asked) {
    const asked = new CreateKeyPairRequest({ regionId: region, keyPairName: name });
    const { body } = await ecsClient(clouds, alibaba).createKeyPair(asked);
    return { id: body?.keyPairId, key: String(body?.privateKeyBody) };
  },
  async cvm({ name }: Asked) {
    const { KeyPair } = await cvmClient(clouds, tencent).CreateKeyPair({ KeyName: name, ProjectId: 0 });
    return { id: KeyPair?.KeyId, key: String(KeyPair?.PrivateKey) };
  },
};
type Asked = { readonly name: string; readonly region: string };

const server = createServer(async (request, response) => {
  try {
    const provider = request.url?.split('/')[2] as keyof typeof create;
    const asked: Asked = JSON.parse(await text(request));
    const { id, key } = await create[provider](asked);
    writeFileSync(`${KEYVEND_HOME}/${provider}-${asked.name}.pem`, key);
    response.writeHead(201).end(JSON.stringify({ keyPairId: id }));
  } catch (error) {
    const taken = /Duplicate|AlreadyExist|Existed/.test(String((error as { code?: string }).code));
    response.writeHead(taken ? 409 : 502).end('{}');
  }
});
server.listen(Number(PORT), '127.0.0.1', () => process.stdout.write(`ready on ${PORT}\n`));
