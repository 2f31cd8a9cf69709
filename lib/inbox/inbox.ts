// The port: messages that wait for a worker, in tables beside the ledger, for platforms without a queue that can postpone or bury one
// message. At least once each: whoever claimed one and dies, or takes longer than its lease, has it handed out again.

import type { Principal } from '../access/principal.ts';
import type { MessageState } from '../message-states.ts';

/** A message as somebody files it. */
export interface Filing {
  /** 1 to 128 characters of any kind, unique within its queue. */
  readonly id: string;
  /** Up to 256 KiB of any characters. */
  readonly body: string;
  /** Whoever filed it, as it was verified then. */
  readonly sender: Principal;
  /** Messages of one group are handed out in the order in which they were filed, each when the one before it is done or buried. */
  readonly group?: string;
}

/** A message in the hands of a worker. */
export interface Claimed extends Filing {
  readonly queue: string;
  /** Names this claim; what is done by a claim that somebody else has taken over is refused. */
  readonly receipt: string;
  /** This one included. */
  readonly tries: number;
  readonly filedAtMs: number;
}

/** Which claim it is that somebody has done with. */
export type Claim = Pick<Claimed, 'queue' | 'id' | 'receipt'>;

/** Why a message can never succeed. */
export interface Refusal {
  readonly code: string;
  readonly reason: string;
  /** What of its body is wrong, as a problem's `errors`; no values. */
  readonly fields?: readonly { readonly pointer: string; readonly detail: string }[];
}

/** A message as people look at it. A body is shown by `read` alone. */
export interface FiledMessage {
  readonly queue: string;
  readonly id: string;
  readonly state: MessageState;
  readonly tries: number;
  readonly filedAtMs: number;
  /** When it is handed out, or again. */
  readonly visibleAtMs: number;
  /** The sender's id. */
  readonly sender: string;
  readonly refusal?: Refusal;
}

/** Every method throws {VendingError} QUEUE_UNAVAILABLE when the tables cannot be asked, with the effect; {TypeError} for what the port does not allow. */
export interface Inbox {
  /**
   * Files a message. The same id again changes nothing, whatever has become of it.
   * @param afterMs nobody is handed it before that @returns whether it is new
   */
  file(queue: string, message: Filing, afterMs?: number): Promise<boolean>;
  /** Hands out what is due, the longest due first. @param most 1 to 100 @param leaseMs nobody else gets it for so long */
  claim(queue: string, most: number, leaseMs: number): Promise<readonly Claimed[]>;
  /**
   * It is forgotten after a week; until then its id is known.
   * @returns false where the claim is not the last one any more, or was given up. One whose lease is over still counts, unless somebody
   * else has claimed the message since.
   */
  done(claim: Claim): Promise<boolean>;
  /** It is handed out again after a time in milliseconds. @returns as `done` */
  postpone(claim: Claim, afterMs: number): Promise<boolean>;
  /** It stays, with the reason, until somebody puts it back. @returns as `done` */
  bury(claim: Claim, refusal: Refusal): Promise<boolean>;
  /** Has a buried message handed out again, as if it were filed now: behind all others of its group. @returns false where there is no buried one of that id */
  putBack(queue: string, id: string): Promise<boolean>;
  /** In the order in which they were filed. @param limit 1 to 100 @throws {VendingError} INVALID_REQUEST for a cursor that did not come from here */
  list(asked: {
    readonly queue?: string;
    readonly state?: FiledMessage['state'];
    readonly limit: number;
    readonly cursor?: string;
  }): Promise<{
    readonly messages: readonly FiledMessage[];
    readonly cursor?: string;
  }>;
  read(queue: string, id: string): Promise<(FiledMessage & Pick<Filing, 'body'>) | undefined>;
  /** How many wait, are in hand, and are buried, by queue; and since when the oldest one that is due waits. */
  counts(): Promise<
    Readonly<
      Record<
        string,
        { readonly waiting: number; readonly inHand: number; readonly buried: number; readonly oldestDueAtMs?: number }
      >
    >
  >;
  close(): Promise<void>;
}
