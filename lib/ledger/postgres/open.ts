import type { Clock } from '../../clock.ts';
import { placeIn } from '../../postgres/configuration.ts';
import type { Indexed, Ledger } from '../ledger.ts';
import type { LedgerConfiguration } from '../ledger-table.ts';
import { postgresLedger } from './postgres-ledger.ts';

/** PostgreSQL, at the URL that the environment names. */
export const open = <R extends Indexed, A>(
  configuration: LedgerConfiguration<'postgres'>,
  clock: Clock,
): Promise<Ledger<R, A>> => postgresLedger(placeIn(configuration, clock));
