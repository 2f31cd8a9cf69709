// Real ports, made once per process: at the first call, from a configuration that is checked when the module loads.
import { randomUUID } from 'node:crypto';
import type { Queues } from '../aws/sqs.ts';
import { systemClock, wait } from '../clock.ts';
import { configurationFrom } from '../contract/configuration.ts';
import { announcementEvent, refusedEvent } from '../contract/make-event.ts';
import type { FailureCode } from '../errors.ts';
import type { Ports } from '../vending/ports.ts';
import type { Cloud } from './clouds/cloud.ts';
import { platformFor } from './platform.ts';
import { settingsFrom } from './settings.ts';
import { type Access, upstream } from './upstream.ts';

export interface Runtime {
  readonly ports: Omit<Ports, 'providerFor'>;
  readonly access: Access;
  /** Publishes that a message can never succeed. */
  readonly refuse: (messageId: string, code: FailureCode) => Promise<void>;
  /** @param queueArn of the queue that the message came from */
  readonly deadLetter: (queueArn: string, body: string, attributes: Readonly<Record<string, string>>) => Promise<void>;
  /** Puts a message into any queue, by its URL. */
  readonly send: Queues['send'];
  readonly comeBack: (queueArn: string, receiptHandle: string, afterMs: number) => Promise<void>;
}

export const configuration = configurationFrom(process.env);
let made: Promise<Runtime> | undefined;

export const runtime = (): Promise<Runtime> => {
  made ??= make().catch((error: unknown) => {
    made = undefined; // the next call tries again
    throw error;
  });
  return made;
};

/** All that the use cases act through. @param clouds those that this function serves */
export async function portsFor(clouds: readonly Cloud[]): Promise<Ports> {
  const { ports, access } = await runtime();
  return { ...ports, providerFor: upstream(clouds, configuration, access) };
}

async function make(): Promise<Runtime> {
  const { KEYVEND_DEPLOYMENT: deployment } = configuration;
  const platform = await platformFor(configuration, systemClock);
  return {
    ports: {
      ...platform.stores,
      publish: (announcement) => platform.publish(announcementEvent(deployment, announcement)),
      clock: systemClock,
      newId: randomUUID,
      wait,
      settings: settingsFrom(configuration),
    },
    access: platform.access,
    refuse: (messageId, code) => platform.publish(refusedEvent(deployment, messageId, code)),
    send: platform.send,
    deadLetter: platform.deadLetter,
    comeBack: platform.comeBack,
  };
}
