// A page of a listing, gathered from the rows of a database in their order; and what a database holds as JSON.
import { VendingError } from '../errors.ts';
import { atMost, PAGE_LENGTH } from './entry.ts';
import type { Listing, RecordPage } from './ledger.ts';
import { cursorAfter } from './listing-cursor.ts';

export class GatheredPage {
  readonly #listing: Listing;
  readonly #limit: number;
  readonly #rows: { readonly listed: string; readonly record: string }[] = [];
  #length = 0;
  #isFull = false;

  constructor(listing: Listing) {
    this.#listing = listing;
    this.#limit = atMost(listing.limit, 100);
  }

  /** How many rows to ask for: one more than is shown tells whether a page follows. */
  get wanted(): number {
    return this.#limit + 1 - this.#rows.length;
  }

  get isFull(): boolean {
    return this.#isFull;
  }

  /** @param row has `listed` and `record` @returns false for one that belongs to the next page */
  take({ listed, record }: Readonly<Record<string, unknown>>): boolean {
    this.#isFull = this.#rows.length === this.#limit || this.#length >= PAGE_LENGTH;
    if (this.#isFull) return false;
    const row = { listed: String(listed), record: String(record) };
    this.#length += row.record.length;
    this.#rows.push(row);
    return true;
  }

  /** @throws {VendingError} as `parsed` */
  shown<R>(): RecordPage<R> {
    const records = this.#rows.map(({ record }) => parsed<R>(record));
    return this.#isFull ? { records, cursor: cursorAfter(this.#rows.at(-1)!.listed, this.#listing) } : { records };
  }
}

/** @throws {VendingError} LEDGER_UNAVAILABLE for what is none; its text stays where it is */
export function parsed<T>(json: unknown): T {
  try {
    return JSON.parse(String(json));
  } catch {
    throw new VendingError('LEDGER_UNAVAILABLE', 'The ledger holds something that is not JSON');
  }
}
