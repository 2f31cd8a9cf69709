// What a message is filed under and how it is shown, checked once for every inbox: what one of them would refuse, all of them refuse
// before anything is written.
import type { Principal } from '../access/principal.ts';
import { DAY_MS } from '../clock.ts';
import { VendingError } from '../errors.ts';
import { messageStates } from '../message-states.ts';
import type { Claimed, FiledMessage, Filing, Inbox, Refusal } from './inbox.ts';

/** How long the id of one that is done is known. */
export const KNOWN_MS = 7 * DAY_MS;

export const BODY_BYTES = 256 * 1024;
const LONGEST_ID = 128;
/** The longest that a message is held back or in hand. */
const LONGEST_MS = 7 * DAY_MS;

/** As bytes, because a text in PostgreSQL cannot hold U+0000. */
export interface Entry {
  readonly queue: string;
  readonly id: Buffer;
  readonly body: Buffer;
  readonly sender: string;
  readonly group: Buffer | null;
}

/** @throws {TypeError} for a message that the port does not allow */
export function entryOf(queue: string, { id, body, sender, group }: Filing): Entry {
  const bytes = textBytes(body, 'a body');
  if (bytes.length > BODY_BYTES) throw new TypeError('a body has at most 256 KiB');
  return {
    queue: queueName(queue),
    id: idBytes(id),
    body: bytes,
    sender: JSON.stringify(sender),
    group: group === undefined ? null : idBytes(group),
  };
}

export function queueName(queue: string): string {
  if (!/^[A-Za-z0-9_-]{1,80}$/.test(queue))
    throw new TypeError('a queue has a name of 1 to 80 letters, digits, _ and -');
  return queue;
}

/** Of a message or a group. */
export function idBytes(id: string): Buffer {
  if (id.length < 1 || id.length > LONGEST_ID) throw new TypeError('an id has 1 to 128 characters');
  return textBytes(id, 'an id');
}

/** Half a surrogate pair would be replaced on its way, and two ids become one. */
function textBytes(text: string, what: string): Buffer {
  if (!text.isWellFormed()) throw new TypeError(`${what} holds half a surrogate pair`);
  return Buffer.from(text);
}

export const refusalJson = ({ code, reason, fields }: Refusal): string =>
  JSON.stringify({ code, reason, ...(fields && { fields }) });

export function atMost(count: number, most = 100): number {
  if (!Number.isSafeInteger(count) || count < 1 || count > most) throw new TypeError(`a number from 1 to ${most}`);
  return count;
}

/** Whole milliseconds from now. @param least 1 for a lease */
export function period(ms: number, least: 0 | 1 = 0): number {
  if (!(ms >= least && ms <= LONGEST_MS)) throw new TypeError(`a time from ${least} ms to a week`);
  return Math.ceil(ms);
}

/** A message's row, whichever database it came from. */
export type Row = Readonly<Record<string, unknown>>;

export const claimedIn = (row: Row): Claimed => ({
  queue: String(row.queue),
  id: textIn(row.id),
  body: textIn(row.body),
  sender: JSON.parse(String(row.sender)) as Principal,
  ...(row.group !== null && { group: textIn(row.group) }),
  receipt: String(row.receipt),
  tries: Number(row.tries),
  filedAtMs: Number(row.filed),
});

export const shownIn = (row: Row): FiledMessage => ({
  queue: String(row.queue),
  id: textIn(row.id),
  state: row.state as FiledMessage['state'],
  tries: Number(row.tries),
  filedAtMs: Number(row.filed),
  visibleAtMs: Number(row.due),
  sender: (JSON.parse(String(row.sender)) as Principal).id,
  ...(row.refusal !== null && { refusal: JSON.parse(String(row.refusal)) as Refusal }),
});

export const textIn = (bytes: unknown): string => Buffer.from(bytes as Uint8Array).toString();

/** A page's end in the order of filing, and back. */
export const afterIn = (cursor: string | undefined): number => {
  if (cursor === undefined) return 0;
  if (/^[1-9]\d{0,14}$/.test(cursor)) return Number(cursor);
  throw new VendingError('INVALID_REQUEST', 'The cursor did not come from this listing');
};

/** @param rows one more than the page has, where there are more */
export function pageOf(rows: readonly Row[], limit: number): Awaited<ReturnType<Inbox['list']>> {
  const shown = rows.slice(0, limit);
  return {
    messages: shown.map(shownIn),
    ...(rows.length > limit && { cursor: String(shown.at(-1)!.seq) }),
  };
}

export function stateAsked(state: FiledMessage['state'] | undefined): FiledMessage['state'] | undefined {
  if (state !== undefined && !messageStates.includes(state)) throw new TypeError('a message has no such state');
  return state;
}

/** @param rows `queue`, `state`, `messages`, and `oldest` of those that wait and are due */
export function countsIn(rows: readonly Row[]): Awaited<ReturnType<Inbox['counts']>> {
  const all = new Map<string, { waiting: number; inHand: number; buried: number; oldestDueAtMs?: number }>();
  for (const { queue, state, messages, oldest } of rows) {
    const of = all.get(String(queue)) ?? { waiting: 0, inHand: 0, buried: 0 };
    of[state === 'in-hand' ? 'inHand' : (state as 'waiting' | 'buried')] = Number(messages);
    if (oldest !== null) of.oldestDueAtMs = Number(oldest);
    all.set(String(queue), of);
  }
  return Object.fromEntries(all);
}
