// Moments as a person reads them: `2026-03-01T12:00:00Z (in 4 min)`.
const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** `3 d`, `4 min`: the largest unit of which there is at least one. @param ms milliseconds */
export function span(ms: number): string {
  const [unit, size] = units.find(([, size]) => ms >= size) ?? ['s', 1_000];
  return `${Math.floor(ms / size)} ${unit}`;
}

/** How long it is until then, or was since. */
export const distance = (atMs: number, nowMs: number): string =>
  atMs > nowMs ? `in ${span(atMs - nowMs)}` : `${span(nowMs - atMs)} ago`;

/** With both. */
export function moment(atMs: number, nowMs: number): string {
  const at = new Date(atMs).toISOString().replace(/\.\d+Z$/, 'Z');
  return `${at} (${distance(atMs, nowMs)})`;
}
