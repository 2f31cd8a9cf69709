// `#platform/queue.ts`, of the platform that the environment names: see http.ts.
import '../checked-configuration.ts';
import type { QueueTrigger } from '../platform.ts';

export const { takeBatch }: QueueTrigger = await import(`../${process.env.KEYVEND_PLATFORM}/queue.ts`);
