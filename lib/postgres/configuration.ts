// The environment variables that say which PostgreSQL server is used, and what of it.
import * as z from 'zod/mini';
import type { Clock } from '../clock.ts';
import { type Checked, filled } from '../environment.ts';
import { wholeNumber } from '../numbers.ts';
import type { PostgresOptions } from './connection.ts';
import type { MayLose } from './durability.ts';

export const postgresVariables = () => ({
  /** `postgres://user@host:5432/database`, of the primary. A password may stand in it, or in the file below. */
  KEYVEND_POSTGRES_URL: z.string().check(z.regex(/^postgres(ql)?:\/\/[^\s?#/]+\/[^\s?#/]+$/)),
  KEYVEND_POSTGRES_PASSWORD_FILE: z.optional(filled()),
  /** Certificates that the server's is checked with, instead of Node's own. Without it a server on this machine is asked without TLS. */
  KEYVEND_POSTGRES_CA_FILE: z.optional(filled()),
  KEYVEND_POSTGRES_SCHEMA: z._default(z.string().check(z.regex(/^[a-z_][a-z0-9_]{0,40}$/)), 'keyvend'),
  /** At most so many at a time, for the ledger and for the inbox each. Processes times these stay below what the server lets in. */
  KEYVEND_POSTGRES_CONNECTIONS: z._default(wholeNumber(1, 100), 4),
  /** The words that a failover may forget what was acknowledged; without them such a server is refused. */
  KEYVEND_POSTGRES_MAY_LOSE: z._default(z.literal(['nothing', 'the last writes']), 'nothing'),
});
export type PostgresConfiguration = Checked<typeof postgresVariables>;

/** Which server, which schema in it, and what it may lose. */
export interface PostgresPlace extends PostgresOptions {
  readonly schema: string;
  readonly mayLose: MayLose;
}

export const placeIn = (configuration: PostgresConfiguration, clock: Clock): PostgresPlace => ({
  url: configuration.KEYVEND_POSTGRES_URL,
  passwordFile: configuration.KEYVEND_POSTGRES_PASSWORD_FILE,
  caFile: configuration.KEYVEND_POSTGRES_CA_FILE,
  connections: configuration.KEYVEND_POSTGRES_CONNECTIONS,
  schema: configuration.KEYVEND_POSTGRES_SCHEMA,
  mayLose: configuration.KEYVEND_POSTGRES_MAY_LOSE,
  clock,
});
