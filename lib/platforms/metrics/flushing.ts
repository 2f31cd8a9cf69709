// For a function that is called by a schedule: what was measured is sent when it is over, however it ended. Requests and messages do so
// by themselves (over-http.ts, over-queue.ts).
import { flushMetrics } from './meter.ts';

export const flushing = { after: flushMetrics, onError: flushMetrics };
