// What a server does by itself: schedules, and workers for each queue. On AWS each of these is a function of its own (serverless.yml).

import type { Act } from '../../application/messages.ts';
import { recoveryJobs } from '../../application/recovery-jobs.ts';
import { PASS_MS, RESERVE_MS, rotationJobs } from '../../application/rotation-jobs.ts';
import { sshHosts } from '../../hosts/ssh.ts';
import type { Claimed, Inbox } from '../../inbox/inbox.ts';
import { connectionOf } from '../../providers/connect.ts';
import { createTransport } from '../../transport/transport.ts';
import { fleetFor } from '../fleets.ts';
import { forRotation } from '../for-rotation.ts';
import { logged } from '../log-context.ts';
import { log } from '../logger.ts';
import { overQueue } from '../over-queue.ts';
import { ownConfiguration } from '../own-configuration.ts';
import type { Publish } from '../platform.ts';
import { regionsFor } from '../regions.ts';
import { runtime } from '../runtime.ts';
import { isTurnOf } from '../turn.ts';
import type { Endpoints } from './endpoints.ts';
import { EVENTS, filed, inbox, ROTATION } from './inbox.ts';
import type { Metrics } from './metrics.ts';
import type { Taken } from './queue.ts';
import { sending } from './sending.ts';
import { SEND_MS, sendingTo, type Webhook } from './webhook.ts';
import { onSchedule, type Stoppable, startWorkers, type WorkerOptions } from './workers.ts';

const MINUTE_MS = 60_000;
/** Of a message of a provider's queue: lib/application/vend-endpoint.ts stops by itself before that. */
const MESSAGE_MS = 30_000;

interface Job {
  readonly name: string;
  readonly everyMs: number;
  /** Whether one process of the deployment does it each time, and not all. */
  readonly byOne: boolean;
  run(): Promise<unknown>;
}

/** Where events go that wait in a queue. */
export interface Bus {
  readonly queue: string;
  readonly publish: Publish;
}

export interface JobOptions {
  readonly recoverEveryMs: number;
  /** Messages of each queue at a time. */
  readonly workers: number;
  readonly messages: Endpoints['messages'];
  readonly metrics: Metrics;
  /** Where events go, if they go anywhere. */
  readonly webhook?: Webhook;
  readonly buses: readonly Bus[];
}

export function startJobs({ recoverEveryMs, workers, messages, metrics, webhook, buses }: JobOptions): Stoppable {
  const recovery = recoveryJobs(
    runtime,
    connectionOf,
    () => ownConfiguration(process.env, 'without rotation'),
    regionsFor,
  );
  const hosts = sshHosts({ rules: forRotation.hostRules });
  const rotation = rotationJobs({ ...runtime, ...forRotation, fleetFor }, connectionOf, hosts);
  const jobs: readonly Job[] = [
    { name: 'settle', everyMs: recoverEveryMs, byOne: false, run: () => recovery.settleDue(5 * MINUTE_MS) },
    { name: 'rotation-due', everyMs: recoverEveryMs, byOne: false, run: () => rotation.handOutDue() },
    { name: 'count', everyMs: 15 * MINUTE_MS, byOne: true, run: () => recovery.countAll(5 * MINUTE_MS) },
    // Once a day, unless the call before left something over.
    { name: 'reconcile', everyMs: 15 * MINUTE_MS, byOne: true, run: () => recovery.reconcileDaily(14 * MINUTE_MS) },
  ];
  const work = (queue: string, act: Act, workMs: number) =>
    startWorkers({ ...around(queue, metrics), workMs, most: workers, take: taking(overQueue(act)) });
  const running = [
    ...jobs.map((job) => onSchedule({ everyMs: job.everyMs, run: () => run(job, metrics), failed: log.failed })),
    ...[...messages].map(([queue, act]) => work(queue, act, MESSAGE_MS)),
    work(ROTATION, rotation.work, PASS_MS + RESERVE_MS),
    ...(webhook ? [events(webhook, workers, metrics)] : []),
    ...buses.map((bus) => onBus(bus, workers, metrics)),
  ];
  return {
    async stop() {
      await Promise.all(running.map((one) => one.stop()));
    },
  };
}

function events(to: Webhook, most: number, metrics: Metrics): Stoppable {
  const { clock } = runtime;
  const send = sendingTo({ ...to, transport: createTransport({ clock }), clock, failed: log.failed });
  return startWorkers({ ...around(EVENTS, metrics), most, workMs: SEND_MS, take: send });
}

function onBus({ queue, publish }: Bus, most: number, metrics: Metrics): Stoppable {
  const send = sending(({ body }) => publish(JSON.parse(body)), { clock: runtime.clock, failed: log.failed });
  return startWorkers({ ...around(queue, metrics), most, workMs: SEND_MS, take: send });
}

type Take = WorkerOptions['take'];

const taking =
  (overQueue: (event: unknown, context: unknown) => Promise<unknown>): Take =>
  async (opened: Inbox, claimed: Claimed, leftMs) => {
    const { kept } = (await overQueue({ inbox: opened, claimed: [claimed] }, { leftMs })) as Taken;
    return kept.length === 0;
  };

/** What every queue's workers have; each message's lines name it. */
const around = (queue: string, metrics: Metrics): Omit<WorkerOptions, 'most' | 'workMs' | 'take'> => ({
  queue,
  inbox,
  clock: runtime.clock,
  failed: log.failed,
  onFiled: (look) => filed.on(queue, look),
  around: (claimed, work) =>
    logged({ queue, messageId: claimed.id }, () => measured(`queue ${queue}`, metrics, work, (isOver) => isOver)),
});

async function run({ name, byOne, everyMs, run }: Job, metrics: Metrics): Promise<void> {
  await logged({ job: name }, async () => {
    if (byOne && !(await isTurnOf(name, everyMs))) return;
    await measured(name, metrics, run);
  });
}

async function measured<T>(
  job: string,
  metrics: Metrics,
  work: () => Promise<T>,
  succeeded: (value: T) => boolean = () => true,
): Promise<T> {
  const { clock } = runtime;
  const began = clock.monotonicMs();
  const end = (isGood: boolean) => metrics.ran(job, isGood, clock.monotonicMs() - began, clock.wallMs());
  return work().then(
    (value) => {
      end(succeeded(value));
      return value;
    },
    (error: unknown) => {
      end(false);
      throw error;
    },
  );
}
