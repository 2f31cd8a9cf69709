import type { Clock } from '../../clock.ts';
import type { Indexed, Ledger } from '../ledger.ts';
import type { LedgerConfiguration } from '../ledger-table.ts';
import { postgresLedger } from './postgres-ledger.ts';

/** PostgreSQL, at the URL that the environment names. */
export const open = <R extends Indexed, A>(
  configuration: LedgerConfiguration<'postgres'>,
  clock: Clock,
): Promise<Ledger<R, A>> =>
  postgresLedger({
    url: configuration.KEYVEND_POSTGRES_URL,
    passwordFile: configuration.KEYVEND_POSTGRES_PASSWORD_FILE,
    caFile: configuration.KEYVEND_POSTGRES_CA_FILE,
    schema: configuration.KEYVEND_POSTGRES_SCHEMA,
    mayLose: configuration.KEYVEND_POSTGRES_MAY_LOSE,
    clock,
  });
