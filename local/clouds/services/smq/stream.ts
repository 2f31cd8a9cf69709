// An event stream from a queue of SMQ to a function, as FC's trigger makes one: it holds the receipts and hands on batches, each again until
// it is taken or has been tried often enough. Whoever calls drives it, and nothing waits. Source: "Create an SMQ trigger" (Function Compute).
import { randomUUID } from 'node:crypto';
import { change, type Queue, type QueuedMessage, receive, send } from '../../state/queues.ts';

export interface StreamOptions {
  readonly name: string;
  /** How many messages a batch has at most: CountBasedWindow. Default 1. */
  readonly count?: number;
  /** BACKOFF_RETRY tries three times, EXPONENTIAL_DECAY_RETRY 176 times. Default 3. */
  readonly tries?: number;
  /** What becomes of the stream after a batch that was tried often enough. Default `ALL`. */
  readonly errorsTolerance?: 'ALL' | 'NONE';
  /** Where such a batch goes; nowhere without it. */
  readonly deadLetters?: Queue;
  /** Whether a body in base64 is decoded: IsBase64Decode. Default true. */
  readonly decodes?: boolean;
}

/** A CloudEvent as the function gets it, in an array. */
export type SmqEvent = Readonly<Record<string, unknown>> & {
  readonly data: { readonly requestId: string; readonly messageId: string; readonly messageBody: string };
};

export interface Batch {
  readonly events: readonly SmqEvent[];
  /** Which time this is, from 1. */
  readonly tried: number;
  taken(): void;
  failed(): 'again' | 'dead' | 'stopped';
}

export class Stream {
  readonly #queue: Queue;
  readonly #options: StreamOptions;
  readonly #nowMs: () => number;
  #open: { messages: readonly QueuedMessage[]; events: readonly SmqEvent[]; tried: number } | undefined;
  #stopped = false;

  constructor(queue: Queue, options: StreamOptions, nowMs: () => number) {
    this.#queue = queue;
    this.#options = options;
    this.#nowMs = nowMs;
  }

  /** The batch that failed, as it was; else the next one; undefined where there is none, or the stream has stopped. */
  next(): Batch | undefined {
    if (this.#stopped) return undefined;
    if (this.#open === undefined) {
      const messages = receive(this.#queue, this.#nowMs(), this.#options.count ?? 1);
      if (messages.length === 0) return undefined;
      // EventBridge keeps its messages for as long as it tries.
      for (const message of messages) change(this.#queue, message, { ...message, visibleMs: Number.MAX_SAFE_INTEGER });
      this.#open = { messages, events: messages.map((message) => this.#eventOf(message)), tried: 0 };
    }
    const batch = this.#open;
    batch.tried += 1;
    return { events: batch.events, tried: batch.tried, taken: () => this.#end(), failed: () => this.#failed() };
  }

  #end(): void {
    for (const message of this.#open?.messages ?? []) change(this.#queue, message);
    this.#open = undefined;
  }

  #failed(): 'again' | 'dead' | 'stopped' {
    const { deadLetters, errorsTolerance = 'ALL', tries = 3 } = this.#options;
    const batch = this.#open;
    if (batch !== undefined && batch.tried < tries) return 'again';
    if (errorsTolerance === 'NONE') {
      this.#stopped = true;
      return 'stopped';
    }
    if (deadLetters) for (const event of batch?.events ?? []) send(deadLetters, JSON.stringify(event), this.#nowMs());
    this.#end();
    return 'dead';
  }

  #eventOf({ id, body }: QueuedMessage): SmqEvent {
    const { account, region, name } = this.#queue;
    const now = new Date(this.#nowMs()).toISOString();
    const source = `MNS-${this.#options.name}`;
    return {
      ...{ id: `c2g-${randomUUID()}`, source, specversion: '1.0', type: 'mns:Queue:SendMessage' },
      datacontenttype: 'application/json; charset=utf-8',
      ...{ subject: `acs:mns:${region}:${account}:queues/${name}`, time: now, aliyunaccountid: account },
      ...{ aliyunpublishtime: now, aliyunoriginalaccountid: account, aliyuneventbusname: source },
      ...{ aliyunregionid: region, aliyunpublishaddr: '127.0.0.1' },
      data: {
        requestId: randomUUID().replaceAll('-', '').slice(0, 24).toUpperCase(),
        ...{ messageId: id, messageBody: this.#options.decodes === false ? body : decoded(body) },
      },
    };
  }
}

/** What is no base64 stays as it is; whether it does on the real service is on no page. */
function decoded(body: string): string {
  const bytes = Buffer.from(body, 'base64');
  return bytes.length > 0 && bytes.toString('base64') === body.trim() ? bytes.toString('utf8') : body;
}
