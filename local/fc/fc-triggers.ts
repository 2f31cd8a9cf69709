// What EventBridge, SMQ and timers hand to a function, and how often they try. Shapes: "Timer triggers", "EventBridge triggers", "SMQ
// triggers" of Function Compute. A batch succeeds or fails as a whole.
import { randomUUID } from 'node:crypto';
import type { FcFunction } from './fc-function.ts';

/** BACKOFF_RETRY: three tries more, 10 to 20 s apart; here whoever drives this does not wait. */
const PUSH_RETRIES = 3;

export type Delivered = { readonly tries: number; readonly delivered: boolean };

async function pushed(to: FcFunction, event: unknown): Promise<Delivered> {
  for (let tries = 1; ; tries += 1) {
    const { failed } = await to.invoke(JSON.stringify(event));
    if (!failed) return { tries, delivered: true };
    if (tries > PUSH_RETRIES) return { tries, delivered: false };
  }
}

/** @param payload as it stands in the trigger @returns the event of an asynchronous call */
export const timerEvent = (name: string, payload: string, atMs: number): Buffer =>
  Buffer.from(JSON.stringify({ triggerTime: new Date(atMs).toISOString(), triggerName: name, payload }));

export interface BusEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly data: unknown;
}

const extensions = (bus: string, { account, region }: Where) => ({
  aliyunaccountid: account,
  aliyunpublishtime: '2026-01-15T08:00:00.179Z',
  aliyuneventbusname: bus,
  aliyunregionid: region,
  aliyunoriginalaccountid: account,
  aliyunpublishaddr: '203.0.113.20',
});

interface Where {
  readonly account: string;
  readonly region: string;
}

/** An event of a custom bus, by a rule in the mode `event-driven`: one object. */
export const fromBus = (to: FcFunction, event: BusEvent, where: Where): Promise<Delivered> =>
  pushed(to, {
    ...{ specversion: '1.0', datacontenttype: 'application/json;charset=utf-8', time: '2026-01-15T08:00:00Z' },
    ...{ ...event, ...extensions('keyvend-requests', where) },
  });

/** Messages of a queue, by an event stream: a list, even of one. @param bodies as they come out of the queue */
export const fromSmq = (
  to: FcFunction,
  messages: readonly { readonly id: string; readonly body: unknown }[],
  where: Where,
): Promise<Delivered> =>
  pushed(
    to,
    messages.map(({ id, body }) => ({
      ...{ id: randomUUID(), source: 'MNS-keyvend-intake', specversion: '1.0', type: 'mns:Queue:SendMessage' },
      datacontenttype: 'application/json; charset=utf-8',
      subject: `acs:mns:${where.region}:${where.account}:queues/keyvend-requests`,
      time: '2026-01-15T08:00:00.093Z',
      ...extensions('MNS-keyvend-intake', where),
      data: { requestId: '606EA3074344430D4C810001', messageId: id, messageBody: body },
    })),
  );
