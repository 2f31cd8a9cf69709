import '../checked-configuration.ts';
import type { QueueTrigger } from '../platform.ts';

export const { takeBatch }: QueueTrigger = await import(`../${process.env.KEYVEND_PLATFORM}/queue.ts`);
