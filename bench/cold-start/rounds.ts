// What is measured when: every variant once a round, one at a time, in a new order each round.
import { shuffled } from './statistics.ts';

export interface Plan<S> {
  /** Each by a name of its own. */
  readonly variants: ReadonlyMap<string, () => Promise<S>>;
  /** Rounds whose samples are thrown away: they fill the caches of the file system. */
  readonly warmUps: number;
  readonly least: number;
  readonly most: number;
  /** Asked after each round from `least` on: whether more rounds would tell no more. */
  readonly settled: (samples: ReadonlyMap<string, readonly S[]>) => boolean;
  readonly random: () => number;
  /** Called after each round; warm-ups are round 0. */
  readonly told?: (round: number) => void;
}

/** @returns each variant's samples in the order of the rounds */
export async function rounds<S>(plan: Plan<S>): Promise<ReadonlyMap<string, readonly S[]>> {
  const { variants, warmUps, least, most, settled, random, told } = plan;
  const samples = new Map([...variants.keys()].map((name): [string, S[]] => [name, []]));
  for (let round = 1 - warmUps; round <= most; round += 1) {
    for (const [name, take] of shuffled([...variants], random)) {
      const taken = await take();
      if (round > 0) samples.get(name)!.push(taken);
    }
    told?.(Math.max(0, round));
    if (round >= least && settled(samples)) break;
  }
  return samples;
}
