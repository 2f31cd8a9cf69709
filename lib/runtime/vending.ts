// What the functions call: the use case with real parts, for a request and for a message.
import type { SQSRecord } from 'aws-lambda';
import { deadlineIn, systemClock } from '../clock.ts';
import { locationOf } from '../contract/catalog.ts';
import { asked, KeyPairRequest } from '../contract/key-pair.ts';
import { VendingError } from '../errors.ts';
import type { Answer, Asked, HttpOptions } from '../middleware/http.ts';
import { inTime } from '../middleware/in-time.ts';
import { parsed, parsedBody } from '../middleware/json.ts';
import type { QueueOptions } from '../middleware/queue.ts';
import type { ProviderName } from '../providers/provider.ts';
import { identityKey } from '../vending/identity.ts';
import { requestHash } from '../vending/request.ts';
import { type Vend, type Vended, vend } from '../vending/vend.ts';
import { logFailure, logger } from './logger.ts';
import { runtime } from './runtime.ts';

/** How long the messages of one batch may take: their function's own time, less what it needs to tell the queue. */
const MESSAGE_MS = 28_000;
const DAY_MS = 24 * 60 * 60_000;

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

export async function vendAsked(provider: ProviderName, { http, caller, leftMs }: Asked): Promise<Answer> {
  const { identity, request } = asked(parsedBody(KeyPairRequest, http, { provider }));
  await oneBodyPerKey(
    http.headers.get('idempotency-key'),
    caller.id,
    `${identityKey(identity)} ${requestHash(request)}`,
  );
  const deadline = deadlineIn(systemClock, leftMs);
  const { made, ...answer } = await inTime(logged({ identity, request, caller: caller.id, deadline }), leftMs);
  return { status: made ? 201 : 200, body: answer, headers: { location: locationOf(identity) } };
}

export const vendMessage = (provider: ProviderName) => async (record: SQSRecord) => {
  const body = parsed(KeyPairRequest, record.body);
  if (body.provider !== provider) throw new VendingError('INVALID_REQUEST', 'The message is for another provider');
  const { identity, request } = asked(body);
  await logged({ identity, request, caller: 'queue', deadline: deadlineIn(systemClock, MESSAGE_MS) });
};

async function logged(order: Vend): Promise<Vended> {
  const began = performance.now();
  const vended = await vend((await runtime()).parts, order);
  const { identity } = order;
  logger.info('vended', {
    ...identity,
    keyPairId: vended.keyPairId,
    made: vended.made,
    ms: Math.round(performance.now() - began),
  });
  return vended;
}

/** An Idempotency-Key stands for one body of one caller for a day. Quoted or not (draft-ietf-httpapi-idempotency-key). */
async function oneBodyPerKey(header: string | undefined, caller: string, body: string): Promise<void> {
  if (header === undefined) return;
  const key = /^"?([\x21\x23-\x7e]{1,128})"?$/.exec(header.trim())?.[1];
  if (key === undefined) throw new VendingError('INVALID_REQUEST', 'The Idempotency-Key is not 1 to 128 characters');
  const { ledger, clock } = (await runtime()).parts;
  const nowMs = clock.wallMs();
  const standing = await ledger.remember(`idempotency ${caller} ${key}`, body, nowMs, nowMs + DAY_MS);
  if (standing !== body) throw new VendingError('KEY_REUSED', 'This Idempotency-Key was used for another request');
}
