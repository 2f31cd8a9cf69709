// Every combination of platform, store and ledger, and what the tables of each say to it.
import { ledgers } from '../../lib/ledger/ledger-table.ts';
import { variablesOf } from '../../lib/platforms/configuration.ts';
import { platforms } from '../../lib/platforms/platform-table.ts';
import { stores } from '../../lib/secrets/store-table.ts';

export interface Cell {
  readonly platform: keyof typeof platforms;
  readonly store: keyof typeof stores;
  readonly ledger: keyof typeof ledgers;
}

const namesOf = <T extends object>(table: T) => Object.keys(table) as (keyof T)[];

export const cells: readonly Cell[] = namesOf(platforms).flatMap((platform) =>
  namesOf(stores).flatMap((store) => namesOf(ledgers).map((ledger) => ({ platform, store, ledger }))),
);

export const nameOf = ({ platform, store, ledger }: Cell): string => `${platform} x ${store} x ${ledger}`;

export const variablesFor = ({ platform, store, ledger }: Cell) => ({
  ...{ KEYVEND_PLATFORM: platform, KEYVEND_STORE: store, KEYVEND_LEDGER: ledger },
});

/** @returns why it does not work; undefined where it does */
export function whyNot(cell: Cell): string | undefined {
  try {
    variablesOf(variablesFor(cell));
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
