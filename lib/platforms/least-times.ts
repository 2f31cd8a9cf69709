// Times that cannot work, refused when a process starts: each setting is held against what depends on it. Otherwise one that is too
// short shows as attempts that always fail, as a worker that never gets to its first step, or as a pair of ours taken for somebody
// else's. Every function has this, so it says no more than it must: docs/deploy.md says why.
import { CLOCK_TOLERANCE_S } from '../access/token-rules.ts';
import { cloudVariableOf, providerNames, rowOf, variableOf } from '../provider-table.ts';
import { CARRIED_OUT_MS } from '../vending/ownership.ts';
import { CALL_TIMEOUT_MS, CREATE_TIMEOUT_MS } from './timeouts.ts';

/** By variable, in milliseconds. */
type Least = readonly (readonly [variable: string, leastMs: number])[];
type Given = Readonly<Record<string, unknown>>;

/** @param manyMachines whether leases are held on machines whose clocks differ */
export function leastTimes(given: Given, manyMachines: boolean): Least {
  // What stands in for a cloud answers at once, and has the windows that it was started with.
  const clouds = providerNames.filter((provider) => given[variableOf(provider, 'ENDPOINT')] === undefined);
  const windowOf = (provider: (typeof providerNames)[number]) => cloudVariableOf(provider, 'WINDOW_MS');
  return [
    // A create, and a call before and after it; a call, where none of the clouds is real.
    ['KEYVEND_LEASE_MS', clouds.length > 0 ? CREATE_TIMEOUT_MS + 2 * CALL_TIMEOUT_MS : CALL_TIMEOUT_MS],
    // Until then, what was signed may be carried out.
    ...providerNames.map((provider) => {
      const lateMs = clouds.includes(provider) ? CARRIED_OUT_MS : 0;
      return ['KEYVEND_HORIZON_MS', Number(given[windowOf(provider)]) + lateMs] as const;
    }),
    ...clouds.map((provider) => [windowOf(provider), rowOf(provider).signatureWindowMs] as const),
    // Looks that are closer than one call are one look.
    ['KEYVEND_ABSENT_TWICE_MS', clouds.length > 0 ? CALL_TIMEOUT_MS : 0],
    // Two clocks may both be off.
    ['KEYVEND_TAKE_OVER_MS', manyMachines ? 2_000 * CLOCK_TOLERANCE_S : 0],
  ];
}

/** @throws {TypeError} naming each that is too short, its value, and the least that works: they are numbers, and no secrets */
export function refuseWhatCannotWork(given: Given, least: Least): void {
  const most = new Map<string, number>();
  for (const [variable, leastMs] of least) most.set(variable, Math.max(leastMs, most.get(variable) ?? 0));
  const wrong = [...most]
    .filter(([variable, leastMs]) => Number(given[variable]) < leastMs)
    .map(([variable, leastMs]) => `${variable}=${given[variable]} cannot work, ${leastMs} is the least`);
  if (wrong.length > 0) throw new TypeError(wrong.join('; '));
}
