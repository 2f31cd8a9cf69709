// What a process is started with whose clock is ahead.
import { fileURLToPath } from 'node:url';

const file = fileURLToPath(new URL('./ahead.cjs', import.meta.url));

export const aheadBy = (ms: number): Readonly<Record<string, string>> =>
  ms === 0 ? {} : { NODE_OPTIONS: `--require ${JSON.stringify(file)}`, AHEAD_MS: String(ms) };
