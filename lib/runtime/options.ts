// What the middleware of every function is given.
import type { HttpOptions } from '../middleware/http.ts';
import type { QueueOptions } from '../middleware/queue.ts';
import { logFailure } from './logger.ts';
import { runtime } from './runtime.ts';

export const httpOptions: HttpOptions = {
  verify: async (authorization) => (await runtime()).verify(authorization),
  failed: logFailure,
};

export const queueOptions: QueueOptions = {
  async deadLetter({ messageId, eventSourceARN, body }, { code, message }) {
    const { deadLetter, refuse } = await runtime();
    await refuse(messageId, code); // first: should one of the two fail, the message comes back, and both are done again
    await deadLetter(eventSourceARN, body, { code, reason: message });
  },
  comeBack: async ({ eventSourceARN, receiptHandle }, afterMs) =>
    (await runtime()).comeBack(eventSourceARN, receiptHandle, afterMs),
  failed: logFailure,
};
