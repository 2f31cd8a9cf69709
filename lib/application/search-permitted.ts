// A page of what a caller looks for, where that is more than the ledger's index tells: by whose they are, by age, in another order.
// Records are read through in the index's order. A filter stops when its page is full; an order has to see all, so it is for lists
// of a length that one request can read, and keeps no more than a page of them in memory.
import type { Grant } from '../access/access-document.ts';
import type { Sorting } from '../contract/metadata.ts';
import { VendingError } from '../errors.ts';
import type { Ledger, Listing, RecordPage } from '../ledger/ledger.ts';
import { listedAs } from '../ledger/listing.ts';
import { cursorAfter } from '../ledger/listing-cursor.ts';
import { sha256 } from '../sha256.ts';
import type { Attempt } from '../vending/attempt.ts';
import type { KeyPairRecord } from '../vending/record.ts';
import { nextAgeRotation } from '../vending/rotation/next-age-rotation.ts';
import type { PolicyDefaults } from '../vending/rotation/policy.ts';
import type { AgeDefaults } from '../vending/rotation/rotation-schedule.ts';
import { permittedWithin } from './list-permitted.ts';

type Records = Pick<Ledger<KeyPairRecord, Attempt>, 'list'>;

export interface Search extends Listing {
  readonly name?: string;
  readonly requestedBy?: string;
  /** RFC 3339. */
  readonly activatedBefore?: string;
  readonly sort?: Sorting;
}

/** So many records are read for one page of a filter; then the page ends, and its cursor goes on. */
const MOST_READ = 1_000;
/** So many can be put in order. */
const MOST_SORTED = 2_000;
const AT_ONCE = 100;

/** @param age the age at which keys are due where the key pair's own policy does not say @throws {VendingError} INVALID_REQUEST, LISTING_TOO_LONG */
export async function searchPermitted(
  ledger: Records,
  search: Search,
  granted: readonly Grant['on'][] | undefined,
  age: AgeDefaults,
): Promise<RecordPage<KeyPairRecord>> {
  const { name, requestedBy, activatedBefore, sort, limit, cursor, ...filter } = search;
  const within = await permittedWithin(ledger, granted, name);
  // The beginning of a name is a stretch of the index: then a page costs what it shows.
  const leavesOut = [requestedBy, activatedBefore, sort].some((one) => one !== undefined);
  const listing: Listing = { ...filter, limit: leavesOut ? AT_ONCE : limit, ...(within && { within }) };
  const beforeMs = activatedBefore === undefined ? undefined : Date.parse(activatedBefore);
  const wanted = (record: KeyPairRecord): boolean =>
    record.successorOf === undefined &&
    (requestedBy === undefined || record.requestedBy === requestedBy) &&
    (beforeMs === undefined || (activatedMs(record) ?? Number.POSITIVE_INFINITY) < beforeMs);
  const seal = sealOf(search);
  const from = cursor === undefined ? undefined : opened(cursor, seal);
  if (sort === undefined) {
    const page = await filtered(ledger, { ...listing, ...(from && { cursor: from }) }, wanted, limit);
    return { records: page.records, ...(page.cursor !== undefined && { cursor: sealed(page.cursor, seal) }) };
  }
  const key = keyOf(sort, age);
  const after = from === undefined ? undefined : positionIn(from);
  const { records, isMore } = await sorted(ledger, listing, wanted, { limit, key, after });
  const last = records.at(-1);
  const more = isMore && last ? { cursor: sealed(JSON.stringify([key(last), listedAs(last.identity)]), seal) } : {};
  return { records, ...more };
}

async function filtered(
  ledger: Records,
  listing: Listing,
  wanted: (record: KeyPairRecord) => boolean,
  limit: number,
): Promise<RecordPage<KeyPairRecord>> {
  const found: KeyPairRecord[] = [];
  let read = 0;
  for (let page: RecordPage<KeyPairRecord>, cursor = listing.cursor; ; cursor = page.cursor) {
    page = await ledger.list({ ...listing, ...(cursor !== undefined && { cursor }) });
    for (const [i, record] of page.records.entries()) {
      if (wanted(record)) found.push(record);
      const isLast = page.cursor === undefined && i === page.records.length - 1;
      if (found.length === limit && !isLast)
        return { records: found, cursor: cursorAfter(listedAs(record.identity), listing) };
    }
    read += page.records.length;
    if (page.cursor === undefined) return { records: found };
    if (read >= MOST_READ) return { records: found, cursor: page.cursor };
  }
}

