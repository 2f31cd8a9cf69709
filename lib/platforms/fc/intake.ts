// Whatever the triggers deliver is filed, each message under an id of its own: what is delivered again is filed once. What can never be
// vended is told so and buried at once, so that nobody has to look for it in a trigger's own dead letters.
import type { Act } from '../../application/messages.ts';
import { together } from '../../together.ts';
import { log } from '../logger.ts';
import { deliveriesIn, REFUSED, refuseInvalid } from './deliveries.ts';
import { inbox } from './inbox.ts';
import { acting, type Work, workOn } from './working.ts';

const FILED_AT_ONCE = 4;
const REFUSING_MS = 5_000;

const refusing: Act = async ({ body }) => refuseInvalid(body);
/** For the worker as well: an intake may be ended between the two. */
export const refused: readonly [string, Work] = [REFUSED, acting(refusing, REFUSING_MS)];

/** @throws {VendingError} QUEUE_UNAVAILABLE, once all were tried: then all is delivered again */
export async function takeIn(
  event: Buffer,
  leftMs: () => number,
): Promise<{ filed: number; refused: number; known: number }> {
  const { file } = await inbox();
  const told = { filed: 0, refused: 0, known: 0 };
  const failures: unknown[] = [];
  await together(deliveriesIn(event), FILED_AT_ONCE, async ({ queue, message }) => {
    try {
      // Once more, as the same id is filed once: the first statement after a thaw may find its connection closed.
      const isNew = await file(queue, message).catch(() => file(queue, message));
      told[isNew ? (queue === REFUSED ? 'refused' : 'filed') : 'known'] += 1;
      log.info('request filed', { queue, id: message.id, isNew });
    } catch (error) {
      failures.push(error);
    }
  });
  if (failures.length > 0) throw failures[0];
  if (told.refused > 0) await workOn(new Map([refused]), leftMs).catch(log.failed); // the worker comes by as well
  return told;
}
