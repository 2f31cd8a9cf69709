// `npm start`: keyvend and its clouds on this machine. PORT (3000), KEYVEND_HOME (.keyvend), KEYVEND_CLOUDS_PORT (4010).
import { resolve } from 'node:path';
import { startStack } from './stack/stack.ts';

const number = (name: string, otherwise: number): number => {
  const value = Number(process.env[name] ?? otherwise);
  if (Number.isInteger(value) && value >= 0 && value < 65_536) return value;
  process.stderr.write(`keyvend: ${name} is not a port\n`);
  return process.exit(2);
};
const home = resolve(process.env.KEYVEND_HOME ?? '.keyvend');
const [port, cloudsPort] = [number('PORT', 3000), number('KEYVEND_CLOUDS_PORT', 4010)];

const stack = await startStack({ port, cloudsPort, home }).catch((error: NodeJS.ErrnoException) => {
  const taken = error.code === 'EADDRINUSE' ? 'a port is in use; set PORT or KEYVEND_CLOUDS_PORT' : error.message;
  process.stderr.write(`keyvend: ${taken}\n`);
  return process.exit(1);
});
process.stdout.write(`ready ${stack.endpoint}

curl -sS ${stack.endpoint}/v1/ens/key-pairs -H "authorization: Bearer $(cat ${home}/token)" \\
  -H 'content-type: application/json' -d '{"name":"my-first-key"}'

queues (an SQS API): ${stack.queueEndpoint}/000000000000/keyvend-ens, keyvend-ecs, keyvend-cvm, keyvend-events
clouds: ${stack.clouds.endpoint}
`);

const stop = () => {
  stack.stop().then(
    () => process.exit(0),
    () => process.exit(1),
  );
};
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