type Key = string | number | null;
type Position = readonly [Key, string];

interface Order {
  readonly limit: number;
  readonly key: (record: KeyPairRecord) => Key;
  readonly after: Position | undefined;
}

/** Keeps the first `limit` of those that come after a position. */
async function sorted(
  ledger: Records,
  listing: Listing,
  wanted: (record: KeyPairRecord) => boolean,
  { limit, key, after }: Order,
): Promise<{ readonly records: readonly KeyPairRecord[]; readonly isMore: boolean }> {
  let kept: { readonly at: Position; readonly record: KeyPairRecord }[] = [];
  let [read, isMore] = [0, false];
  for (let cursor: { readonly cursor?: string } | undefined = {}; cursor !== undefined; ) {
    const page: RecordPage<KeyPairRecord> = await ledger.list({ ...listing, ...cursor });
    read += page.records.length;
    if (read > MOST_SORTED)
      throw new VendingError('LISTING_TOO_LONG', `More than ${MOST_SORTED} key pairs would have to be put in order`);
    const found = page.records
      .filter(wanted)
      .map((record) => ({ at: [key(record), listedAs(record.identity)] as const, record }));
    kept.push(...found.filter(({ at }) => after === undefined || compared(at, after) > 0));
    kept.sort((a, b) => compared(a.at, b.at));
    isMore ||= kept.length > limit;
    kept = kept.slice(0, limit);
    cursor = page.cursor === undefined ? undefined : { cursor: page.cursor };
  }
  return { records: kept.map(({ record }) => record), isMore };
}

/** What has no value comes last. A descending key is made ascending where it is made, so one comparison serves both. */
function compared([a, x]: Position, [b, y]: Position): number {
  if (a === null || b === null) return a === b ? order(x, y) : a === null ? 1 : -1;
  return order(a, b) || order(x, y);
}
const order = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0);

const activatedMs = ({ versions }: KeyPairRecord): number | undefined => versions.at(-1)?.activatedAtMs;

function keyOf(sort: Sorting, age: AgeDefaults): (record: KeyPairRecord) => Key {
  const isDescending = sort.startsWith('-');
  const of: Readonly<Record<string, (record: KeyPairRecord) => number | undefined>> = {
    requestedAt: ({ requestedAtMs }) => requestedAtMs,
    activatedAt: activatedMs,
    nextAgeRotationAt: (record) => {
      const next = nextAgeRotation(record, age as PolicyDefaults);
      return 'atMs' in next ? next.atMs : undefined;
    },
  };
  const moment = of[sort.replace(/^-/, '')];
  if (moment === undefined) return ({ identity }) => (isDescending ? reversed(identity.name) : identity.name);
  return (record) => {
    const ms = moment(record);
    return ms === undefined ? null : isDescending ? -ms : ms;
  };
}

/** Sorts the other way round. Names are ASCII; the end of a name sorts after every character. */
const reversed = (name: string): string =>
  `${[...name].map((character) => String.fromCharCode(0x7f - character.charCodeAt(0))).join('')}~`;

/** Ties a cursor to what was looked for, as those of the ledger are tied to their filter. */
const sealOf = ({ limit: _, cursor: __, within: ___, ...search }: Search): string =>
  sha256(`keyvend search 1 ${JSON.stringify(Object.entries(search).sort())}`)
    .toString('base64url')
    .slice(0, 12);

const sealed = (position: string, seal: string): string => `${seal}.${Buffer.from(position).toString('base64url')}`;

function opened(cursor: string, seal: string): string {
  const [said, position = ''] = cursor.split('.');
  if (said !== seal) throw foreign();
  return Buffer.from(position, 'base64url').toString();
}

function positionIn(text: string): Position {
  try {
    const [key, listed] = JSON.parse(text) as [Key, unknown];
    if (typeof listed === 'string' && (key === null || ['string', 'number'].includes(typeof key))) return [key, listed];
  } catch {
    // as below
  }
  throw foreign();
}

const foreign = () => new VendingError('INVALID_REQUEST', 'The cursor did not come from this listing');
