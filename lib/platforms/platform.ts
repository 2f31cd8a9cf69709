// What a platform's folder offers: ports.ts, http.ts and queue.ts, each as one of these.
import type { HttpRequest, HttpResponse } from '../application/http.ts';
import type { Act } from '../application/messages.ts';
import type { Runtime } from '../application/runtime.ts';
import type { QueueActions } from '../aws/sqs.ts';
import type { Clock } from '../clock.ts';
import type { KeyPairEvent } from '../contract/events.ts';
import type { Ports } from '../vending/ports.ts';
import type { CloudAccess } from './cloud-access.ts';
import type { Configuration } from './configuration.ts';

export type Publish = (event: KeyPairEvent) => Promise<void>;

/** Separate, so that a function brings along only what it uses. */
export interface PlatformPorts {
  cloudAccess(configuration: Configuration, clock: Clock): CloudAccess;
  publisher(configuration: Configuration, clock: Clock): Publish;
  /** Who keeps a copy of the trail outside of the ledger. */
  trailKeeper(configuration: Configuration): Ports['sendEntries'];
  queueActions(configuration: Configuration, clock: Clock): QueueActions;
}

/** How an event of the platform's becomes a request, and what goes back. */
export interface HttpTrigger {
  /** @throws {VendingError} TOO_LARGE for a body of more bytes */
  requestOf(event: unknown, longestBody: number): HttpRequest;
  /** How long the function may still run, in milliseconds. */
  leftMsOf(context: unknown): number;
  responseOf(response: HttpResponse): unknown;
}

/** How an event of the platform's becomes messages, and what is done with each: forgotten, postponed or buried. */
export interface QueueTrigger {
  takeBatch(event: unknown, context: unknown, act: Act, around: AroundBatch): Promise<unknown>;
}
export interface AroundBatch extends Pick<Runtime, 'refuse' | 'log' | 'clock'> {
  /** Called when a message is postponed or buried. */
  queues(): Promise<QueueActions>;
}

/** What open.ts in the folder of a ledger or a store offers. */
export interface Open<P> {
  open(configuration: Configuration, clock: Clock): Promise<P>;
}
