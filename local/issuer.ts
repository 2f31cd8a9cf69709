// `npm run issuer`: an issuer of tokens on this machine, for trying out a server without one's own. Its key is made at every start, so tokens of
// an earlier start are not valid any more. `--port N` (4011)  `--token-file FILE` (token)  `--groups A,B` (keyvend-operators)
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { fail, sentenceOf } from './fail.ts';
import { guardedServer } from './guard.ts';
import { assertLoopback } from './loopback.ts';
import { AUDIENCE, writePrivately } from './stack/environment.ts';
import { issuer } from './stack/issuer.ts';

const { values } = (() => {
  try {
    return parseArgs({
      options: {
        port: { type: 'string', default: '4011' },
        'token-file': { type: 'string', default: 'token' },
        groups: { type: 'string', default: 'keyvend-operators' },
      },
    });
  } catch {
    return fail('--port N, --token-file FILE and --groups A,B are what there is', 2);
  }
})();
if (!/^\d{1,5}$/.test(values.port)) fail('--port takes the number of a port', 2);

await assertLoopback();
let documents: Readonly<Record<string, object>> = {};
const server = await guardedServer(({ method, url = '' }, response) => {
  const document = method === 'GET' ? documents[url] : undefined;
  response.writeHead(document ? 200 : 404, { 'content-type': 'application/json' });
  response.end(JSON.stringify(document ?? { message: 'Not Found' }));
}, Number(values.port)).catch((error: unknown) => fail(sentenceOf(error), 1));
const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const { keys, token } = await issuer(at, AUDIENCE);
documents = { '/jwks': keys, '/.well-known/openid-configuration': { issuer: at, jwks_uri: `${at}/jwks` } };
const file = resolve(values['token-file']);
await writePrivately(file, await token('operator', 12, { groups: values.groups.split(',') }));
process.stdout.write(`issuer ${at}, keys ${at}/jwks, audience ${AUDIENCE}\na token for twelve hours: ${file}\n`);

const stop = () => server.close(() => process.exit(0));
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
