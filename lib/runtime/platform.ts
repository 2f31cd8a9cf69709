// What is real here: AWS, or one machine. Each platform is loaded only where it is used, and where the packager has been told
// which one it is, it leaves the other out.
import { readFileSync } from 'node:fs';
import { type Queues, queueUrls } from '../aws/sqs.ts';
import type { Clock } from '../clock.ts';
import type { Configuration } from '../contract/configuration.ts';
import type { KeyPairEvent } from '../contract/events.ts';
import type { Ports } from '../vending/ports.ts';
import { awsPlatform } from './aws.ts';
import type { Runtime } from './runtime.ts';
import type { Access } from './upstream.ts';

export interface Platform extends Pick<Runtime, 'send' | 'deadLetter' | 'comeBack'> {
  readonly stores: Pick<Ports, 'ledger' | 'store'>;
  readonly access: Access;
  readonly publish: (event: KeyPairEvent) => Promise<void>;
}

export async function platformFor(configuration: Configuration, clock: Clock): Promise<Platform> {
  if (process.env.KEYVEND_PLATFORM !== 'aws' && configuration.KEYVEND_PLATFORM === 'local') {
    return (await import('./one-machine.ts')).oneMachine(configuration, clock);
  }
  if (configuration.KEYVEND_PLATFORM === 'aws') return awsPlatform(configuration, clock);
  throw new TypeError('this function was packaged for another platform');
}

/** What to trust of the clouds instead of the system's certificates: a local cloud's own. */
export const trusted = ({ KEYVEND_CA_FILE: file }: Configuration): { ca?: string } =>
  file === undefined ? {} : { ca: readFileSync(file, 'utf8') };

type OnQueues = Pick<Platform, 'send' | 'deadLetter' | 'comeBack'>;

/** What functions do to queues: a queue function to its own one and the dead-letter queue beside it. */
export const onQueues = (queues: Queues, endpoint: string | undefined): OnQueues => ({
  send: queues.send,
  deadLetter: (arn, body, attributes) => queues.send(queueUrls(arn, endpoint).deadLetters, body, attributes),
  comeBack: (arn, receiptHandle, afterMs) => queues.comeBack(queueUrls(arn, endpoint).queue, receiptHandle, afterMs),
});
