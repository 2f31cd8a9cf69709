// What the functions call: the use case with real ports, for a request and for a message.
import type { SQSRecord } from 'aws-lambda';
import { deadlineIn, systemClock } from '../clock.ts';
import { identityAndRequest, KeyPairRequest } from '../contract/key-pair-request.ts';
import { locationOf } from '../contract/location.ts';
import { VendingError } from '../errors.ts';
import { identityKey } from '../identity.ts';
import type { Answer, Asked } from '../middleware/http.ts';
import { inTime } from '../middleware/in-time.ts';
import { parsed, parsedBody } from '../middleware/json.ts';
import { requestHash } from '../vending/request-hash.ts';
import { type VendCommand, type Vended, vend } from '../vending/vend.ts';
import type { Cloud } from './clouds/cloud.ts';
import { idempotencyKey, keyReused, rememberedFor } from './idempotency.ts';
import { logger } from './logger.ts';
import { portsFor } from './runtime.ts';
import { usageHeader } from './usage.ts';

/** How long the messages of one batch may take: their function's own time, less what it needs to tell the queue. */
const MESSAGE_MS = 28_000;

/** What the functions of one cloud do: for a request, and for a message. */
export const vendingOn = (cloud: Cloud) => ({
  asked: (asked: Asked): Promise<Answer> => vendAsked(cloud, asked),
  message: (record: SQSRecord): Promise<void> => vendMessage(cloud, record),
});

async function vendAsked(cloud: Cloud, order: Asked): Promise<Answer> {
  const { http, caller, leftMs } = order;
  const { provider } = cloud;
  const { identity, request } = identityAndRequest(parsedBody(KeyPairRequest, http, { provider }));
  const key = idempotencyKey(order);
  const body = `${identityKey(identity)} ${requestHash(request)}`;
  if (key !== undefined && (await rememberedFor(key, body)) !== body) throw keyReused();
  const deadline = deadlineIn(systemClock, leftMs);
  const { created, ...answer } = await inTime(
    logged(cloud, { identity, request, caller: caller.id, deadline }),
    leftMs,
  );
  return {
    status: created ? 201 : 200,
    body: answer,
    headers: { location: locationOf(identity), ...(await usageHeader(identity)) },
  };
}

async function vendMessage(cloud: Cloud, record: SQSRecord): Promise<void> {
  const body = parsed(KeyPairRequest, record.body);
  if (body.provider !== cloud.provider)
    throw new VendingError('INVALID_REQUEST', 'The message is for another provider');
  const { identity, request } = identityAndRequest(body);
  await logged(cloud, { identity, request, caller: 'queue', deadline: deadlineIn(systemClock, MESSAGE_MS) });
}

async function logged(cloud: Cloud, order: VendCommand): Promise<Vended> {
  const began = systemClock.monotonicMs();
  const vended = await vend(await portsFor([cloud]), order);
  const { identity } = order;
  logger.info('vended', {
    ...identity,
    keyPairId: vended.keyPairId,
    created: vended.created,
    ms: Math.round(systemClock.monotonicMs() - began),
  });
  return vended;
}
