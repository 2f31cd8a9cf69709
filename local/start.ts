// `npm start`: keyvend and its clouds on this machine. PORT (3000), KEYVEND_HOME (.keyvend), KEYVEND_CLOUDS_PORT (4010). With
// KEYVEND_CLOUDS, a file as `npm run clouds -- --json` prints it, and KEYVEND_CLOUDS_CA, its `--ca-file`, it uses those clouds
// and starts none. KEYVEND_ACCESS is an access document (access/example.yaml), KEYVEND_HOST_NETWORKS is where hosts may be (this
// machine). KEYVEND_RECOVERY_MS (15000) is how often it looks for what was left open, and for what is due to be rotated.
// `npm start -- --check` starts nothing, and says what is configured, what is not, and what would be refused.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { portalFolder } from '../lib/platforms/portal.ts';
import { refuseSwitches } from '../lib/platforms/switches.ts';
import { buildPortal } from './build-portal.ts';
import { fail, sentenceOf } from './fail.ts';
import { checkStart } from './print-check.ts';
import { doubtsAbout } from './print-ledger.ts';
import { shellWord } from './shell-word.ts';
import { type RunningClouds, startStack } from './stack/stack.ts';

try {
  refuseSwitches(process.env, process.execArgv); // before anything is opened that they could show
} catch (error) {
  fail((error as Error).message, 2);
}
if (process.argv.includes('--check')) process.exit(checkStart(process.env) ? 0 : 1);
const number = (name: string, otherwise: number, most = 65_535): number => {
  const value = Number(process.env[name] ?? otherwise);
  if (Number.isInteger(value) && value >= 0 && value <= most) return value;
  process.stderr.write(`keyvend: ${name} is not ${most === 65_535 ? 'a port' : 'a number in its range'}\n`);
  return process.exit(2);
};
const home = resolve(process.env.KEYVEND_HOME ?? '.keyvend');
const [port, cloudsPort] = [number('PORT', 3000), number('KEYVEND_CLOUDS_PORT', 4010)];

const recoverEveryMs = Math.max(100, number('KEYVEND_RECOVERY_MS', 15_000, 3_600_000));
const running = runningClouds();

const { KEYVEND_ACCESS: access } = process.env;
const stack = await startStack({
  ...{ port, cloudsPort, home, recoverEveryMs },
  ...(running && { clouds: running }),
  ...(access && { access }),
}).catch((error: unknown) => fail(sentenceOf(error), 1));
// Once; npm run portal builds it anew. Whatever keeps it from being built keeps nothing else from running.
const page = portalFolder() ?? (await buildPortal().catch(() => undefined));
process.stdout.write(`ready ${stack.endpoint}

curl -sS ${stack.endpoint}/v1/ens/key-pairs -H "authorization: Bearer $(cat ${shellWord(join(home, 'token'))})" \\
  -H 'content-type: application/json' -d '{"name":"my-first-key"}'

queues (an SQS API; its key is in ${join(home, 'queue-credentials')}): ${stack.queueEndpoint}/000000000000/keyvend-ens, keyvend-ecs, keyvend-cvm, keyvend-rotation, keyvend-events
portal: ${page ? `${stack.endpoint}/portal/  (sign in as operator, team-a or auditor; without a password)` : 'not built; npm run portal says why'}
sign in at: ${stack.issuer}
clouds: ${stack.clouds.endpoint}
hosts: ${process.env.KEYVEND_HOST_NETWORKS}, set KEYVEND_HOST_NETWORKS to log in elsewhere than on this machine
`);

// The first look at ledger and store: a store whose key was not restored is not gone on with.
const look = await stack.ledger().catch((error: Error) => fail(error.message, 1));
for (const doubt of doubtsAbout(look)) process.stderr.write(`keyvend: ${doubt}\n`);

function runningClouds(): RunningClouds | undefined {
  const { KEYVEND_CLOUDS: file, KEYVEND_CLOUDS_CA: ca } = process.env;
  if (file === undefined || ca === undefined) return undefined;
  const { endpoint, alibaba, tencent } = JSON.parse(readFileSync(file, 'utf8'));
  const tlsEndpoint = String(endpoint).replace('http:', 'https:');
  return { endpoint, tlsEndpoint, ca: readFileSync(ca, 'utf8'), credentials: { alibaba, tencent } };
}

const stop = () => {
  stack.stop().then(
    () => process.exit(0),
    () => process.exit(1),
  );
};
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
