// Sending an event that waits in the inbox, until it is taken: for three days, at first after seconds and at last each hour.
import { type Clock, DAY_MS } from '../../clock.ts';
import { VendingError } from '../../errors.ts';
import type { Claimed, Inbox } from '../../inbox/inbox.ts';

const LONGEST_MS = 3 * DAY_MS;
const FIRST_PAUSE_MS = 2_000;
export const LONGEST_PAUSE_MS = 60 * 60_000;

interface Around {
  readonly clock: Clock;
  /** Told of each try that failed. */
  failed(error: unknown): void;
}

/** @param send rejects where it was not taken @returns what sends one event and says to the inbox how it went; whether that is over */
export const sending =
  (send: (event: Claimed) => Promise<void>, { clock, failed }: Around) =>
  async (inbox: Inbox, claimed: Claimed): Promise<boolean> => {
    try {
      await send(claimed);
      await inbox.done(claimed);
      return true;
    } catch (error) {
      failed(error);
      const reason = error instanceof VendingError ? error.message : 'The event could not be sent';
      if (clock.wallMs() - claimed.filedAtMs >= LONGEST_MS) {
        await inbox.bury(claimed, { code: 'QUEUE_UNAVAILABLE', reason });
        return true;
      }
      const waitMs = error instanceof VendingError ? error.retryAfterMs : undefined;
      await inbox.postpone(claimed, waitMs ?? pauseAfter(claimed.tries));
      return false;
    }
  };

const pauseAfter = (tries: number): number => Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (tries - 1));
