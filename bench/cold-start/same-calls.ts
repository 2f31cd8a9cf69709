// Whether the usual handler does the same work as ours.
import type { Call } from './stand-in/recorder.ts';

/**
 * What ours asks for and the usual handler does not: as long as there is anything, ours is shown as slower than it is.
 * @throws {Error} where the usual handler asks for more, or asks one after the other for what ours asks for at once: that would
 * flatter ours, and is mended in `usual/`
 */
export function lacking(ours: readonly Call[], usual: readonly Call[]): string[] {
  const left = usual.map(named);
  const missing = ours.map(named).filter((name) => {
    const at = left.indexOf(name);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  if (left.length > 0) throw new Error(`the usual handler asks for more than ours: ${left.join(', ')}`);
  if (steps(usual) > steps(ours))
    throw new Error('the usual handler asks one after the other what ours asks for at once');
  return missing;
}

const named = ({ host, action }: Call): string => `${host} ${action}`;

/** How often it waits for answers. */
const steps = (calls: readonly Call[]): number => new Set(calls.map(({ after }) => after)).size;
