// The environment variables of the embedded store.
import { filled } from '../../environment.ts';

export const embeddedVariables = () => ({
  /** The folder of everything that is stored on this machine. */
  KEYVEND_HOME: filled(),
});
