// `keyvend reconcile`: compares ledger, clouds and secret store with each other, as the scheduled function does. Changes
// nothing without `--fix`.
import { resolve } from 'node:path';
import { type Reconciled, recoveryJobs } from '../lib/application/recovery-jobs.ts';
import { connectionOf } from '../lib/providers/connect.ts';
import { readEnvironment } from './stack/environment.ts';

export interface Wanted {
  readonly provider?: string;
  readonly account?: string;
  readonly region?: string;
  readonly fix: boolean;
}

const HOUR_MS = 3_600_000;

/**
 * Runs with the environment it finds, or, where that names no platform, with that of `npm start` on this machine.
 * @returns whether everything agrees; what others made counts as agreeing
 */
export async function printReconciled(wanted: Wanted, json: boolean): Promise<boolean> {
  if (process.env.KEYVEND_PLATFORM === undefined) {
    Object.assign(process.env, readEnvironment(resolve(process.env.KEYVEND_HOME ?? '.keyvend')));
  }
  process.env.POWERTOOLS_LOG_LEVEL ??= 'SILENT';
  const { runtime } = await import('../lib/platforms/runtime.ts'); // reads its configuration when it is loaded
  const { places, failed } = await recoveryJobs(runtime, connectionOf).reconcileAll(wanted, HOUR_MS);
  for (const { provider, account, region } of failed) {
    process.stderr.write(`keyvend: ${provider} ${account} ${region} could not be read\n`);
  }
  process.stdout.write(json ? `${JSON.stringify(places)}\n` : shown(places));
  const doubtful = places.flatMap(({ findings }) => findings.filter(({ kind }) => !agreeing.has(kind)));
  return failed.length === 0 && doubtful.every(({ fixed }) => fixed === 'settled');
}

const agreeing: ReadonlySet<string> = new Set(['matched', 'foreign', 'in-progress']);

function shown(places: readonly Reconciled[]): string {
  if (places.length === 0) return 'the ledger knows of no key pair in such a place\n';
  return places
    .flatMap(({ provider, account, region, counts, findings }) => [
      `${provider} ${account} ${region}: ${Object.entries(counts)
        .map(([kind, count]) => `${kind} ${count}`)
        .join(', ')}`,
      ...findings.map(({ kind, name, keyPairId = '', fixed }) =>
        `  ${kind.padEnd(20)} ${name} ${keyPairId}${fixed === undefined ? '' : `  ${words[fixed]}`}`.trimEnd(),
      ),
    ])
    .map((line) => `${line}\n`)
    .join('');
}

const words = {
  settled: 'settled',
  waiting: 'not decided yet: run this again in a minute',
  left: 'left as it is: a person must decide',
} as const;
