// `npm start -- --check` and `keyvend check`: what is configured, what is not, and what would be refused.
import { resolve } from 'node:path';
import { OPEN } from '../lib/access/access-document.ts';
import { WrongDocument } from '../lib/access/compile.ts';
import { VendingError } from '../lib/errors.ts';
import { describedConfiguration } from '../lib/platforms/described-configuration.ts';
import { providerNames, variableOf } from '../lib/provider-table.ts';
import { compiledFile } from './compiled-file.ts';
import { OF_COMMANDS } from './of-commands.ts';
import { runHere } from './run-here.ts';
import { usualEnvironment } from './stack/environment.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What `npm start` and the local clouds read, beside the functions. */
const others = [
  'KEYVEND_CLOUDS',
  'KEYVEND_CLOUDS_CA',
  'KEYVEND_CLOUDS_PORT',
  'KEYVEND_RECOVERY_MS',
  'KEYVEND_HOME',
  ...OF_COMMANDS,
];

/** Starts nothing. @param given what was set for `npm start` @returns whether nothing would be refused */
export function checkStart(given: Environment): boolean {
  const { KEYVEND_ACCESS: access, ...rest } = given;
  const atStart = 'http://127.0.0.1:1'; // a port is found when it starts
  const environment = {
    ...rest,
    ...usualEnvironment(given),
    KEYVEND_HOME: resolve(given.KEYVEND_HOME ?? '.keyvend'),
    KEYVEND_ACCESS: access === OPEN ? OPEN : 'access.json',
    KEYVEND_JWKS_URI: atStart,
    ...Object.fromEntries(providerNames.map((provider) => [variableOf(provider, 'ENDPOINT'), atStart])),
    KEYVEND_UPSTREAM: '{}',
    KEYVEND_EVENTS_URL: atStart,
    KEYVEND_ROTATION_QUEUE_URL: atStart,
    AWS_ENDPOINT_URL_SQS: atStart,
    KEYVEND_QUEUE_KEY: 'found:later',
  };
  const wrong: string[] = [];
  try {
    if (access !== undefined && access !== OPEN) compiledFile(access);
  } catch (error) {
    if (!(error instanceof WrongDocument)) throw error;
    wrong.push(...error.reasons.map((reason) => `the access document: ${reason}`));
  }
  const own = new Set(Object.keys(given).filter((name) => name.startsWith('KEYVEND_')));
  return print(environment, wrong, (name) => own.has(name));
}

/** With the environment that it finds, or, where that names no platform, with that of `npm start` on this machine. */
export async function checkHere(json: boolean): Promise<boolean> {
  runHere();
  if (!print(process.env, [], undefined, json)) return false;
  const { records } = await import('../lib/platforms/records.ts'); // reads its configuration when it is loaded
  const { forRotation } = await import('../lib/platforms/for-rotation.ts');
  const { assertConfiguration } = await import('../lib/application/one-configuration.ts');
  try {
    await assertConfiguration(await records.ledger(), records.clock, forRotation.own());
    if (!json) process.stdout.write('\nthe functions of this deployment have the same\n');
    return true;
  } catch (error) {
    if (!(error instanceof VendingError) || json) throw error;
    process.stdout.write(`\n${error.code}: ${error.message}\n`);
    return false;
  }
}

function print(
  environment: Environment,
  wrong: readonly string[],
  isOwn: (name: string) => boolean = () => true,
  json = false,
): boolean {
  const { set, usual, off, refused } = describedConfiguration(environment, others);
  const all = [...refused, ...wrong];
  if (json) {
    process.stdout.write(`${JSON.stringify({ set, usual, off, refused: all })}\n`);
    return all.length === 0;
  }
  const rows = (values: Readonly<Record<string, string>>) =>
    Object.entries(values)
      .sort()
      .map(([name, value]) => `  ${name.padEnd(30)} ${value === '' ? '(empty)' : value}`);
  const own = Object.fromEntries(Object.entries(set).filter(([name]) => isOwn(name)));
  const started = Object.keys(set).filter((name) => !isOwn(name));
  process.stdout.write(
    [
      ...(Object.keys(own).length > 0 ? ['set', ...rows(own)] : ['set: nothing']),
      ...(started.length > 0 ? ['', `set when it starts: ${started.sort().join(', ')}`] : []),
      ...['', 'by default', ...rows(usual)],
      ...['', ...(off.length > 0 ? ['off', ...off.map((one) => `  ${one}`)] : ['off: nothing'])],
      ...[
        '',
        ...(all.length > 0 ? ['would be refused', ...all.map((one) => `  ${one}`)] : ['would be refused: nothing']),
      ],
      '',
    ].join('\n'),
  );
  return all.length === 0;
}
