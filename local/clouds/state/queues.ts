// Message queues of SMQ: what waits in them, who has it at the moment, and by which receipt.
import { createHash, randomBytes } from 'node:crypto';
import type { SecretPlace } from './secrets.ts';

export interface QueueAttributes {
  readonly DelaySeconds: number;
  readonly MaximumMessageSize: number;
  readonly MessageRetentionPeriod: number;
  readonly VisibilityTimeout: number;
  readonly PollingWaitSeconds: number;
}

export interface QueuedMessage {
  readonly id: string;
  readonly body: string;
  readonly md5: string;
  readonly priority: number;
  readonly enqueuedMs: number;
  readonly visibleMs: number;
  readonly firstReceivedMs?: number;
  readonly received: number;
  /** Of the last time that it was handed out. */
  readonly receipt?: string;
}

export interface Queue extends SecretPlace {
  readonly name: string;
  readonly attributes: QueueAttributes;
  readonly createdAtMs: number;
  readonly changedAtMs: number;
  messages: readonly QueuedMessage[];
}

export class Queues {
  readonly #all = new Map<string, Queue>();

  put(queue: Queue): void {
    this.#all.set(keyOf(queue), queue);
  }

  get(place: SecretPlace, name: string): Queue | undefined {
    return this.#all.get(keyOf({ ...place, name }));
  }

  remove(queue: Queue): void {
    this.#all.delete(keyOf(queue));
  }

  all(): readonly Queue[] {
    return [...this.#all.values()];
  }

  clear(): void {
    this.#all.clear();
  }
}

const keyOf = ({ account, region, name }: SecretPlace & { readonly name: string }): string =>
  `${account}/${region}/${name}`;

const id = (bytes: number): string => randomBytes(bytes).toString('hex').toUpperCase();
const SECOND = 1_000;

export function send(queue: Queue, body: string, nowMs: number, { delayS = 0, priority = 8 } = {}): QueuedMessage {
  const message = {
    ...{ id: id(16), body, md5: createHash('md5').update(body).digest('hex').toUpperCase(), priority },
    ...{ enqueuedMs: nowMs, visibleMs: nowMs + delayS * SECOND, received: 0 },
  };
  queue.messages = [...queue.messages, message];
  return message;
}

/** Hidden until another moment, under a new receipt; the old one is no good any more. */
export function hide(queue: Queue, message: QueuedMessage, visibleMs: number): string {
  const receipt = `${message.priority}-${id(8)}`;
  change(queue, message, { ...message, visibleMs, receipt });
  return receipt;
}

const kept = (queue: Queue, nowMs: number): readonly QueuedMessage[] =>
  queue.messages.filter(({ enqueuedMs }) => nowMs < enqueuedMs + queue.attributes.MessageRetentionPeriod * SECOND);

/** Those that could be handed out now: the smallest priority number first, then the oldest. */
export function visible(queue: Queue, nowMs: number): QueuedMessage[] {
  queue.messages = kept(queue, nowMs);
  return queue.messages
    .filter(({ visibleMs }) => visibleMs <= nowMs)
    .sort((a, b) => a.priority - b.priority || a.enqueuedMs - b.enqueuedMs);
}

/** Hands out up to `most`, each under a receipt of its own. */
export const receive = (queue: Queue, nowMs: number, most: number): QueuedMessage[] =>
  visible(queue, nowMs)
    .slice(0, most)
    .map((message) => {
      const handed = {
        ...message,
        ...{ received: message.received + 1, firstReceivedMs: message.firstReceivedMs ?? nowMs },
        ...{ receipt: `${message.priority}-${id(8)}`, visibleMs: nowMs + queue.attributes.VisibilityTimeout * SECOND },
      };
      change(queue, message, handed);
      return handed;
    });

/** The one that a receipt stands for, while it does: not once the message is visible again, or was handed out anew. */
export const heldBy = (queue: Queue, receipt: string, nowMs: number): QueuedMessage | undefined =>
  kept(queue, nowMs).find((message) => message.receipt === receipt && nowMs < message.visibleMs);

/** @param after undefined removes it */
export function change(queue: Queue, message: QueuedMessage, after?: QueuedMessage): void {
  queue.messages = queue.messages.flatMap((one) => (one.id === message.id ? (after ? [after] : []) : [one]));
}
