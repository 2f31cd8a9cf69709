// `npx keyvend <command>`. The HTTP API never hands out a private key; `keyvend key` reads one where it is stored.
import { parseArgs } from 'node:util';
import { identityFrom } from '../lib/contract/fields.ts';
import { InvalidRequest } from '../lib/contract/problem-of.ts';
import { VendingError } from '../lib/errors.ts';
import type { Identity } from '../lib/identity.ts';
import { refuseSwitches } from '../lib/platforms/switches.ts';
import { isGlobal, isProvider, providerNames } from '../lib/provider-table.ts';
import { fail } from './fail.ts';
import { init } from './init.ts';
import { checkAccess, compileAccess, explainAccess } from './print-access.ts';
import { verifyAudit } from './print-audit.ts';
import { checkHere } from './print-check.ts';
import { printDoctor } from './print-doctor.ts';
import { printKey, printWhere } from './print-key.ts';
import { printKeyPair } from './print-key-pair.ts';
import { confirmLedger, printLedger } from './print-ledger.ts';
import { printMessage, printQueue, putBack } from './print-queue.ts';
import { printReconciled } from './print-reconciled.ts';
import { printCancelled, printRotate, printShown, printWaited, printWaived } from './print-rotation.ts';
import { serveHere } from './serve.ts';
import { usage } from './usage.ts';
import { type Goal, goals } from './wait-for-rotation.ts';

const options = {
  provider: { type: 'string' },
  region: { type: 'string' },
  account: { type: 'string' },
  out: { type: 'string' },
  as: { type: 'string' },
  anchors: { type: 'string' },
  id: { type: 'string' },
  host: { type: 'string', multiple: true },
  until: { type: 'string' },
  config: { type: 'string' },
  queue: { type: 'string' },
  state: { type: 'string' },
  timeout: { type: 'string' },
  fix: { type: 'boolean', default: false },
  where: { type: 'boolean', default: false },
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
if (line.values.config !== undefined) process.env.KEYVEND_CONFIG = line.values.config;
const [command, ...words] = line.positionals;
const [provider, name] = words;
const { region, account, out, fix, json, help, provider: wanted } = line.values;
const misused = (): never => fail(`usage: ${usage}`, 2);

/** @param given provider and name, and nothing else */
function named(given = words): Identity {
  const [provider, name, ...more] = given;
  if (!isProvider(provider) || name === undefined || more.length > 0) return misused();
  if (region === undefined && !isGlobal(provider)) {
    const needing = providerNames.filter((one) => !isGlobal(one)).join(' and ');
    return fail(`--region is needed for ${needing}`, 2);
  }
  return identityFrom({ provider, account, region, name });
}

const key = (): unknown => (line.values.where ? printWhere(named()) : printKey(named(), out));

async function show(): Promise<void> {
  await printKeyPair(named(), json);
  process.exit(0); // connections that are kept alive would hold the process
}

async function rotate(): Promise<void> {
  await printRotate(named());
  process.exit(0); // connections that are kept alive would hold the process
}

async function rotation(): Promise<void> {
  const { id, host: hosts = [], until = 'promoted', timeout } = line.values;
  const [action, ...pair] = words;
  const which = { identity: named(pair), id };
  const isGoal = (word: string): word is Goal => (goals as readonly string[]).includes(word);
  if (!isGoal(until)) return fail(`--until takes ${goals.join(', ')}`, 2);
  if (timeout !== undefined && !/^\d{1,7}$/.test(timeout)) return fail('--timeout takes a whole number of seconds', 2);
  const timeoutMs = timeout === undefined ? undefined : 1_000 * Number(timeout);
  if (action === 'waive' && hosts.length === 0)
    return fail('--host is needed: user@host:port, as the rotation lists it', 2);
  const actions: Readonly<Record<string, () => Promise<unknown>>> = {
    show: () => printShown(which, json),
    wait: () => printWaited(which, until, timeoutMs),
    cancel: () => printCancelled(which),
    waive: () => printWaived(which, hosts),
  };
  const act = Object.hasOwn(actions, action ?? '') ? actions[action!]! : misused;
  process.exit((await act()) === false ? 1 : 0); // connections that are kept alive would hold the process
}

async function reconcile(): Promise<void> {
  if (provider !== undefined) return misused();
  const places = Object.entries({ provider: wanted, region, account }).filter(([, value]) => value !== undefined);
  const agrees = await printReconciled({ ...Object.fromEntries(places), fix }, json);
  process.exit(agrees ? 0 : 1); // connections that are kept alive would hold the process
}

async function ledger(): Promise<void> {
  if (name !== undefined || (provider !== undefined && provider !== 'confirm')) return misused();
  if (provider === 'confirm') await confirmLedger();
  const good = provider === 'confirm' || (await printLedger());
  process.exit(good ? 0 : 1); // connections that are kept alive would hold the process
}

async function audit(): Promise<void> {
  if (provider !== 'verify' || name !== undefined) return misused();
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
    return misused();
  const allowed = explainAccess(
    file,
    line.values.as,
    right,
    identityFrom({ provider: at, account, region, name: called }),
  );
  process.exitCode = allowed ? 0 : 1;
}

async function queue(): Promise<void> {
  const { queue: only, state } = line.values;
  const [action, queueName, id, ...rest] = words;
  if (action === 'list' && queueName === undefined) {
    await printQueue({ queue: only, state }, json);
    process.exit(0); // connections that are kept alive would hold the process
  }
  if (queueName === undefined || id === undefined || rest.length > 0) return misused();
  const actions: Readonly<Record<string, () => Promise<boolean>>> = {
    show: () => printMessage(queueName, id, json),
    'put-back': () => putBack(queueName, id),
  };
  const act = Object.hasOwn(actions, action ?? '') ? actions[action!]! : misused;
  process.exit((await act()) ? 0 : 1); // connections that are kept alive would hold the process
}

async function check(): Promise<void> {
  if (provider !== undefined) return misused();
  process.exit((await checkHere()) ? 0 : 1); // connections that are kept alive would hold the process
}

async function serve(): Promise<void> {
  if (provider !== undefined) return misused();
  await serveHere();
}

function initHere(): void {
  if (name !== undefined) misused();
  process.exitCode = init(provider ?? '.') ? 0 : 1;
}

async function doctor(): Promise<void> {
  if (provider !== undefined) return misused();
  process.exit((await printDoctor(json)) ? 0 : 1); // connections that are kept alive would hold the process
}

const commands = new Map(
  Object.entries({
    access,
    audit,
    check,
    key,
    show,
    rotate,
    rotation,
    reconcile,
    ledger,
    serve,
    queue,
    init: initHere,
    doctor,
  }),
);

try {
  refuseSwitches(process.env, process.execArgv);
  if (help) process.stdout.write(usage);
  else await (commands.get(command ?? '') ?? misused)();
} catch (error) {
  if (error instanceof InvalidRequest)
    fail(error.fields.map(({ pointer, detail }) => `${pointer.replace('#/', '')} ${detail}`).join('; '), 2);
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EEXIST') fail('that file exists already; it was not touched', 1);
  fail(error instanceof VendingError || error instanceof TypeError ? error.message : `this failed (${code})`, 1);
}
