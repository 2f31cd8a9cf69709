// Messages that wait for a worker, are in its hands, or were buried because they can never succeed.
import * as z from 'zod/mini';
import { messageStates } from '../message-states.ts';
import { wholeNumber } from '../numbers.ts';
import { providerField } from './fields.ts';

/** Those that requests are filed in, one for each provider, and the rest, which only whoever may see all of them may see. */
const queueField = () => z.string().check(z.regex(/^[a-z][a-z0-9-]{0,63}$/));

/** An id is unique within its queue. */
export const MessageQuery = z.strictObject({ queue: queueField() });

export const MessagesQuery = z.strictObject({
  queue: z.optional(queueField()),
  state: z.optional(z.enum(messageStates)),
  limit: z._default(wholeNumber(1, 100), 50),
  cursor: z.optional(z.string().check(z.maxLength(2_000))),
});

const message = {
  queue: z.string(),
  id: z.string(),
  state: z.enum(messageStates),
  filedAt: z.string(),
  /** How often it was handed to a worker. */
  tries: z.int(),
  /** When it is handed out, or again. */
  nextTryAt: z.optional(z.string()),
  /** Who filed it. */
  sender: z.string(),
  /** Why it can never succeed. */
  refusal: z.optional(
    z.strictObject({
      code: z.string(),
      detail: z.string(),
      errors: z.optional(z.array(z.strictObject({ pointer: z.string(), detail: z.string() }))),
    }),
  ),
};
export const MessageView = z.strictObject(message);
export const MessagesAnswer = z.strictObject({ messages: z.array(MessageView), cursor: z.optional(z.string()) });

/** A message as it was filed. Whoever filed it chose its words. */
export const MessageAnswer = z.strictObject({
  ...message,
  body: z.string(),
  /** Which key pair it asks for, where it asks for one. */
  keyPair: z.optional(
    z.strictObject({ provider: providerField(), account: z.string(), region: z.string(), name: z.string() }),
  ),
});
