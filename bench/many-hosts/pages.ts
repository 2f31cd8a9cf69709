// What the same writes would cost if what grows with hosts lay in items of its own beside the record: each page replaced when
// something in it changes, written before the record's item and removed after it. Only what is paid for is counted here; the
// protocol that such pages would need is not (docs/decisions/2026-11-26-long-records-are-packed.md).
import { createHash } from 'node:crypto';
import { pack } from '../../lib/ledger/packed.ts';

/** Of JSON. */
const PAGE_BYTES = 12_000;
/** What the record's item says of a page: its number and its digest. */
const REFERENCE_BYTES = 60;

export interface Paid {
  /** Write units: 1 for each KB that is begun, of what is put and of what is removed; with pages as text, and with packed ones. */
  readonly asText: number;
  readonly packed: number;
  readonly calls: number;
}

/** Counts from one record to the next. */
export class Pages {
  #pages = new Map<string, string>();

  next(record: object): Paid {
    const { rest, lists } = apart(record);
    const pages = new Map<string, string>();
    for (const [list, entries] of lists)
      for (const [i, page] of spread(entries).entries()) pages.set(`${list} ${i}`, page);
    const put = [...pages].filter(([at, page]) => this.#pages.get(at) !== page).map(([, page]) => page);
    const removed = [...this.#pages].filter(([at, page]) => pages.get(at) !== page).map(([, page]) => page);
    this.#pages = pages;
    const item = JSON.stringify(rest).length + pages.size * REFERENCE_BYTES;
    const units = (bytes: (page: string) => number) =>
      [...put, ...removed].map(bytes).reduce((sum, each) => sum + Math.ceil(each / 1_024), Math.ceil(item / 1_024));
    return {
      asText: units((page) => page.length),
      packed: units((page) => pack(page).length),
      calls: 1 + Math.ceil(put.length / 25) + Math.ceil(removed.length / 25), // BatchWriteItem takes 25
    };
  }
}

type Entries = readonly (readonly [name: string, text: string])[];

/** Every entry in the page that its name says, so that a change of a few hosts is a change of a few pages. */
function spread(entries: Entries): string[] {
  const bytes = entries.reduce((sum, [, text]) => sum + text.length, 0);
  const pages = Array.from({ length: Math.ceil(bytes / PAGE_BYTES) }, () => '');
  for (const [name, text] of entries)
    pages[createHash('sha256').update(name).digest().readUInt32BE() % pages.length] += text;
  return pages;
}

// biome-ignore lint/suspicious/noExplicitAny: whatever a record holds
function apart(record: any): { rest: object; lists: Map<string, Entries> } {
  const lists = new Map<string, Entries>();
  const named = (list: string, all: Readonly<Record<string, unknown>> = {}) =>
    void lists.set(
      list,
      Object.entries(all).map(([name, one]) => [name, JSON.stringify({ [name]: one })]),
    );
  const rest = structuredClone(record);
  lists.set(
    'policy',
    (record.policy?.hosts ?? []).map((host: { host: string }) => [host.host, JSON.stringify(host)]),
  );
  named('outgoing', record.outgoing?.hosts);
  for (const { id, hosts } of record.rotations ?? []) named(id, hosts);
  for (const one of [rest.policy, rest.outgoing, ...(rest.rotations ?? [])]) if (one?.hosts) delete one.hosts;
  return { rest, lists };
}
