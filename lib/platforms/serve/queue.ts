// A batch that was claimed from an inbox (lib/inbox): each message is ended by itself, under the receipt of its claim.
import { type Act, deliver } from '../../application/messages.ts';
import type { Claimed, Inbox, Refusal } from '../../inbox/inbox.ts';
import type { AroundBatch } from '../platform.ts';
import { leftMsOf } from './http.ts';

/** What is given as the event. */
export interface InboxBatch {
  readonly inbox: Pick<Inbox, 'done' | 'postpone' | 'bury'>;
  readonly claimed: readonly Claimed[];
}

export interface Taken {
  /** The ids of those that come again. */
  readonly kept: readonly string[];
}

export async function takeBatch(event: unknown, context: unknown, act: Act, around: AroundBatch): Promise<Taken> {
  const { inbox, claimed } = event as InboxBatch;
  const over = await Promise.all(claimed.map((one) => take(inbox, one, act, leftMsOf(context), around)));
  return { kept: claimed.filter((_, i) => !over[i]).map(({ id }) => id) };
}

function take(
  inbox: InboxBatch['inbox'],
  claimed: Claimed,
  act: Act,
  leftMs: number,
  around: AroundBatch,
): Promise<boolean> {
  /** Another worker is at it, or was: what it does counts. The lease is too short for the work. */
  const mine = (isMine: boolean) => {
    if (!isMine)
      around.log.warn('message taken over', { queue: claimed.queue, messageId: claimed.id, tries: claimed.tries });
  };
  const endings = {
    done: async () => mine(await inbox.done(claimed)),
    postpone: async (afterMs: number) => mine(await inbox.postpone(claimed, afterMs)),
    bury: async (refusal: Refusal) => mine(await inbox.bury(claimed, refusal)),
  };
  return deliver(claimed, act, leftMs, endings, around);
}
