// One function of this platform: it answers requests or takes events. The platform's keys are there for the time of a call, and whatever a
// call begins is over before it is answered.
import { signedWith } from '../../alibaba/call-credentials.ts';
import type { HttpResponse } from '../../application/http.ts';
import { systemClock } from '../../clock.ts';
import { codeOf, VendingError } from '../../errors.ts';
import { asObject, jsonObject } from '../../transport/json.ts';
import { createTransport } from '../../transport/transport.ts';
import { configuration } from '../checked-configuration.ts';
import type { Configuration } from '../configuration.ts';
import { contextFields, logged } from '../log-context.ts';
import { log, watchLines } from '../logger.ts';
import { flushMetrics } from '../metrics/meter.ts';
import type { PlatformConfiguration } from '../platform-table.ts';
import { records } from '../records.ts';
import type { Route } from '../routed.ts';
import { inbox, noting } from './inbox.ts';
import { invoke, type WorkerName, workerOf } from './invoke.ts';
import type { Call } from './received.ts';
import { type FunctionServerOptions, failedEvent, startFunctionServer } from './server.ts';

const here = configuration as Configuration & PlatformConfiguration<'fc'>;
const invoking = {
  transport: createTransport({ clock: systemClock }),
  endpoint: here.KEYVEND_FC_ENDPOINT,
  prefix: here.KEYVEND_FC_FUNCTIONS ?? `keyvend-${here.KEYVEND_DEPLOYMENT}-`,
};

interface FunctionOptions {
  /** Which functions are asked to come when this one has filed something for them. */
  readonly wakes: readonly WorkerName[];
  /** What each call needs: it is opened ahead of the first one, and given back before the process is stopped. */
  readonly needs: readonly ('ledger' | 'inbox')[];
}

export const answerRequests = (route: Route, options: FunctionOptions): void =>
  start('requests', options, async ({ call, query, leftMs, ...request }) => {
    const served = { ...request, query: new URLSearchParams(query), base: '', id: call.id };
    const { operation, answer } = route(served);
    return logged({ operation }, () => answer(served, { leftMs }));
  });

/** What is done with an event. @returns what is told of it: numbers, and no input */
export type Take = (event: Buffer, leftMs: () => number) => Promise<object>;

/** An event that failed is tried again by the platform, as far as its trigger says so. */
export const takeEvents = (take: Take, options: FunctionOptions): void =>
  start('events', options, async ({ body, leftMs }): Promise<HttpResponse> => {
    try {
      const told = await take(body, leftMs);
      return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(told) };
    } catch (error) {
      log.failed(error);
      return { status: 404, headers: failedEvent, body: JSON.stringify({ code: codeOf(error) }) };
    }
  });

/** A job by its name: from a timer, which has it in its payload, or from whoever asks for this function. */
export const byJob =
  (
    jobs: Readonly<Record<string, (leftMs: () => number, asked: Readonly<Record<string, unknown>>) => Promise<object>>>,
  ): Take =>
  (event, leftMs) => {
    const said = jsonObject(event);
    const asked = typeof said?.payload === 'string' ? jsonObject(Buffer.from(said.payload)) : said;
    const job = String(asked?.job);
    if (!Object.hasOwn(jobs, job)) throw new VendingError('INVALID_REQUEST', 'This function has no such job');
    return logged({ job }, () => jobs[job]!(leftMs, asKnown(asked)));
  };

const asKnown = (asked: unknown) => asObject(asked) ?? {};

const tables = { ledger: () => records.ledger(), inbox };

function start(
  serves: FunctionServerOptions['serves'],
  { wakes, needs }: FunctionOptions,
  answer: FunctionServerOptions['answer'],
): void {
  const all = <T>(act: (table: { close(): Promise<void> }) => T) =>
    Promise.allSettled(needs.map((name) => tables[name]().then(act)));
  watchLines({ fields: contextFields });
  const during = <T>(call: Call, work: () => Promise<T>): Promise<T> => {
    const queues = new Set<string>();
    const whole = () =>
      noting(queues, () =>
        logged({ request: call.id }, async () => {
          try {
            return await work();
          } finally {
            await wake(queues, wakes, call);
            flushMetrics();
          }
        }),
      );
    return call.credentials === undefined ? whole() : signedWith(call.credentials, whole);
  };
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  startFunctionServer({
    ...{ serves, port: here.KEYVEND_FC_PORT, timeoutMs: here.KEYVEND_FC_TIMEOUT_SECONDS * 1_000 },
    ...{ clock: systemClock, newId: records.newId, print },
    answer: (received) => during(received.call, () => answer(received)),
    initialize: async () => void (await all(() => {})), // where one cannot be had, the first call hears of it
    stop: async () => void (await all((table) => table.close())), // it is opened anew by whoever asks for it after that
  }).catch((error: unknown) => {
    log.failed(error);
    process.exit(1);
  });
}

async function wake(queues: ReadonlySet<string>, wakes: readonly WorkerName[], call: Call): Promise<void> {
  const names = new Set([...queues].map(workerOf).filter((name) => wakes.includes(name)));
  await Promise.all(
    [...names].map((name) =>
      invoke(invoking, call, name).catch((error: unknown) =>
        log.info('not asked to come', {
          function: name,
          why: error instanceof VendingError ? error.message : 'INTERNAL',
        }),
      ),
    ),
  );
}
