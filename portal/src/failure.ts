// What went wrong, as the API tells it, or as a browser does that could not reach it.
import { KeyvendError } from '../../client/index.ts';
import type { Trouble } from './types.ts';

/** @param error what a call of the client threw */
export function problemOf(error: unknown): Trouble {
  if (!(error instanceof KeyvendError)) throw error; // a mistake of this page's own is seen in the console
  const { problem, code, status, detail } = error;
  return problem ?? { code, detail, status };
}
