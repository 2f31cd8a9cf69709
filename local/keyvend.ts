#!/usr/bin/env node
// `npx keyvend key <provider> <name>`: reads a private key from the secret store itself, with the rights of whoever runs it.
// The HTTP API never hands one out.
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { VendingError } from '../lib/errors.ts';
import { readersStore } from '../lib/runtime/readers-store.ts';
import { isProvider } from '../lib/vending/identity.ts';

const usage = `keyvend key <ens|ecs|cvm> <name> [--region R] [--account A] [--out FILE]

Prints the private key that is stored for a key pair, or writes it to a new file that only you can read.
Reads the embedded store under KEYVEND_HOME (.keyvend), or with KEYVEND_PLATFORM=aws AWS Secrets Manager as you,
by AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, for the deployment KEYVEND_DEPLOYMENT.
`;

function fail(message: string, code: 1 | 2): never {
  process.stderr.write(`keyvend: ${message}\n`);
  process.exit(code);
}

const options = {
  region: { type: 'string' },
  account: { type: 'string', default: 'default' },
  out: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;
const line = (() => {
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch {
    return fail('unknown option; --help lists them', 2);
  }
})();
const [command, provider, name, ...more] = line.positionals;
const { region, account, out, help } = line.values;
if (help) {
  process.stdout.write(usage);
  process.exit(0);
}
if (command !== 'key' || !isProvider(provider) || name === undefined || more.length > 0) fail(`usage: ${usage}`, 2);
const place = region ?? (provider === 'ens' ? 'global' : fail('--region is needed for ecs and cvm', 2));

try {
  const store = await readersStore(process.env);
  const key = await store.reveal({ provider, account, region: place, name });
  await store.close();
  if (key === undefined) fail('no key is stored under that name there', 1);
  if (out === undefined) process.stdout.write(key.reveal());
  else await writeFile(resolve(out), key.reveal(), { mode: 0o600, flag: 'wx' });
} catch (error) {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EEXIST') fail('that file exists already; it was not touched', 1);
  fail(error instanceof VendingError || error instanceof TypeError ? error.message : `cannot read it (${code})`, 1);
}
