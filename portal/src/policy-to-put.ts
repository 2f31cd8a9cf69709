// A policy is put as a whole: what is left out is as configured. So a change of one field starts from the policy that applies.
import type { Policy } from './types.ts';

/** What the answer says beside the policy. */
const told = new Set(['found', 'clamped', 'lateHosts']);

export const policyToPut = (policy: Policy, change: Readonly<Record<string, unknown>>): object =>
  Object.fromEntries(Object.entries({ ...policy, ...change }).filter(([field]) => !told.has(field)));
