// How a pair is known again: by its id, or by its fingerprint, where the cloud told no id.
import type { CloudPair } from './memory-cloud.ts';

interface Told {
  readonly keyPairId?: string;
  readonly fingerprint: string;
}

export const markOf = ({ keyPairId, fingerprint }: Told): string => keyPairId ?? fingerprint;

export const isMarked = ({ id, fingerprint }: CloudPair, mark: string | undefined): boolean =>
  mark === id || mark === fingerprint;

/** The cloud's own id of what counts, also where it tells nobody. */
export const idAt = ({ pairs }: { readonly pairs: readonly CloudPair[] }, told: Told): string =>
  pairs.find((pair) => isMarked(pair, markOf(told)))?.id ?? '';
