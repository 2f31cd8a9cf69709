#!/usr/bin/env node
// `npx keyvend <command>`. The HTTP API never hands out a private key; `keyvend key` reads one where it is stored.
import { parseArgs } from 'node:util';
import { identityFrom } from '../lib/contract/fields.ts';
import { InvalidRequest } from '../lib/contract/problem-of.ts';
import { VendingError } from '../lib/errors.ts';
import type { Identity } from '../lib/identity.ts';
import { refuseSwitches } from '../lib/platforms/switches.ts';
import { isGlobal, isProvider, providerNames } from '../lib/provider-table.ts';
import { fail } from './fail.ts';
import { checkAccess, compileAccess, explainAccess } from './print-access.ts';
import { verifyAudit } from './print-audit.ts';
import { printKey } from './print-key.ts';
import { confirmLedger, printLedger } from './print-ledger.ts';
import { printReconciled } from './print-reconciled.ts';
import { printRotation } from './print-rotation.ts';

const usage = `keyvend key <${providerNames.join('|')}> <name> [--region R] [--account A] [--out FILE]

  Prints the private key that is stored for a key pair, or writes it to a new file that only you can read.
  Reads the embedded store under KEYVEND_HOME (.keyvend). With KEYVEND_PLATFORM=aws, or KEYVEND_STORE=secrets-manager, it
  reads AWS Secrets Manager with your own rights: AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, KEYVEND_DEPLOYMENT.

keyvend rotate <${providerNames.join('|')}> <name> [--region R] [--account A]

  Starts a rotation and prints its id and state; the worker carries it out.
  Runs beside npm start, or with KEYVEND_PLATFORM=aws and the environment of the deployed functions.

keyvend reconcile [--provider P] [--region R] [--account A] [--fix] [--json]

  Compares ledger, clouds and secret store and lists what disagrees; exits with 1 if anything does.
  Changes nothing unless --fix is given, which settles what is provably keyvend's. Runs beside npm start, or with
  KEYVEND_PLATFORM=aws and the environment of the deployed functions.

keyvend ledger [confirm]

  Says which deployment this is, and whether its ledger is the one that it was: exits with 1 if it was restored or copied, or
  if keys are stored that it does not know of. One that was restored or copied makes and deletes nothing until it is confirmed.

keyvend access check FILE
keyvend access compile FILE
keyvend access explain FILE --as CLAIMS.json RIGHT PROVIDER NAME [--region R] [--account A]

  Checks an access document and says what is wrong or probably not meant; prints it as functions read it; or says why the holder
  of a token with those claims may or may not do one thing: vend, read, rotate and so on. Exits with 1 for what is refused.

keyvend audit verify [--anchors FILE]

  Checks that no entry of any key pair's trail was removed, changed or put in another order; with entries that were kept
  elsewhere, one of JSON a line, also that none is missing at the end. Exits with 1 for a fault.
`;

const options = {
  provider: { type: 'string' },
  region: { type: 'string' },
  account: { type: 'string' },
  out: { type: 'string' },
  as: { type: 'string' },
  anchors: { type: 'string' },
  fix: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
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
const { region, account, out, fix, json, help, provider: wanted } = line.values;

function named(): Identity {
  if (!isProvider(provider) || name === undefined || more.length > 0) return fail(`usage: ${usage}`, 2);
  if (region === undefined && !isGlobal(provider)) {
    const needing = providerNames.filter((one) => !isGlobal(one)).join(' and ');
    return fail(`--region is needed for ${needing}`, 2);
  }
  return identityFrom({ provider, account, region, name });
}

const key = (): Promise<void> => printKey(named(), out);

async function rotate(): Promise<void> {
  await printRotation(named());
  process.exit(0); // connections that are kept alive would hold the process
}

async function reconcile(): Promise<void> {
  if (provider !== undefined) return fail(`usage: ${usage}`, 2);
  const places = Object.entries({ provider: wanted, region, account }).filter(([, value]) => value !== undefined);
  const agrees = await printReconciled({ ...Object.fromEntries(places), fix }, json);
  process.exit(agrees ? 0 : 1); // connections that are kept alive would hold the process
}

async function ledger(): Promise<void> {
  if (name !== undefined || (provider !== undefined && provider !== 'confirm')) return fail(`usage: ${usage}`, 2);
  if (provider === 'confirm') await confirmLedger();
  const good = provider === 'confirm' || (await printLedger());
  process.exit(good ? 0 : 1); // connections that are kept alive would hold the process
}

async function audit(): Promise<void> {
  if (provider !== 'verify' || name !== undefined) return fail(`usage: ${usage}`, 2);
  const whole = await verifyAudit(line.values.anchors);
  process.exit(whole ? 0 : 1); // connections that are kept alive would hold the process
}

function access(): unknown {
  const [action, file, right, at, called, ...rest] = line.positionals.slice(1);
  const usual = right === undefined && line.values.as === undefined;
  if (file !== undefined && usual && action === 'check') return checkAccess(file);
  if (file !== undefined && usual && action === 'compile') return compileAccess(file);
  if (
    file === undefined ||
    action !== 'explain' ||
    line.values.as === undefined ||
    right === undefined ||
    rest.length > 0
  )
    return fail(`usage: ${usage}`, 2);
  const allowed = explainAccess(
    file,
    line.values.as,
    right,
    identityFrom({ provider: at, account, region, name: called }),
  );
  process.exitCode = allowed ? 0 : 1;
}

const commands = new Map(Object.entries({ access, audit, key, rotate, reconcile, ledger }));

try {
  refuseSwitches(process.env, process.execArgv);
  if (help) process.stdout.write(usage);
  else await (commands.get(command ?? '') ?? (() => fail(`usage: ${usage}`, 2)))();
} catch (error) {
  if (error instanceof InvalidRequest)
    fail(error.fields.map(({ pointer, detail }) => `${pointer.replace('#/', '')} ${detail}`).join('; '), 2);
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EEXIST') fail('that file exists already; it was not touched', 1);
  fail(error instanceof VendingError || error instanceof TypeError ? error.message : `this failed (${code})`, 1);
}
