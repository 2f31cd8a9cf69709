// Reading a whole list that comes in pages. In numbered ones, what is deleted meanwhile shifts the rest by one position, and what
// slides over a page's border is never seen, so a pass counts only if the total stayed the same and everything was seen.
import { VendingError } from '../errors.ts';
import { type Operation, type Reply, unreadable } from './outcome.ts';
import type { FoundPair, Sighting } from './provider.ts';

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** How many match in all; undefined when the service did not say so in a form we can read. */
  readonly total: number | undefined;
  readonly cloudTime?: Date;
}

/** Everything there was, and the earliest moment it speaks of by the cloud's own clock. */
interface Listing<Row> {
  readonly rows: readonly Row[];
  readonly cloudTime?: Date;
}

/** @throws {VendingError} CLOUD_UNREACHABLE when the service gave no total in a form we can read */
export function totalOf(operation: Operation, reply: Reply, { total }: Page<unknown>): number {
  if (total !== undefined) return total;
  throw unreadable(operation, 'without TotalCount', reply.requestId);
}

const PASSES = 5;
type Reading<Row> = (position: { number: number; seen: number }) => Promise<Page<Row>>;

/**
 * @param readPage `number` counts from 1, `seen` is how many rows the pages before it held
 * @param keyOf tells rows apart
 * @throws {VendingError} LISTING_UNSETTLED when no pass was complete
 */
export async function readAllPages<Row>(
  readPage: Reading<Row>,
  keyOf: (row: Row) => string | number,
): Promise<Listing<Row>> {
  for (let pass = 0; pass < PASSES; pass += 1) {
    const listing = await onePass(readPage, keyOf);
    if (listing !== undefined) return listing;
  }
  throw new VendingError('LISTING_UNSETTLED', `The list changed during each of ${PASSES} readings`);
}

/** All pairs, as a provider tells of them. @param passes 1 for what is there once they were read a single time */
export async function readAllPairs(readPage: Reading<FoundPair>, passes?: 1): Promise<Sighting> {
  const keyOf = ({ id, name }: FoundPair) => id ?? name;
  const { rows: pairs, ...rest } =
    passes === 1 ? (await onePass(readPage, keyOf, 'moving'))! : await readAllPages(readPage, keyOf);
  return { ...rest, pairs };
}

/** @returns undefined where something changed meanwhile, unless that is `moving` */
async function onePass<Row>(
  readPage: Reading<Row>,
  keyOf: (row: Row) => string | number,
  change: 'moving' | 'refused' = 'refused',
): Promise<Listing<Row> | undefined> {
  const isSettled = (one: unknown, other: unknown) => change === 'moving' || one === other;
  const rows = new Map<string | number, Row>();
  let first: Page<Row> | undefined;
  for (let number = 1, seen = 0; ; number += 1) {
    const page = await readPage({ number, seen });
    first ??= page;
    if (!isSettled(page.total, first.total)) return undefined;
    for (const row of page.rows) rows.set(keyOf(row), row);
    seen += page.rows.length;
    const isLast = page.rows.length === 0 || (page.total !== undefined && seen >= page.total);
    if (!isLast) continue;
    if (page.total !== undefined && !isSettled(rows.size, page.total)) return undefined;
    return { rows: [...rows.values()], ...(first.cloudTime === undefined ? {} : { cloudTime: first.cloudTime }) };
  }
}

/**
 * Where each page names the next one by a token, nothing shifts, and there is no total to count against.
 * @throws {VendingError} LISTING_UNSETTLED when a token leads back to where it came from
 */
export async function readByTokens<Row>(
  readPage: (
    token: string | undefined,
  ) => Promise<{ readonly rows: readonly Row[]; readonly next: string | undefined }>,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const tokens = new Set<string>();
  for (let token: string | undefined; ; ) {
    const page = await readPage(token);
    rows.push(...page.rows);
    token = page.next;
    if (token === undefined) return rows;
    if (tokens.has(token))
      throw new VendingError('LISTING_UNSETTLED', 'The pages of a list lead back to an earlier one');
    tokens.add(token);
  }
}
