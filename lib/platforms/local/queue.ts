// The local pollers (local/stack/queue-pollers.ts) hand functions the batches that Lambda would.
export { takeBatch } from '../aws/queue.ts';
