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
}

/** Whether its key is stored, or was. */
const everStored = ({ secrets }: Here, { publicKey }: CloudPair): boolean =>
  [...secrets.values()].some(({ versions }) =>
    [...versions.values()].some(({ key }) => publicKeyOf(key) === publicKey),
  );

/** Every key is made here. Where a cloud's fingerprints prove nothing, that may be enough, or not. */
export function imports(
  { cloud, unusual }: { readonly cloud: MemoryCloud; readonly unusual: object },
  chance: Random,
  windows: boolean,
): void {
  Object.assign(unusual, { keySource: 'import' });
  // Then a stranger's pair can be taken for ours as where the cloud makes the key, so it is no window to be entered on purpose.
  if (windows || !chance.chance(0.2)) return;
  cloud.vague = true;
  Object.assign(unusual, { strict: chance.chance(0.5) });
}

export function watchImports(here: Here): void {
  here.cloud.onImport.push((pair) => {
    if (here.madeHere(pair) && !everStored(here, pair))
      here.names[0].broken.push(`P1: ${pair.id} was imported, and its key was not stored by then`);
  });
}

/** How many pairs of ours were made whose key nobody has, or ever had. */
export const lostKeys = (here: Here): number =>
  [...here.cloud.pairs, ...here.cloud.removals.map(({ pair }) => pair)].filter(
    (pair) => here.madeHere(pair) && !everStored(here, pair),
  ).length;
