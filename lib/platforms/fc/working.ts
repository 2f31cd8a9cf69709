// The work on queues of the inbox, one pass over each in a call.
import type { Act } from '../../application/messages.ts';
import type { Claimed, Inbox } from '../../inbox/inbox.ts';
import { configuration } from '../checked-configuration.ts';
import { logged } from '../log-context.ts';
import { log } from '../logger.ts';
import { overQueue } from '../over-queue.ts';
import type { Taken } from '../serve/queue.ts';
import { inbox } from './inbox.ts';
import { type Passed, pass } from './pass.ts';

export interface Work {
  /** Of one message. */
  readonly workMs: number;
  /** @returns whether that is over */
  take(inbox: Inbox, claimed: Claimed, leftMs: () => number): Promise<boolean>;
}

/** A message's work, as a function of the queue: it is ended by itself, under the receipt of its claim. */
export function acting(act: Act, workMs: number): Work {
  const batch = overQueue(act);
  return {
    workMs,
    async take(opened, claimed, leftMs) {
      const { kept } = (await batch({ inbox: opened, claimed: [claimed] }, { leftMs })) as Taken;
      return kept.length === 0;
    },
  };
}

/** @returns how many messages were done with, and how many come again, by queue; those without any are left out */
export async function workOn(
  queues: ReadonlyMap<string, Work>,
  leftMs: () => number,
): Promise<Readonly<Record<string, Passed>>> {
  const opened = await inbox();
  const most = Number(configuration.KEYVEND_WORKERS);
  const all = await Promise.allSettled(
    [...queues].map(async ([queue, { workMs, take }]) => {
      const passed = await pass({
        ...{ queue, inbox: opened, most, workMs, leftMs, failed: log.failed },
        take: (claimed, left) => logged({ queue, messageId: claimed.id }, () => take(opened, claimed, left)),
      });
      return [queue, passed] as const;
    }),
  );
  const failed = all.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  const passed = all.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  return Object.fromEntries(passed.filter(([, { done, kept }]) => done + kept > 0));
}
