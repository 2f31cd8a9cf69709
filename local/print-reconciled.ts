// `keyvend reconcile`: compares ledger, clouds and secret store with each other, as the scheduled function does. Changes
// nothing without `--fix`.
import type { Reconciled } from '../lib/application/reconcile-job.ts';
import { recoveryJobs } from '../lib/application/recovery-jobs.ts';
import { connectionOf } from '../lib/providers/connect.ts';
import { findingRows, isDoubtful, kinds } from '../lib/vending/finding.ts';
import { doubtsAbout } from './print-ledger.ts';
import { runHere } from './run-here.ts';

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
  runHere();
  const { runtime } = await import('../lib/platforms/runtime.ts'); // reads its configuration when it is loaded
  const { regionsFor } = await import('../lib/platforms/regions.ts');
  const { ownConfiguration } = await import('../lib/platforms/own-configuration.ts');
  const jobs = recoveryJobs(runtime, connectionOf, () => ownConfiguration(process.env, 'without rotation'), regionsFor);
  const { ledger, places, failed, unasked, more } = await jobs.reconcileAll(wanted, HOUR_MS);
  for (const line of doubtsAbout(ledger)) process.stderr.write(`keyvend: ${line}\n`);
  for (const { provider, account, region } of failed) {
    process.stderr.write(`keyvend: ${provider} ${account} ${region} could not be read\n`);
  }
  for (const { provider, account, region, code } of unasked) {
    const what = region === undefined ? 'its regions are not known' : `${region} was not looked into`;
    process.stderr.write(`keyvend: ${provider} ${account}: ${what} (${code}); only what is on record was compared\n`);
  }
  if (more) process.stderr.write('keyvend: there was no time for all of it; the next run goes on from there\n');
  process.stdout.write(json ? `${JSON.stringify(places)}\n` : shown(places, failed.length > 0));
  const doubtful = places.flatMap(({ findings }) => findings.filter(({ kind }) => isDoubtful(kind)));
  for (const kind of kinds.filter((one) => doubtful.some((found) => found.kind === one))) {
    const { is, fix } = findingRows[kind];
    process.stderr.write(`keyvend: ${kind}: ${is}; --fix ${fix}\n`);
  }
  return (
    !more &&
    doubtsAbout(ledger).length === 0 &&
    failed.length === 0 &&
    doubtful.every(({ fixed }) => fixed === 'settled')
  );
}

function shown(places: readonly Reconciled[], failed: boolean): string {
  if (places.length === 0) return failed ? '' : 'no key pair is known of in such a place\n';
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
