// A PostgreSQL of one's own for a test, and why there may be none.
import { postgresPrograms } from '../../local/postgres/postgres-server.ts';

export {
  freePort,
  ownerOfServers,
  type PostgresServer,
  type PostgresSettings,
  postgresPrograms,
  postgresServer,
} from '../../local/postgres/postgres-server.ts';

/** Why a test that needs one is not run here; undefined where it is. Debian has it as `postgresql`, which .ci/run installs. */
export const lackingPostgres = postgresPrograms() === undefined ? 'PostgreSQL is not installed' : undefined;
