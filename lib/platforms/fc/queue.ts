// The worker's messages come from the inbox (pass.ts), as a server's do.
export { takeBatch } from '../serve/queue.ts';
