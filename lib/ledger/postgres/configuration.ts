// The environment variables of the ledger in PostgreSQL.
import * as z from 'zod/mini';
import { filled } from '../../environment.ts';

export const postgresVariables = () => ({
  /** `postgres://user@host:5432/database`, of the primary. A password may stand in it, or in the file below. */
  KEYVEND_POSTGRES_URL: z.string().check(z.regex(/^postgres(ql)?:\/\/[^\s?#/]+\/[^\s?#/]+$/)),
  KEYVEND_POSTGRES_PASSWORD_FILE: z.optional(filled()),
  /** Certificates that the server's is checked with, instead of Node's own. Without it a server on this machine is asked without TLS. */
  KEYVEND_POSTGRES_CA_FILE: z.optional(filled()),
  KEYVEND_POSTGRES_SCHEMA: z._default(z.string().check(z.regex(/^[a-z_][a-z0-9_]{0,40}$/)), 'keyvend'),
  /** The words that a failover may forget what was acknowledged; without them such a server is refused. */
  KEYVEND_POSTGRES_MAY_LOSE: z._default(z.literal(['nothing', 'the last writes']), 'nothing'),
});
