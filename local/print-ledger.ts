// `keyvend ledger`: whether the ledger is the one that this deployment's key pairs are on record in; `keyvend ledger confirm` says
// that one which was restored or copied is to be gone on with.
import { forgetConfiguration } from '../lib/application/one-configuration.ts';
import type { LedgerLook } from '../lib/vending/ledger-look.ts';
import { runHere } from './run-here.ts';

/** @returns whether nothing is in doubt */
export async function printLedger(json: boolean): Promise<boolean> {
  runHere();
  const { runtime } = await import('../lib/platforms/runtime.ts');
  const { lookAtLedger } = await import('../lib/vending/ledger-look.ts');
  const look = await lookAtLedger(await runtime.ports());
  const doubts = doubtsAbout(look);
  if (json) {
    const { deployment, earlier } = look;
    process.stdout.write(`${JSON.stringify({ deployment, earlier, doubts })}\n`);
    return doubts.length === 0;
  }
  const earlier = look.earlier.length === 0 ? '' : `, earlier ${look.earlier.join(', ')}`;
  process.stdout.write(
    [`deployment ${look.deployment}${earlier}`, ...(doubts.length === 0 ? ['the ledger is its own'] : doubts), ''].join(
      '\n',
    ),
  );
  return doubts.length === 0;
}

/** Twice is as good as once. */
export async function confirmLedger(): Promise<void> {
  runHere();
  const { runtime } = await import('../lib/platforms/runtime.ts');
  const { deployment, ledger } = await runtime.ports();
  if ((await deployment.look()).isHome) {
    process.stdout.write('there is nothing to confirm: the ledger is its own\n');
    return;
  }
  const { tag } = await deployment.confirm();
  await forgetConfiguration(ledger);
  process.stdout.write(`confirmed: this ledger is gone on with, and what is made from now on is tagged ${tag}\n`);
}

/** One line for each thing that a person must look at. */
export const doubtsAbout = ({ fenced, unrecordedSecrets }: Omit<LedgerLook, 'places'>): string[] => [
  ...(fenced
    ? [
        'this ledger was restored or copied: nothing is made, deleted, edited or purged by it. Compare it with npx keyvend ' +
          'reconcile, make sure that no other keyvend works with the ledger that it was copied from, then npx keyvend ledger confirm',
      ]
    : []),
  ...(unrecordedSecrets > 0
    ? [
        `${unrecordedSecrets} stored ${unrecordedSecrets === 1 ? 'key belongs' : 'keys belong'} to no record: was this ledger lost, or ` +
          'set up anew? npx keyvend reconcile lists them; restore the ledger before anything is vended',
      ]
    : []),
];
