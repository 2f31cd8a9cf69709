// SMQ's queues: made, filled, and taken from. Nobody waits here: a long poll that finds nothing says so at once.
// Source: Simple Message Queue, "Queue operations" and "Message operations" of version 2015-06-06.
import type { Call } from '../../protocols/protocol.ts';
import {
  change,
  heldBy,
  hide,
  type Queue,
  type QueueAttributes,
  type QueuedMessage,
  receive,
  send,
  visible,
} from '../../state/queues.ts';
import type { Action, Outcome, Service, World } from '../service.ts';
import { refuseSmq, smqErrors } from './errors.ts';

/** What an attribute is unless told otherwise, and from where to where it may be. */
const attributes = {
  DelaySeconds: [0, 0, 604_800],
  MaximumMessageSize: [65_536, 1_024, 65_536],
  MessageRetentionPeriod: [345_600, 60, 604_800],
  VisibilityTimeout: [30, 1, 43_200],
  PollingWaitSeconds: [0, 0, 30],
} as const satisfies Readonly<Record<keyof QueueAttributes, readonly [number, number, number]>>;

const given = ({ parameters }: Call, name: string): string | undefined => {
  const value = parameters.get(name);
  return value === undefined || value === '' ? undefined : String(value);
};

function numberIn(call: Call, name: string, [otherwise, least, most]: readonly [number, number, number]): number {
  const text = given(call, name);
  if (text === undefined) return otherwise;
  if (!/^\d{1,9}$/.test(text) || Number(text) < least || Number(text) > most) throw refuseSmq('InvalidArgument', name);
  return Number(text);
}

const attributesIn = (call: Call): QueueAttributes =>
  Object.fromEntries(Object.entries(attributes).map(([name, range]) => [name, numberIn(call, name, range)])) as never;

function queueOf({ queues, place }: World, call: Call): Queue {
  const queue = queues.get(place, String(call.parameters.get('QueueName')));
  if (queue === undefined) throw refuseSmq('QueueNotExist');
  return queue;
}

const createQueue: Action = (call) => {
  const [name, wanted] = [String(call.parameters.get('QueueName')), attributesIn(call)];
  if (!/^[A-Za-z][A-Za-z0-9-]{0,255}$/.test(name)) throw refuseSmq('InvalidQueueName');
  return async ({ queues, place, nowMs }) => {
    const there = queues.get(place, name);
    const same = there && JSON.stringify(there.attributes) === JSON.stringify(wanted);
    if (there && !same) throw refuseSmq('QueueAlreadyExist');
    const { account, region } = place;
    const made = { account, region, name, attributes: wanted, createdAtMs: nowMs, changedAtMs: nowMs, messages: [] };
    if (!there) queues.put(made);
    return { body: {}, status: there ? 204 : 201, headers: { location: `/queues/${name}` } };
  };
};

const deleteQueue: Action = (call) => async (world) => {
  const queue = world.queues.get(world.place, String(call.parameters.get('QueueName')));
  if (queue) world.queues.remove(queue);
  return { body: {}, status: 204 };
};

const getQueueAttributes: Action = (call) => async (world) => {
  const queue = queueOf(world, call);
  const { name, attributes: own, createdAtMs, changedAtMs } = queue;
  const active = visible(queue, world.nowMs).length;
  const delayed = queue.messages.filter(({ received, visibleMs }) => received === 0 && visibleMs > world.nowMs).length;
  const counts = { ActiveMessages: active, DelayMessages: delayed };
  const InactiveMessages = queue.messages.length - active - delayed;
  const times = { CreateTime: seconds(createdAtMs), LastModifyTime: seconds(changedAtMs) };
  return { body: { Queue: { QueueName: name, ...own, ...counts, InactiveMessages, ...times } } };
};

