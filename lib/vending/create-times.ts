// How long clouds take over a create, beside the way there and back: learned by each process from the creates before.
import type { Identity } from '../identity.ts';

type Place = Pick<Identity, 'provider' | 'region'>;

/** Before anything was learned. */
const FIRST_MS = 20;
/** Later than what was learned: a look that comes too early costs a whole round trip, one that comes late as much as it is late. */
const AFTER_MS = 5;
const LONGEST_MS = 2_000;

/** By provider and region. */
export class CreateTimes {
  readonly #known = new Map<string, number>();

  /** How long after a create was sent the look at its pair is. */
  delayMs(place: Place): number {
    return this.#known.get(keyOf(place)) ?? FIRST_MS;
  }

  /**
   * @param createMs from sending the create to its answer @param lookMs likewise for a read, which takes the way alone
   * @param wasThere whether the look saw the pair
   */
  learn(place: Place, { createMs, lookMs, wasThere }: { createMs: number; lookMs: number; wasThere: boolean }): void {
    const before = this.delayMs(place);
    const took = Math.max(0, createMs - lookMs) + AFTER_MS;
    const next = wasThere ? (before + took) / 2 : Math.max(2 * before, took);
    this.#known.set(keyOf(place), Math.min(LONGEST_MS, Math.ceil(next)));
  }
}

const keyOf = ({ provider, region }: Place): string => `${provider}/${region}`;
