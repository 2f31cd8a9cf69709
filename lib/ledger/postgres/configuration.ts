// The environment variables of the ledger in PostgreSQL.
export { postgresVariables } from '../../postgres/configuration.ts';
