// What is logged of the inbox on a schedule, where nothing else shows it: alarms of deploy/fc/alarms.ts read these lines.
import type { Log } from '../application/runtime.ts';
import type { Inbox } from '../inbox/inbox.ts';

/** One line for each queue. */
export async function logInbox(inbox: Pick<Inbox, 'counts'>, log: Pick<Log, 'info'>, nowMs: number): Promise<void> {
  for (const [queue, { waiting, inHand, buried, oldestDueAtMs }] of Object.entries(await inbox.counts())) {
    const oldestMinutes = oldestDueAtMs === undefined ? 0 : Math.max(0, Math.floor((nowMs - oldestDueAtMs) / 60_000));
    log.info('inbox', { queue, waiting, inHand, buried, oldestMinutes });
  }
}
