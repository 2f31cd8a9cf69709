// In some runs, a secret in which nothing is stored any more is deleted late: as long as AWS takes what was signed, and whatever is stored in
// it by then. In some, nobody is let at a secret yet that was made a moment ago.
import type { Random } from '../doubles/random.ts';
import { network } from './scheduler.ts';
import type { World } from './world.ts';

/** @param underWay told of each deletion that is late */
export function secretsGoLate(
  { line, scheduler, storeLimits }: Pick<World, 'line' | 'scheduler' | 'storeLimits'>,
  chance: Random,
  underWay: () => void = () => {},
): void {
  storeLimits.tagsLagMs = chance.pick([0, 0, 0, 5_000, 50_000]);
  const lateMs = chance.pick([undefined, 20_000, 110_000, 290_000]);
  if (lateMs === undefined) return;
  storeLimits.deletes = (act) => {
    if (!chance.chance(0.7)) return act();
    underWay();
    void scheduler.point(network, lateMs).then(() => {
      line.note('network', 'the deletion of a secret arrives late');
      act();
    });
  };
}
