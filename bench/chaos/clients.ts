// Many clients that ask at once, for names of their own and for each other's, over HTTP and through queues, and that ask again
// when the line drops, as a portal's users and a pipeline would.
import { setTimeout as wait } from 'node:timers/promises';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type ServiceName, serviceNames } from '../../local/clouds/state/registry.ts';
import { type ExampleBody, exampleBody } from '../../local/example-request.ts';
import type { QueueKey } from '../../local/stack/queue-signature.ts';
import type { Random } from '../../tests/doubles/random.ts';

export interface Order {
  readonly provider: ServiceName;
  readonly body: ExampleBody;
}

export interface Book {
  /** Whatever was asked for, by `provider/name`. */
  readonly orders: Map<string, Order>;
  /** What was answered for each, told apart by its text. */
  readonly answers: Map<string, Set<string>>;
  requests: number;
  /** Answers that refuse for good. */
  refused: number;
}

/** How a subject is reached; it changes with every start. */
export interface Subject {
  readonly url: () => string;
  readonly headers: () => Record<string, string> | Promise<Record<string, string>>;
  readonly queue?: (provider: string) => string;
  /** Files a request for later, where there are no queues of SQS. */
  readonly later?: (order: Order) => Promise<unknown>;
  /** Another one after every start. */
  readonly queueKey?: () => QueueKey;
}

const PATIENCE = 60;

async function ask(subject: Subject, book: Book, { provider, body }: Order, over: AbortSignal): Promise<void> {
  const key = `${provider}/${body.name}`;
  for (let tries = 0; tries < PATIENCE && !over.aborted; tries += 1) {
    book.requests += 1;
    const init = {
      method: 'POST',
      headers: await subject.headers(),
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(31_000),
    };
    const answer = await fetch(`${subject.url()}/v1/${provider}/key-pairs`, init).catch(() => undefined);
    const said = await answer?.text().catch(() => undefined);
    if (answer !== undefined && said !== undefined && answer.status < 300) {
      book.answers.set(key, (book.answers.get(key) ?? new Set()).add(said));
      return;
    }
    const retry = answer?.headers.get('retry-after');
    // A subject may be down, or starting, or say when to come again: anything else is a refusal for good.
    if (answer !== undefined && answer.status < 500 && answer.status !== 401 && retry === null) {
      book.refused += 1;
      return;
    }
    await wait(retry === null || retry === undefined ? 300 : Math.min(2, Number(retry)) * 1_000, undefined, {
      signal: over,
    }).catch(() => {});
  }
}

/** @param count how many clients ask at once, until `over` */
export function load(subject: Subject, book: Book, random: Random, count: number, over: AbortSignal): Promise<unknown> {
  const quiet = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };
  // Expired at once, so that the SDK asks for every message.
  const credentials = async () => ({ ...subject.queueKey!(), expiration: new Date() });
  const client = new SQSClient({ region: 'us-east-1', credentials, logger: quiet });
  let made = 0;
  const order = (): Order => {
    const known = [...book.orders.values()];
    if (known.length > 0 && random.chance(0.3)) return known.at(-1 - random.below(Math.min(10, known.length)))!;
    made += 1;
    const name = `k${made}_${random.below(1e6)}`;
    const provider = random.pick(serviceNames);
    return { provider, body: exampleBody(provider, name) };
  };
  const one = async () => {
    while (!over.aborted) {
      const next = order();
      book.orders.set(`${next.provider}/${next.body.name}`, next);
      if (subject.queue !== undefined && random.chance(0.2)) {
        book.requests += 1;
        const MessageBody = JSON.stringify({ provider: next.provider, ...next.body });
        const QueueUrl = subject.queue(next.provider);
        await client
          .send(new SendMessageCommand({ QueueUrl, MessageBody }), { abortSignal: AbortSignal.timeout(2_000) })
          .catch(() => {}); // not sent: nobody promised anything
      }
      if (subject.later !== undefined && random.chance(0.2)) {
        book.requests += 1;
        await subject.later(next).catch(() => {}); // not filed, or nobody knows: the same is asked below
      }
      await ask(subject, book, next, over);
      await wait(20 + random.below(200));
    }
  };
  return Promise.all(Array.from({ length: count }, one)).finally(() => client.destroy());
}
