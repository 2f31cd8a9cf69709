import { awsOptions } from '../../aws/environment.ts';
import type { Clock } from '../../clock.ts';
import type { Indexed, Ledger } from '../ledger.ts';
import type { LedgerConfiguration } from '../ledger-table.ts';
import { dynamoLedger } from './dynamodb-ledger.ts';

/** DynamoDB, by the process's own AWS credentials. */
export const open = async <R extends Indexed, A>(
  configuration: LedgerConfiguration<'dynamodb'>,
  clock: Clock,
): Promise<Ledger<R, A>> =>
  dynamoLedger({
    ...awsOptions(configuration, clock, 'dynamodb'),
    table: configuration.KEYVEND_TABLE,
    early: true,
  });
