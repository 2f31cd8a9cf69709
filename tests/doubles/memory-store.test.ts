import { describe } from 'vitest';
import type { StartStore } from '../conformance/secret-harness.ts';
import { cursorPromises } from '../conformance/secret-list.ts';
import { secretStoreContract } from '../conformance/secret-store-contract.ts';
import { memoryStore, type Shared } from './memory-store.ts';

describe('the secret store in memory', () => {
  const start: StartStore = async () => {
    const secrets: Shared = new Map();
    const open = (deployment: string) => memoryStore(() => 0, { deployment, secrets });
    return { store: open('here'), other: open('here'), stranger: open('there') };
  };
  secretStoreContract(start, { canBeDown: false });
  cursorPromises(start);
});
