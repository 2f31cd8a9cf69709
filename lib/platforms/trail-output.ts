// The copy of the trail that whoever collects a process's output keeps.
import type { Ports } from '../vending/ports.ts';

/** To standard output, one line each, whatever level the log is set to: on AWS that is the function's log, and a subscription takes them further. */
export const trailKeeper = (): Ports['sendEntries'] => async (identity, entries) => {
  for (const entry of entries) process.stdout.write(`${JSON.stringify({ message: 'trail', ...identity, ...entry })}\n`);
};
