// What every store owes to those who put the only copy of a private key into it. Run by each store against the real
// thing or its nearest stand-in; two stores on the same data stand for two processes.
import { capacityPromises } from './secret-capacity.ts';
import { currentPromises } from './secret-current.ts';
import { downPromises } from './secret-down.ts';
import type { StartStore } from './secret-harness.ts';
import { listPromises } from './secret-list.ts';
import { oursPromises } from './secret-ours.ts';
import { pendingPromises } from './secret-pending.ts';
import { preparePromises } from './secret-prepare.ts';
import { putPromises } from './secret-put.ts';
import { removePromises } from './secret-remove.ts';

interface Held {
  readonly canBeDown: boolean;
  /** How many keys of one key pair it keeps, where that is a number. */
  readonly mostVersions?: number;
  /** Whether its label may move without a look at who has it: then those who change it at the same time may all have done so. */
  readonly blindLabels?: boolean;
}

export function secretStoreContract(start: StartStore, { canBeDown, mostVersions, blindLabels }: Held): void {
  preparePromises(start);
  putPromises(start);
  currentPromises(start, mostVersions, blindLabels);
  capacityPromises(start, mostVersions);
  pendingPromises(start);
  removePromises(start);
  oursPromises(start);
  listPromises(start);
  if (canBeDown) downPromises(start);
}
