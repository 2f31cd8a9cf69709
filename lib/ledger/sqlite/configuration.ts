import { filled } from '../../environment.ts';

export const sqliteVariables = () => ({
  /** The folder of everything that is kept on this machine. */
  KEYVEND_HOME: filled(),
});
