// One deployment goes by one configuration. Its schedule says in the ledger what the functions have; a command that has something
// else, because a variable is missing where it runs, is refused before it plans by it.
import type { Clock } from '../clock.ts';
import { VendingError } from '../errors.ts';
import { FOREVER_MS } from '../vending/deployment.ts';
import type { Ports } from '../vending/ports.ts';

/** A digest of each variable's value. */
export type Digests = Readonly<Record<string, string>>;
type Ledger = Pick<Ports['ledger'], 'recall' | 'restate'>;

const KEY = 'configuration';

/** For the functions themselves: what they have is what counts. Written when it has changed, which is seldom. */
export async function stateConfiguration(ledger: Ledger, clock: Clock, own: Digests): Promise<void> {
  const text = JSON.stringify(own);
  if ((await ledger.recall(KEY, clock.wallMs())) !== text) await ledger.restate(KEY, text, FOREVER_MS);
}

/** A ledger from a backup says what the functions had when it was made. */
export const forgetConfiguration = (ledger: Ledger): Promise<void> => ledger.restate(KEY, '{}', FOREVER_MS);

/** The variables of `own` that the other has something else for. */
const differing = (own: Digests, other: Digests): string[] =>
  Object.keys(own).filter((name) => other[name] !== undefined && other[name] !== own[name]);

/**
 * For whoever acts beside the functions. Before they have ever run, nothing can differ.
 * @throws {VendingError} CONFIGURATION_DIFFERS with the names of the variables, and no value
 */
export async function assertConfiguration(ledger: Ledger, clock: Clock, own: Digests): Promise<void> {
  const stated = JSON.parse((await ledger.recall(KEY, clock.wallMs())) ?? '{}') as Digests;
  const names = differing(own, stated);
  if (names.length > 0)
    throw new VendingError(
      'CONFIGURATION_DIFFERS',
      `The functions of this deployment have another ${names.join(', ')}`,
    );
}
