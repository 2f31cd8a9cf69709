import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import type { Indexed, Ledger } from '../ledger.ts';
import type { LedgerConfiguration } from '../ledger-table.ts';
import { sqliteLedger } from './sqlite-ledger.ts';

export const ledgerFile = (home: string): string => join(home, 'ledger.sqlite');

/** A file under `KEYVEND_HOME`. */
export const open = <R extends Indexed, A>(
  { KEYVEND_HOME: home }: LedgerConfiguration<'sqlite'>,
  clock: Clock,
): Promise<Ledger<R, A>> => sqliteLedger({ path: ledgerFile(home), clock });
