// What the middleware of every function is given.
import { bearer } from '../middleware/bearer.ts';
import type { HttpOptions } from '../middleware/http.ts';
import type { QueueOptions } from '../middleware/queue.ts';
import { keysAt } from './jwks.ts';
import { logFailure } from './logger.ts';
import { configuration, runtime } from './runtime.ts';

export const httpOptions: HttpOptions = {
  verify: bearer({
    issuer: configuration.KEYVEND_ISSUER,
    audience: configuration.KEYVEND_AUDIENCE,
    keys: keysAt(configuration.KEYVEND_JWKS_URI),
    nowMs: () => Date.now(),
  }),
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
