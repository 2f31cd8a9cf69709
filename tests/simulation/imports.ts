// Whose key may be lost? A pair that the cloud makes has a key that exists in one process alone, until it is stored. What is imported has
// one that was stored before.
import { publicKeyOf } from '../doubles/key-pairs.ts';
import type { CloudPair, MemoryCloud } from '../doubles/memory-cloud.ts';
import type { Shared } from '../doubles/memory-store.ts';
import type { Random } from '../doubles/random.ts';

interface Here {
  readonly cloud: MemoryCloud;
  readonly madeHere: (pair: CloudPair) => boolean;
  readonly names: readonly [{ readonly broken: string[] }, ...unknown[]];
  readonly secrets: Shared;
  /** Whether those who ask name keys of their own, which nobody here ever has. */
  readonly own: { readonly callersKey: boolean };
}

/** Whether its key is stored, or was. */
const everStored = ({ secrets }: Here, { publicKey }: CloudPair): boolean =>
  [...secrets.values()].some(({ versions }) =>
    [...versions.values()].some(({ key }) => publicKeyOf(key) === publicKey),
  );

interface Importing {
  readonly cloud: MemoryCloud;
  readonly unusual: object;
  readonly own: { callersKey: boolean };
}

/**
 * Every key is made here, or is a caller's own. In some runs the cloud's fingerprints prove nothing, which may be enough, or not; in some
 * of the others several pairs can have one name: what is told by neither name nor key, nothing tells.
 * @param windows whether they are entered on purpose: where fingerprints prove nothing, they stay as they are where the cloud makes the key
 */
export function imports({ cloud, unusual, own }: Importing, chance: Random, windows: boolean): void {
  Object.assign(unusual, { keySource: 'import' });
  own.callersKey = chance.chance(0.3);
  if (!windows && chance.chance(0.2)) {
    cloud.vague = true;
    Object.assign(unusual, { strict: chance.chance(0.5) });
  }
  cloud.sameNames = cloud.provider === 'ens' && !cloud.vague && chance.chance(0.5);
}

export function watchImports(here: Here): void {
  here.cloud.onImport.push((pair) => {
    if (!here.own.callersKey && here.madeHere(pair) && !everStored(here, pair))
      here.names[0].broken.push(`P1: ${pair.id} was imported, and its key was not stored by then`);
  });
}

/** How many pairs of ours were made whose key nobody has, or ever had. */
export const lostKeys = (here: Here): number =>
  [...here.cloud.pairs, ...here.cloud.removals.map(({ pair }) => pair)].filter(
    (pair) => !here.own.callersKey && here.madeHere(pair) && !everStored(here, pair),
  ).length;
