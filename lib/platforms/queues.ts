// The queues of this process's platform.
import { queueActions } from '#platform/ports.ts';
import type { QueueActions } from '../aws/sqs.ts';
import { systemClock } from '../clock.ts';
import { configuration } from './checked-configuration.ts';
import { once } from './once.ts';

export const queues = once(async (): Promise<QueueActions> => queueActions(configuration, systemClock));
