// What every store owes to those who put the only copy of a private key into it. Run by each store against the real
// thing or its nearest stand-in; two stores on the same data stand for two processes.
import { currentPromises } from './secret-current.ts';
import { downPromises } from './secret-down.ts';
import type { StartStore } from './secret-harness.ts';
import { listPromises } from './secret-list.ts';
import { oursPromises } from './secret-ours.ts';
import { pendingPromises } from './secret-pending.ts';
import { preparePromises } from './secret-prepare.ts';
import { putPromises } from './secret-put.ts';
import { removePromises } from './secret-remove.ts';

export function secretStoreContract(start: StartStore, { canBeDown }: { canBeDown: boolean }): void {
  preparePromises(start);
  putPromises(start);
  currentPromises(start);
  pendingPromises(start);
  removePromises(start);
  oursPromises(start);
  listPromises(start);
  if (canBeDown) downPromises(start);
}
