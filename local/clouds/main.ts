// `npm run clouds`: the local clouds as a program. Ends with 0 when told to stop, 2 for a wrong option, 1 for anything else.
import { writeFile } from 'node:fs/promises';
import { assertLoopback } from '../loopback.ts';
import { type Clouds, startClouds } from './clouds.ts';
import { readCommandLine, usage } from './command-line.ts';

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

function fail(message: string, exitCode: 1 | 2): never {
  process.stderr.write(`clouds: ${message}\n`);
  process.exit(exitCode);
}

function described({ ca: _ca, credentials, endpoint, tlsEndpoint }: Clouds): string {
  const rows = Object.entries(credentials).map(([name, fields]) => {
    const [id, secret, token] = Object.values(fields);
    return `  ${name.padEnd(20)}${id}  ${secret}${token ? `\n${' '.repeat(22)}token ${token}` : ''}`;
  });
  return [
    `ENS, ECS and CVM key pairs on ${endpoint} and ${tlsEndpoint}`,
    `Admin: ${endpoint}/admin`,
    '',
    'Test credentials (id, secret):',
    ...rows,
    '',
    'Keys made in a burst share primes and are for tests only; the header x-local-key marks them.',
  ].join('\n');
}

const line = (() => {
  try {
    return readCommandLine(process.argv.slice(2));
  } catch (error) {
    return fail(`${(error as Error).message.split('. ')[0]} (--help lists the options)`, 2);
  }
})();
if (line.help) {
  print(usage);
  process.exit(0);
}

await assertLoopback().catch((error: Error) => fail(error.message, 1));
const clouds = await startClouds(line.clouds).catch((error: NodeJS.ErrnoException) => {
  if (error.code === 'EADDRINUSE') return fail(`port ${line.clouds.port} is in use`, 1);
  return error instanceof TypeError ? fail(error.message, 2) : fail(error.message, 1);
});
const stop = (): void => {
  clouds.close().then(
    () => process.exit(0),
    (error: Error) => fail(error.message, 1),
  );
};
process.once('SIGINT', stop);
process.once('SIGTERM', stop);

if (line.caFile) {
  await writeFile(line.caFile, clouds.ca).catch((error: Error) => fail(`--ca-file: ${error.message}`, 1));
}
const { endpoint, credentials } = clouds;
print(
  line.json
    ? JSON.stringify({ endpoint, alibaba: credentials.alibaba, tencent: credentials.tencent })
    : described(clouds),
);
