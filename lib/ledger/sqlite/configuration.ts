// The environment variables of the ledger in SQLite.
import { filled } from '../../environment.ts';

export const sqliteVariables = () => ({
  /** The folder of everything that is stored on this machine. */
  KEYVEND_HOME: filled(),
});
