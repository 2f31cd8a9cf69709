// Which platform, store and ledger go together, as the configuration decides it when a process starts.
import { ledgers } from '../lib/ledger/ledger-table.ts';
import { variablesOf } from '../lib/platforms/configuration.ts';
import { platforms } from '../lib/platforms/platform-table.ts';
import { stores } from '../lib/secrets/store-table.ts';

function isAllowed(KEYVEND_PLATFORM: string, KEYVEND_STORE: string, KEYVEND_LEDGER: string): boolean {
  try {
    variablesOf({ KEYVEND_PLATFORM, KEYVEND_STORE, KEYVEND_LEDGER });
    return true;
  } catch {
    return false;
  }
}

/** A row for each platform and ledger that have a store in common. */
export const combinationTable = (): string =>
  [
    '| platform | ledger | stores |',
    '|---|---|---|',
    ...Object.keys(platforms).flatMap((platform) =>
      Object.keys(ledgers).flatMap((ledger) => {
        const fit = Object.keys(stores).filter((store) => isAllowed(platform, store, ledger));
        return fit.length === 0 ? [] : [`| \`${platform}\` | \`${ledger}\` | \`${fit.join('`, `')}\` |`];
      }),
    ),
  ].join('\n');
