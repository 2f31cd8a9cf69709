// Queues from outside their API, and the streams that hand their messages to functions.
import type { ServerClock } from '../server-clock.ts';
import { Stream, type StreamOptions } from '../services/smq/stream.ts';
import { type Queue, type Queues, send } from '../state/queues.ts';

interface Where {
  readonly account?: string;
  readonly region?: string;
}

export class QueueAdmin {
  readonly #queues: Queues;
  readonly #clock: ServerClock;

  constructor(queues: Queues, clock: ServerClock) {
    this.#queues = queues;
    this.#clock = clock;
  }

  /** As CreateQueue makes one that is told nothing. */
  add(name: string, { account = '1000000000000001', region = 'cn-hangzhou' }: Where = {}): void {
    const nowMs = this.#clock.nowMs();
    const usual = {
      DelaySeconds: 0,
      MaximumMessageSize: 65_536,
      MessageRetentionPeriod: 345_600,
      PollingWaitSeconds: 0,
    };
    const attributes = { ...usual, VisibilityTimeout: 30 };
    this.#queues.put({ account, region, name, attributes, createdAtMs: nowMs, changedAtMs: nowMs, messages: [] });
  }

  /** @throws {TypeError} where there is no such queue */
  send(name: string, body: string): void {
    send(this.#named(name), body, this.#clock.nowMs());
  }

  /** What is in a queue, handed out or not, oldest first. */
  bodies(name: string): readonly string[] {
    return this.#named(name).messages.map(({ body }) => body);
  }

  names(): readonly string[] {
    return this.#queues.all().map(({ name }) => name);
  }

  /** @param options with the dead letters' queue by its name */
  stream(
    name: string,
    { deadLetters, ...options }: Omit<StreamOptions, 'deadLetters' | 'name'> & { deadLetters?: string } = {},
  ): Stream {
    const dead = deadLetters === undefined ? {} : { deadLetters: this.#named(deadLetters) };
    return new Stream(this.#named(name), { name, ...options, ...dead }, () => this.#clock.nowMs());
  }

  #named(name: string): Queue {
    const queue = this.#queues.all().find((one) => one.name === name);
    if (queue === undefined) throw new TypeError(`there is no queue ${name}`);
    return queue;
  }
}
