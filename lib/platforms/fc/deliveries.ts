// What the platform's triggers deliver, as messages of the inbox. An EventBridge rule gives one CloudEvent; a queue of SMQ, by way of an
// event stream, gives a list of CloudEvents around what was sent to it. None of it can be handed back one by one, so all of it is filed.
// Source: "EventBridge triggers" and "Simple Message Queue triggers", Function Compute; CloudEvents 1.0.
import { queueSender } from '../../access/principal.ts';
import { requestQueue } from '../../application/requests-endpoint.ts';
import { below, RequestedEvent } from '../../contract/filed-request.ts';
import { identityAndRequest, keyPairRequest } from '../../contract/key-pair-request.ts';
import { objectIn, parsedValue } from '../../contract/parse.ts';
import { InvalidRequest } from '../../contract/problem-of.ts';
import { VendingError } from '../../errors.ts';
import { identityKey } from '../../identity.ts';
import { BODY_BYTES } from '../../inbox/entry.ts';
import type { Filing } from '../../inbox/inbox.ts';
import { isProvider } from '../../provider-table.ts';
import { sha256 } from '../../sha256.ts';
import { asObject } from '../../transport/json.ts';

/** Where what can never be vended is put, to be refused by whoever looks at it next. */
export const REFUSED = 'keyvend-refused';

export interface Delivery {
  readonly queue: string;
  readonly message: Filing;
}

/**
 * Who sent it is decided by whoever may send to the bus or the queue (RAM): the access document names `eventbridge` and `smq`, as queue and
 * as sender. What an event says of itself is its publisher's word. By the shape, which is the trigger's: a list is a stream's.
 */
const senders = { bus: queueSender('eventbridge', 'eventbridge'), stream: queueSender('smq', 'smq') };

const SMQ = 'mns:Queue:SendMessage';

export function deliveriesIn(event: Buffer): readonly Delivery[] {
  const text = event.toString();
  const said = jsonIn(text);
  if (Array.isArray(said)) return said.map((one) => deliveryOf(one, 'stream'));
  return [deliveryOf(said ?? text, 'bus', text)];
}

/** @param text where all of what was delivered is this one */
function deliveryOf(given: unknown, by: keyof typeof senders, text = JSON.stringify(given)): Delivery {
  const event = asObject(given);
  const isMessage = event?.type === SMQ;
  const data = asObject(event?.data);
  const id = isMessage ? (data?.messageId ?? event?.id) : event?.id;
  const named = JSON.stringify([event?.source, isMessage ? event?.subject : undefined, id ?? given]);
  const body = isMessage ? messageIn(data?.messageBody) : text;
  const message = {
    id: sha256(`keyvend intake 1 ${by} ${named}`).toString('base64url'),
    body: Buffer.byteLength(body) <= BODY_BYTES ? body : '"longer than 256 KiB"',
    sender: senders[by],
  };
  try {
    const fields = fieldsIn(message.body, isMessage);
    const { provider } = fields;
    if (!isProvider(provider)) return { queue: REFUSED, message };
    const { identity } = identityAndRequest(parsedValue(keyPairRequest(provider), fields));
    const group = sha256(identityKey(identity)).toString('base64url');
    return { queue: requestQueue(provider), message: { ...message, body: JSON.stringify(fields), group } };
  } catch (error) {
    if (error instanceof VendingError) return { queue: REFUSED, message };
    throw error;
  }
}

/** @throws {InvalidRequest} what is wrong with a message that was put aside */
export function refuseInvalid(body: string): never {
  const said = objectIn(body);
  const isMessage = said.specversion === undefined;
  const fields = fieldsIn(body, isMessage);
  const { provider } = fields;
  return below(isMessage ? '' : '/data', () => {
    if (isProvider(provider)) identityAndRequest(parsedValue(keyPairRequest(provider), fields));
    throw new InvalidRequest([{ pointer: '#/provider', detail: 'is not one of the allowed values' }]);
  });
}

/** Of a message to a queue, all of it; of an event, its data. */
const fieldsIn = (body: string, isMessage: boolean): Readonly<Record<string, unknown>> =>
  isMessage ? objectIn(body) : parsedValue(RequestedEvent, objectIn(body)).data;

/** The text that was sent; in base64 where whoever sent it did so and the trigger did not undo it; or an object already. */
function messageIn(body: unknown): string {
  if (typeof body !== 'string') return JSON.stringify(body ?? null);
  if (/^\s*\{/.test(body)) return body;
  const decoded = Buffer.from(body, 'base64').toString();
  return /^\s*\{/.test(decoded) ? decoded : body;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