const sendMessage: Action = (call) => {
  const body = given(call, 'MessageBody');
  if (body === undefined) throw refuseSmq('InvalidArgument', 'MessageBody');
  const priority = numberIn(call, 'Priority', [8, 1, 16]);
  return async (world) => {
    const queue = queueOf(world, call);
    const { DelaySeconds, MaximumMessageSize } = queue.attributes;
    const delayS = numberIn(call, 'DelaySeconds', [DelaySeconds, 0, 604_800]);
    if (Buffer.byteLength(body) > MaximumMessageSize) throw refuseSmq('InvalidArgument', 'MessageBody');
    const { id, md5 } = send(queue, body, world.nowMs, { delayS, priority });
    return { body: { Message: { MessageId: id, MessageBodyMD5: md5 } }, status: 201 };
  };
};

const receiveMessage: Action = (call) => {
  numberIn(call, 'waitseconds', [0, 0, 30]);
  const most = numberIn(call, 'numOfMessages', [1, 1, 16]);
  const isBatch = given(call, 'numOfMessages') !== undefined;
  return async (world) => {
    const queue = queueOf(world, call);
    const peeks = given(call, 'peekonly') === 'true';
    const found = peeks ? visible(queue, world.nowMs).slice(0, most) : receive(queue, world.nowMs, most);
    if (found.length === 0) throw refuseSmq('MessageNotExist');
    const shown = found.map((message) => shownMessage(message, peeks));
    return { body: isBatch ? { Messages: { Message: shown } } : { Message: shown[0] } };
  };
};

const shownMessage = (message: QueuedMessage, peeks: boolean) => ({
  ...{ MessageId: message.id, MessageBody: message.body, MessageBodyMD5: message.md5, EnqueueTime: message.enqueuedMs },
  ...{ FirstDequeueTime: message.firstReceivedMs ?? message.enqueuedMs, DequeueCount: message.received },
  ...(!peeks && { ReceiptHandle: message.receipt, NextVisibleTime: message.visibleMs }),
  Priority: message.priority,
});

/** Under both spellings that SMQ's own clients use. */
function held(world: World, call: Call): { queue: Queue; message: QueuedMessage } {
  const receipt = given(call, 'ReceiptHandle') ?? given(call, 'receiptHandle');
  if (receipt === undefined) throw refuseSmq('MissingReceiptHandle');
  const queue = queueOf(world, call);
  if (!/^\d+-[0-9A-F]{16}$/.test(receipt)) throw refuseSmq('ReceiptHandleError');
  const message = heldBy(queue, receipt, world.nowMs);
  if (message === undefined) throw refuseSmq('MessageNotExist');
  return { queue, message };
}

const deleteMessage: Action = (call) => async (world) => {
  const { queue, message } = held(world, call);
  change(queue, message);
  return { body: {}, status: 204 };
};

const changeMessageVisibility: Action = (call) => {
  if (given(call, 'visibilityTimeout') === undefined) throw refuseSmq('MissingVisibilityTimeout');
  const timeoutS = numberIn(call, 'visibilityTimeout', [30, 1, 43_200]);
  return async (world): Promise<Outcome> => {
    const { queue, message } = held(world, call);
    const visibleMs = world.nowMs + timeoutS * 1_000;
    const ReceiptHandle = hide(queue, message, visibleMs);
    return { body: { ChangeVisibility: { ReceiptHandle, NextVisibleTime: visibleMs } } };
  };
};

const seconds = (ms: number): number => Math.floor(ms / 1_000);

export const smq: Service = {
  actions: new Map([
    ['CreateQueue', createQueue],
    ['DeleteQueue', deleteQueue],
    ['GetQueueAttributes', getQueueAttributes],
    ['SendMessage', sendMessage],
    ['ReceiveMessage', receiveMessage],
    ['DeleteMessage', deleteMessage],
    ['ChangeMessageVisibility', changeMessageVisibility],
  ]),
  errors: smqErrors,
  unpermitted: () => refuseSmq('AccessDenied'),
};
