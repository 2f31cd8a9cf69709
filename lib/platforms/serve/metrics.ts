// What is counted, in the text format of Prometheus. Names and labels are part of our API: operations, statuses, queues, jobs; never a
// key pair's name or a caller's.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Inbox } from '../../inbox/inbox.ts';

export interface Metrics {
  readonly contentType: string;
  /** As it is at the moment. */
  text(): Promise<string>;
  answered(operation: string, status: number, ms: number): void;
  /** A line of the log that an operator may have to see to. */
  doubted(message: string, code: string): void;
  /** A scheduled job, or a message's work. */
  ran(job: string, succeeded: boolean, ms: number, nowMs: number): void;
}

/** Seconds. A vend waits for a cloud that may be far away. */
const BUCKETS = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** @param inbox whose queues are shown, as far as it can be asked @param isReady whether this process would be sent requests */
export function startMetrics(inbox: () => Promise<Inbox>, isReady: () => Promise<boolean>): Metrics {
  const registers = [new Registry()] as [Registry];
  collectDefaultMetrics({ register: registers[0] });
  const requests = new Histogram({
    ...{ name: 'keyvend_request_seconds', help: 'Answered requests, by operation and status', registers },
    ...{ labelNames: ['operation', 'status'] as const, buckets: BUCKETS },
  });
  const doubts = new Counter({
    ...{ name: 'keyvend_doubts_total', help: 'Warnings and failures in the log, by message and code', registers },
    labelNames: ['message', 'code'] as const,
  });
  const jobs = new Histogram({
    ...{ name: 'keyvend_job_seconds', help: 'Scheduled jobs and messages, by how they ended', registers },
    ...{ labelNames: ['job', 'outcome'] as const, buckets: BUCKETS },
  });
  const succeeded = new Gauge({
    ...{ name: 'keyvend_job_succeeded_timestamp_seconds', help: 'When a job last succeeded', registers },
    labelNames: ['job'] as const,
  });
  new Gauge({
    ...{ name: 'keyvend_queue_messages', help: 'Messages by queue and state', registers },
    labelNames: ['queue', 'state'] as const,
    async collect() {
      this.reset();
      // Without its tables there is no number of them, and all the others are needed the more.
      const counts = await inbox()
        .then((opened) => opened.counts())
        .catch(() => ({}));
      for (const [queue, { waiting, inHand, buried }] of Object.entries(counts)) {
        this.set({ queue, state: 'waiting' }, waiting);
        this.set({ queue, state: 'in-hand' }, inHand);
        this.set({ queue, state: 'buried' }, buried);
      }
    },
  });
  new Gauge({
    ...{ name: 'keyvend_ready', help: '1 where requests can be answered', registers },
    async collect() {
      this.set((await isReady()) ? 1 : 0);
    },
  });

  return {
    contentType: registers[0].contentType,
    text: () => registers[0].metrics(),
    answered: (operation, status, ms) => requests.observe({ operation, status: String(status) }, ms / 1_000),
    doubted: (message, code) => doubts.inc({ message, code }),
    ran(job, isGood, ms, nowMs) {
      jobs.observe({ job, outcome: isGood ? 'succeeded' : 'failed' }, ms / 1_000);
      if (isGood) succeeded.set({ job }, nowMs / 1_000);
    },
  };
}
