// Events in the order in which things happened. What recovery tells of a key pair waits in its record, and may wait while something later is
// told at once: then it is told first. That recovery tells it again is no matter, as an event is filed once.

import type { KeyPairEvent } from '../contract/events.ts';
import { noticeEvent } from '../contract/make-event.ts';
import type { Ports } from '../vending/ports.ts';

/** @returns what happened to the same key pair before, and waits to be told; and the event itself, the last */
export async function withEarlier(
  event: KeyPairEvent,
  deployment: string,
  ledger: () => Promise<Pick<Ports['ledger'], 'read'>>,
): Promise<readonly KeyPairEvent[]> {
  if (!('subject' in event)) return [event];
  const { provider, account, region, name } = event.data;
  const identity = { provider, account, region, name };
  const { notices = [] } = (await (await ledger()).read(identity))?.record ?? {};
  const earlier = notices.filter(({ id, atMs }) => id !== event.id && atMs < Date.parse(event.time));
  return [...earlier.map((notice) => noticeEvent(deployment, identity, notice)), event];
}
