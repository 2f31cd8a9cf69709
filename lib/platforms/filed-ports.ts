// What a platform offers whose messages and events wait in an inbox: they are filed, and whoever works on a queue takes it from there.
import type { QueueActions } from '../aws/sqs.ts';
import { ALIBABA_BUS, BUS, EVENTS, type filingIn } from './filing.ts';
import { withEarlier } from './in-order.ts';
import type { Publish } from './platform.ts';
import { records } from './records.ts';

/** In which queue an event waits for where it is sent to, and which variable says where that is. */
const places = [
  [EVENTS, 'KEYVEND_WEBHOOK_URL'],
  [BUS, 'KEYVEND_BUS'],
  [ALIBABA_BUS, 'KEYVEND_ALIBABA_BUS'],
] as const;

interface Here extends Readonly<Partial<Record<(typeof places)[number][1], string | undefined>>> {
  readonly KEYVEND_DEPLOYMENT: string;
}

export const filedPorts = ({ fileWake, fileEvent }: ReturnType<typeof filingIn>) => ({
  /** They are filed first, in the order of each key pair; whoever sends them tries as long as it takes. */
  publisher(configuration: Here): Publish {
    const queues = places.flatMap(([queue, variable]) => (configuration[variable] === undefined ? [] : [queue]));
    return async (event) => {
      if (queues.length === 0) return;
      for (const one of await withEarlier(event, configuration.KEYVEND_DEPLOYMENT, records.ledger))
        for (const queue of queues) await fileEvent(queue, one);
    };
  },

  /** A rotation's worker is woken by a message of the inbox; what becomes of messages is queue.ts's. */
  queueActions: (): QueueActions => ({
    send: (_queue, body, _attributes, afterMs) => fileWake(body, afterMs),
    postpone: elsewhere,
    bury: elsewhere,
  }),
});

async function elsewhere(): Promise<never> {
  throw new TypeError('messages of the inbox are postponed and buried by their claims');
}
