// How a command ends, as a script reads it. One table: what is said of each in docs/command-line.md comes from here.
import { type FailureCode, failures } from '../lib/errors.ts';

export const exitCodes = {
  0: 'it did what it was asked',
  1: 'it failed, or found something wrong',
  2: 'the line was not understood, or the request cannot be right',
  3: 'what was named is not there',
  4: 'signing in is needed, or was refused, or there is no grant',
  5: 'it conflicts with what is there: the name is taken, a rotation is under way, a file exists',
  6: 'a quota or a rate is used up, also after the time that the server gave',
  7: 'what was waited for will not come by itself',
  124: 'the time to wait is over',
  130: 'interrupted',
} as const;
export type ExitCode = keyof typeof exitCodes;

/** Codes whose status says too little. */
const own: Readonly<Partial<Record<string, ExitCode>>> = {
  GRANT_FULL: 6,
  QUOTA_REACHED: 6,
  TAG_QUOTA_REACHED: 6,
  THROTTLED: 6,
  ROUTE_UNKNOWN: 1,
  // The client's own, of a wait.
  ROTATION_CANCELLED: 7,
  ROTATION_STALLED: 7,
};

const byStatus: Readonly<Partial<Record<number, ExitCode>>> = {
  ...{ 400: 2, 413: 2, 415: 2, 422: 2 },
  ...{ 401: 4, 403: 4, 404: 3, 409: 5, 429: 6 },
};

/** @param status where the code is a newer server's, and not known here */
export function exitCodeOf(code: string, status?: number): ExitCode {
  const known = Object.hasOwn(failures, code) ? failures[code as FailureCode].status : status;
  return (Object.hasOwn(own, code) ? own[code] : undefined) ?? byStatus[known ?? 0] ?? 1;
}
