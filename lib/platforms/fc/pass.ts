// One pass over a queue: as many messages as there are, and as there is time for. All of it is over when it returns.
import type { Claimed, Inbox } from '../../inbox/inbox.ts';

export interface PassOptions {
  readonly queue: string;
  readonly inbox: Pick<Inbox, 'claim'>;
  /** At a time. */
  readonly most: number;
  /** How long a message may take. None is begun with when there is less time than that. */
  readonly workMs: number;
  /** Does what is to be done and says so to the inbox. @returns whether that is over; it comes again otherwise */
  take(claimed: Claimed, leftMs: () => number): Promise<boolean>;
  leftMs(): number;
  failed(error: unknown): void;
}

/** Beside its own time: for saying how it ended. Whoever is killed holds a message no longer than this and its time together. */
const GRACE_MS = 30_000;
/** For answering when the last message is done. */
const ANSWER_MS = 2_000;

export interface Passed {
  readonly done: number;
  readonly kept: number;
}

/** @throws {VendingError} QUEUE_UNAVAILABLE once what is in hand is over */
export async function pass({ queue, inbox, most, workMs, leftMs, ...options }: PassOptions): Promise<Passed> {
  const inHand = new Set<Promise<void>>();
  let [done, kept] = [0, 0];
  const work = async (claimed: Claimed): Promise<void> => {
    const leftAtFirst = leftMs();
    const isOver = await options
      .take(claimed, () => workMs - (leftAtFirst - leftMs()))
      .catch((error: unknown) => options.failed(error));
    if (isOver) done += 1;
    else kept += 1;
  };
  try {
    for (;;) {
      const room = leftMs() < workMs + ANSWER_MS ? 0 : most - inHand.size;
      const claimed = room === 0 ? [] : await inbox.claim(queue, room, workMs + GRACE_MS);
      for (const one of claimed) {
        const working = work(one).finally(() => inHand.delete(working));
        inHand.add(working);
      }
      if (claimed.length > 0 && inHand.size < most) continue;
      if (inHand.size === 0) return { done, kept };
      await Promise.race(inHand); // what it was in front of, in its group, is due now
    }
  } finally {
    await Promise.all(inHand);
  }
}
