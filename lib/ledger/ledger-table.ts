// Every ledger, one row each. A ledger is its row here and a folder of its name, where open.ts opens it and configuration.ts
// says which environment variables it needs.
import type { Checked, Variables } from '../environment.ts';
import { dynamodbVariables } from './dynamodb/configuration.ts';
import { postgresVariables } from './postgres/configuration.ts';
import { sqliteVariables } from './sqlite/configuration.ts';

interface LedgerRow {
  /** Whether functions on several machines can share it. */
  readonly machines: 'one' | 'many';
  readonly variables: Variables;
  /** Whether messages can be kept beside it (lib/inbox). */
  readonly inbox?: true;
}

export const ledgers = {
  dynamodb: { machines: 'many', variables: dynamodbVariables },
  postgres: { machines: 'many', variables: postgresVariables, inbox: true },
  sqlite: { machines: 'one', variables: sqliteVariables, inbox: true },
} as const satisfies Readonly<Record<string, LedgerRow>>;

export type LedgerConfiguration<N extends keyof typeof ledgers> = Checked<(typeof ledgers)[N]['variables']>;
