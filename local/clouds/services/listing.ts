// What a Describe call may see, and how it is cut into pages.
import { withColons } from '../../../lib/ssh/fingerprint.ts';
import type { Pair } from '../state/registry.ts';
import type { World } from './service.ts';

/** This place's pairs, oldest first, without those that listings do not show yet; this call counts against their delay. */
export function visible({ registry, place, nowMs }: World): Pair[] {
  return registry.at(place).filter((pair) => {
    if (pair.hiddenForCalls === 0) return pair.hiddenUntilMs <= nowMs;
    registry.put({ ...pair, hiddenForCalls: pair.hiddenForCalls - 1 });
    return false;
  });
}

/** @param page from 1 */
export const cut = <T>(all: readonly T[], page: number, size: number): readonly T[] =>
  all.slice((page - 1) * size, page * size);

/** A page parameter of Alibaba's services, which travels as text. @returns undefined when it is no number from 1 to `most` */
export function pageParameter(text: unknown, otherwise: number, most = Number.MAX_SAFE_INTEGER): number | undefined {
  if (text === undefined || text === '') return otherwise;
  const value = /^\d{1,9}$/.test(String(text)) ? Number(text) : 0;
  return value >= 1 && value <= most ? value : undefined;
}

/** The pair's fingerprint as its service writes it. */
export const shownFingerprint = (pair: Pair, colons: boolean): string =>
  colons ? withColons(pair.fingerprint) : pair.fingerprint;

/** ISO 8601 in UTC: ENS and CVM show seconds, ECS minutes. */
export const shownTime = (ms: number, precision: 'seconds' | 'minutes'): string =>
  `${new Date(ms).toISOString().slice(0, precision === 'seconds' ? 19 : 16)}Z`;
