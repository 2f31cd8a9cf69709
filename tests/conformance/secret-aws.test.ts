import { afterEach, describe } from 'vitest';
import { awsOnStandIn } from './secret-aws-local.ts';
import type { StartStore } from './secret-harness.ts';
import { cursorPromises } from './secret-list.ts';
import { secretStoreContract } from './secret-store-contract.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

describe('the secret store in AWS Secrets Manager, against a stand-in', () => {
  const start: StartStore = async () => {
    const { store, open, down, stop } = await awsOnStandIn();
    cleanUp.push(stop);
    return { store, other: open(), stranger: open({ deployment: 'there' }), down };
  };
  secretStoreContract(start, { canBeDown: true });
  cursorPromises(start);
});
