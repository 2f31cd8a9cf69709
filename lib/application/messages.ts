// A message in, an outcome out, whatever queue it came from: done, to be postponed, or refused because it can never succeed.
import type { Principal } from '../access/principal.ts';
import { fieldsIn } from '../contract/problem-of.ts';
import { type FailureCode, failures, VendingError } from '../errors.ts';
import type { Refusal } from '../inbox/inbox.ts';
import { aboutOf } from './about.ts';
import type { Runtime } from './runtime.ts';

export interface Message {
  readonly id: string;
  readonly body: string;
  /** As the queue says. */
  readonly sender: Principal;
}

/** One message's work. It may be given the same message twice, and two at once. @param leftMs milliseconds it may take */
export type Act = (message: Message, leftMs: number) => Promise<void>;

/** A message as a queue delivers it. */
export interface Delivery extends Message {
  /** Where the queue says it. */
  readonly filedAtMs?: number | undefined;
}

/** What a queue does with a message that was worked on. */
export interface Endings {
  done(): Promise<unknown>;
  postpone(afterMs: number): Promise<unknown>;
  bury(refusal: Refusal): Promise<unknown>;
}

/** For a failure that does not say when to try again. */
const USUAL_WAIT_MS = 30_000;
/** What is put back for so long does not pass by itself. SQS's own age of the oldest message leaves out what was received three times. */
const LATE_MS = 30 * 60_000;

/** Works on one message and ends it: it is done, comes again later, or is refused, which is announced before it is buried. @returns whether it is over */
export async function deliver(
  message: Delivery,
  act: Act,
  leftMs: number,
  { done, postpone, bury }: Endings,
  { refuse, log, clock }: Pick<Runtime, 'refuse' | 'log' | 'clock'>,
): Promise<boolean> {
  const outcome = await outcomeOf(act(message, leftMs), log.failed);
  try {
    if (outcome === 'done') {
      await done();
      return true;
    }
    if ('refused' in outcome) {
      const { code, fields } = outcome.refused;
      await refuse(message.id, code, fields); // first: if one of the two fails, the message comes back, and both are done again
      await bury(outcome.refused);
      return true;
    }
    const ageMs = clock.wallMs() - (message.filedAtMs ?? Number.NaN);
    if (ageMs >= LATE_MS)
      log.warn('message late', {
        ...aboutOf(outcome.because),
        messageId: message.id,
        minutes: Math.floor(ageMs / 60_000),
      });
    await postpone(outcome.postponeMs);
  } catch (cause) {
    log.failed(cause); // nobody else is given the message for the queue's own time, and it comes back then
  }
  return false;
}

type Outcome =
  | 'done'
  /** It comes again, after that many milliseconds. */
  | { readonly postponeMs: number; readonly because: unknown }
  /** It goes to the dead letters, with the reason. */
  | { readonly refused: Refusal & { readonly code: FailureCode } };

/** @param failed reports every failure: its code and ids, and never its input */
async function outcomeOf(work: Promise<void>, failed: (error: unknown) => void): Promise<Outcome> {
  try {
    await work;
    return 'done';
  } catch (error) {
    failed(error);
    if (!(error instanceof VendingError)) return { postponeMs: USUAL_WAIT_MS, because: error };
    if (failures[error.code].retry) return { postponeMs: error.retryAfterMs ?? USUAL_WAIT_MS, because: error };
    const fields = fieldsIn(error);
    return { refused: { code: error.code, reason: error.message, ...(fields && { fields }) } };
  }
}
