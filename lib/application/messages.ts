// A message in, an outcome out, whatever queue it came from: done, to be postponed, or refused because it can never succeed.
import type { Principal } from '../access/principal.ts';
import { failures, VendingError } from '../errors.ts';

export interface Message {
  readonly id: string;
  readonly body: string;
  /** As the queue says. */
  readonly sender: Principal;
}

/** One message's work. It may be given the same message twice, and two at once. @param leftMs milliseconds it may take */
export type Act = (message: Message, leftMs: number) => Promise<void>;

export type Outcome =
  | 'done'
  /** It comes again, after that many milliseconds. */
  | { readonly postponeMs: number; readonly because: unknown }
  /** It goes to the dead letters, with the reason. */
  | { readonly refused: VendingError };

/** For a failure that does not say when to try again. */
const USUAL_WAIT_MS = 30_000;

/** @param failed reports every failure: its code and ids, and never its input */
export async function outcomeOf(work: Promise<void>, failed: (error: unknown) => void): Promise<Outcome> {
  try {
    await work;
    return 'done';
  } catch (error) {
    failed(error);
    if (!(error instanceof VendingError)) return { postponeMs: USUAL_WAIT_MS, because: error };
    if (!failures[error.code].retry) return { refused: error };
    return { postponeMs: error.retryAfterMs ?? USUAL_WAIT_MS, because: error };
  }
}
