// Workers that take messages from the inbox, as many at a time as there are; and schedules. Each is stopped by letting what is in hand finish.
import { type Clock, wait } from '../../clock.ts';
import type { Claimed, Inbox } from '../../inbox/inbox.ts';

export interface Stoppable {
  /** Returns once what is in hand is done. */
  stop(): Promise<void>;
}

export interface WorkerOptions {
  readonly queue: string;
  /** At a time. */
  readonly most: number;
  /** How long a message may take. What is not done by then is handed out again some time later. */
  readonly workMs: number;
  readonly inbox: () => Promise<Inbox>;
  /** Does what is to be done and says so to the inbox. @returns whether that is over; it comes again otherwise */
  take(inbox: Inbox, claimed: Claimed, leftMs: () => number): Promise<boolean>;
  /** Around each message's work. */
  around(claimed: Claimed, work: () => Promise<boolean>): Promise<unknown>;
  readonly clock: Clock;
  failed(error: unknown): void;
  /** Calls back when something was filed here; what others filed is found by looking. */
  onFiled(look: () => void): void;
}

/** Beside its own time: for saying how it ended. */
const GRACE_MS = 30_000;
const LOOK_AGAIN_MS = 1_000;
/** While the tables cannot be asked. */
const LONGEST_PAUSE_MS = 10_000;

export function startWorkers({ queue, most, workMs, clock, ...options }: WorkerOptions): Stoppable {
  let isStopping = false;
  const inHand = new Set<Promise<void>>();
  let wake = () => {};
  options.onFiled(() => wake());

  async function work(inbox: Inbox, claimed: Claimed): Promise<void> {
    const endsMs = clock.monotonicMs() + workMs;
    const take = () => options.take(inbox, claimed, () => endsMs - clock.monotonicMs());
    await options.around(claimed, take).catch(options.failed);
  }

  /** @returns how long nothing more has to be looked for */
  async function look(pauseMs: number): Promise<number> {
    try {
      const inbox = await options.inbox();
      const claimed = await inbox.claim(queue, most - inHand.size, workMs + GRACE_MS);
      for (const one of claimed) {
        const working = work(inbox, one).finally(() => {
          inHand.delete(working);
          wake();
        });
        inHand.add(working);
      }
      return claimed.length > 0 ? 0 : LOOK_AGAIN_MS;
    } catch (error) {
      options.failed(error);
      return Math.min(LONGEST_PAUSE_MS, Math.max(LOOK_AGAIN_MS, 2 * pauseMs));
    }
  }

  const running = (async () => {
    for (let pauseMs = 0; !isStopping; ) {
      const over = new AbortController();
      wake = () => over.abort('filed');
      pauseMs = inHand.size < most ? await look(pauseMs) : LOOK_AGAIN_MS;
      if (pauseMs > 0 && !isStopping) await wait(pauseMs, over.signal);
    }
  })();
  return {
    async stop() {
      isStopping = true;
      wake();
      await running;
      await Promise.all(inHand);
    },
  };
}

export interface ScheduleOptions {
  readonly everyMs: number;
  run(): Promise<unknown>;
  failed(error: unknown): void;
}

/** At once, and then again that long after the run before it was over, somewhat sooner or later: many processes do not come all at once. */
export function onSchedule({ everyMs, run, failed }: ScheduleOptions): Stoppable {
  const stopping = new AbortController();
  const running = (async () => {
    while (!stopping.signal.aborted) {
      await run().catch(failed);
      await wait(everyMs * (0.9 + 0.2 * Math.random()), stopping.signal);
    }
  })();
  return {
    async stop() {
      stopping.abort('stopping');
      await running;
    },
  };
}
