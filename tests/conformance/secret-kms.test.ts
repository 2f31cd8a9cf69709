// The store in Alibaba KMS, with either answer to every question that KMS's pages leave open.
import { afterEach, describe } from 'vitest';
import { stores } from '../../lib/secrets/store-table.ts';
import type { Behaviour } from '../../local/clouds/settings/behaviour.ts';
import type { StartStore } from './secret-harness.ts';
import { kmsOnStandIn } from './secret-kms-harness.ts';
import { cursorPromises } from './secret-list.ts';
import { secretStoreContract } from './secret-store-contract.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

const readings: readonly (readonly [string, Partial<Behaviour>])[] = [
  ['as it most likely is', {}],
  ['that spares versions with a stage', { 'kms.dropped': 'earliest-without-stage' }],
  ['that moves a stage whoever has it', { 'kms.removeFrom': 'ignored' }],
  ['that moves stages with a repeated put', { 'kms.putAgain': 'moves-stages' }],
  ['that reads values in the query alone', { 'kms.secretData': 'query' }],
  ['that permits few characters in a stage', { 'kms.stageNames': 'narrow' }],
  ['that refuses a move that was made already', { 'kms.removeFrom': 'checked-even-there' }],
  ['that refuses a stale move as an invalid parameter', { 'kms.staleMove': 'InvalidParameter' }],
  ['that refuses a stale move as unsupported', { 'kms.staleMove': 'Rejected.UnsupportedOperation' }],
  ['that hides values in the window', { 'kms.valuesInWindow': 'Forbidden.ResourceNotFound' }],
  ['that hides versions in the window', { 'kms.versionsInWindow': 'Forbidden.ResourceNotFound' }],
  ['that lists the newest first', { 'kms.listed': 'newest-first' }],
];

describe.each(readings)('the secret store in a KMS %s', (_, behaviour) => {
  const start: StartStore = async () => {
    const { store, open, stop } = await kmsOnStandIn(behaviour);
    cleanUp.push(stop);
    return { store, other: open(), stranger: open({ deployment: 'there' }), down: stop };
  };
  const blindLabels = behaviour['kms.removeFrom'] === 'ignored';
  secretStoreContract(start, { canBeDown: true, mostVersions: stores.kms.mostVersions, blindLabels });
  cursorPromises(start);
});
