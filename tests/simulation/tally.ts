// What many runs came to.
import { nothingReached, reachable } from './reached.ts';
import type { Run } from './run.ts';
import type { Window } from './windows.ts';

export class Tally {
  runs = 0;
  portCalls = 0;
  acknowledged = 0;
  rotated = 0;
  violations = 0;
  /** Keys that were handed out once, and then lost, of pairs that were removed again. */
  lost = 0;
  readonly reached = nothingReached();
  readonly windows: Record<Window, number> = { 'same name': 0, replaced: 0 };
  /** The first run that broke a promise, or got into a window that it was kept out of. */
  broken: Run | undefined;

  /** @param windows whether the windows were entered on purpose @returns whether all is well */
  readonly add = (run: Run, windows = false): boolean => {
    this.runs += 1;
    for (const calls of run.calls.values()) this.portCalls += calls.length;
    this.acknowledged += run.acknowledged;
    this.rotated += run.rotated ?? 0;
    this.lost += run.lost;
    for (const what of reachable) this.reached[what] += run.reached?.[what] ?? 0;
    const entered = run.windows['same name'] + run.windows.replaced;
    this.windows['same name'] += run.windows['same name'];
    this.windows.replaced += run.windows.replaced;
    const violations = run.violations.length + (windows ? 0 : entered);
    this.violations += violations;
    if (violations > 0) this.broken ??= run;
    return violations === 0;
  };
}
