// `npm run issuer`: an issuer of tokens on this machine, for trying out a server without one's own. Its key is made at every start, so tokens of
// an earlier start are not valid any more. `--port N` (4011)  `--token-file FILE` (token)  `--groups A,B` (keyvend-operators)
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { fail, sentenceOf } from './fail.ts';
import { assertLoopback } from './loopback.ts';
import { AUDIENCE, writePrivately } from './stack/environment.ts';
import { servedIssuer } from './stack/issuer.ts';

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
const { url, keysUri, token, stop } = await servedIssuer(AUDIENCE, { port: Number(values.port) }).catch(
  (error: unknown) => fail(sentenceOf(error), 1),
);
const file = resolve(values['token-file']);
await writePrivately(file, await token('operator', 12, { groups: values.groups.split(',') }));
process.stdout.write(`issuer ${url}, keys ${keysUri}, audience ${AUDIENCE}\na token for twelve hours: ${file}\n`);

const end = () => void stop().then(() => process.exit(0));
process.once('SIGINT', end);
process.once('SIGTERM', end);
