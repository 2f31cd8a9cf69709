// One message's work as a function of the platform: a batch in, and what became of it out.
import { takeBatch } from '#platform/queue.ts';
import type { Act } from '../application/messages.ts';
import { log } from './logger.ts';
import { flushMetrics } from './metrics/meter.ts';
import { queues } from './queues.ts';
import { runtime } from './runtime.ts';

const around = { queues, log, refuse: runtime.refuse, clock: runtime.clock };

export const overQueue =
  (act: Act) =>
  (event: unknown, context: unknown): Promise<unknown> =>
    takeBatch(event, context, act, around).finally(flushMetrics);
