// Reading a whole list that comes in numbered pages. A pair that is deleted meanwhile shifts the rest by one position, and one
// that slides over a page's border is never seen, so a pass counts only if the total stayed the same and everything was seen.
import { VendingError } from '../errors.ts';
import { type Operation, type Reply, unreadable } from './outcome.ts';
import type { FoundPair, Sighting } from './provider.ts';

export interface Page {
  readonly pairs: readonly FoundPair[];
  /** How many pairs match in all; undefined when the service did not say so in a form we can read. */
  readonly total: number | undefined;
  readonly cloudTime?: Date;
}

/** @throws {VendingError} CLOUD_UNREACHABLE when the service gave no total in a form we can read */
export function totalOf(operation: Operation, reply: Reply, { total }: Page): number {
  if (total !== undefined) return total;
  throw unreadable(operation, 'without TotalCount', reply.requestId);
}

const PASSES = 5;

/**
 * @param readPage `number` counts from 1, `seen` is how many pairs the pages before it held
 * @throws {VendingError} LISTING_UNSETTLED when no pass was complete
 */
export async function readAllPages(
  readPage: (position: { number: number; seen: number }) => Promise<Page>,
): Promise<Sighting> {
  for (let pass = 0; pass < PASSES; pass += 1) {
    const sighting = await onePass(readPage);
    if (sighting !== undefined) return sighting;
  }
  throw new VendingError('LISTING_UNSETTLED', `The key pairs changed during each of ${PASSES} readings`);
}

async function onePass(readPage: Parameters<typeof readAllPages>[0]): Promise<Sighting | undefined> {
  const pairs = new Map<string, FoundPair>();
  let first: Page | undefined;
  for (let number = 1, seen = 0; ; number += 1) {
    const page = await readPage({ number, seen });
    first ??= page;
    if (page.total !== first.total) return undefined;
    for (const pair of page.pairs) pairs.set(pair.id ?? pair.name, pair);
    seen += page.pairs.length;
    const isLast = page.pairs.length === 0 || (page.total !== undefined && seen >= page.total);
    if (!isLast) continue;
    if (page.total !== undefined && pairs.size !== page.total) return undefined;
    return { pairs: [...pairs.values()], ...(first.cloudTime === undefined ? {} : { cloudTime: first.cloudTime }) };
  }
}
