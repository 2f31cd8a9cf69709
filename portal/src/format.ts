// Moments and lists, as the language has them.
import { language } from './text/index.ts';

const MINUTE = 60_000;
const units = [
  ['year', 365.25 * 24 * 60 * MINUTE],
  ['month', 30.44 * 24 * 60 * MINUTE],
  ['day', 24 * 60 * MINUTE],
  ['hour', 60 * MINUTE],
  ['minute', MINUTE],
  ['second', 1_000],
] as const;

/** "3 days ago", "in 2 hours". */
export function fromNow(at: string, now = Date.now()): string {
  const ms = Date.parse(at) - now;
  const [unit, size] = units.find(([, size]) => Math.abs(ms) >= size) ?? ['second', 1_000];
  return new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(Math.round(ms / size), unit);
}

export const moment = (at: string): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(at));

export const listOf = (words: readonly string[]): string => new Intl.ListFormat(language).format(words);
