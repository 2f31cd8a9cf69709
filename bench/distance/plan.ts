// What a vend asks of whom: the first of a process, and every later one.
import type { Call } from '../cold-start/stand-in/recorder.ts';

export interface Steps {
  /** How often it waits for an answer before it asks on. */
  readonly inSequence: number;
  readonly calls: number;
  readonly ledgerCalls: number;
}

/** @param calls of two vends by one process, as they were recorded: each vend ends with its event, and the next begins with a read */
export function apart(calls: readonly Call[]): { readonly cold: readonly Call[]; readonly warm: readonly Call[] } {
  const end = calls.findIndex(({ host }) => host === 'events');
  const last = calls.slice(end + 1).findIndex(({ host, action }) => host === 'dynamodb' && action === 'GetItem');
  const at = last < 0 ? calls.length : end + 1 + last;
  return { cold: calls.slice(0, at), warm: calls.slice(at) };
}

export const stepsOf = (calls: readonly Call[]): Steps => ({
  inSequence: new Set(calls.map(({ after }) => after)).size,
  calls: calls.length,
  ledgerCalls: calls.filter(({ host }) => host === 'dynamodb').length,
});
