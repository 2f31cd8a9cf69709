// How long an agent keeps a key, as `ssh-add -t` and sshd write times: 90, 15m, 1h, 2d.
import { fail } from '../fail.ts';

const units: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3_600, d: 86_400 };

/** @returns seconds */
export function lifetimeOf(text: string): number {
  const [, count, unit = ''] = /^(\d{1,6})([smhd]?)$/.exec(text) ?? [];
  const seconds = Number(count) * units[unit]!;
  return seconds >= 1 && seconds <= 2 ** 31 ? seconds : fail('--lifetime takes a time: 90, 15m, 1h, 2d', 2);
}
