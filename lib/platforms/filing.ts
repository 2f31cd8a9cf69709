// What keyvend itself files in an inbox: wakes of the rotation's worker, and events that wait to be sent.
import { randomUUID } from 'node:crypto';
import { queueSender } from '../access/principal.ts';
import type { KeyPairEvent } from '../contract/events.ts';
import type { Inbox } from '../inbox/inbox.ts';

/** The rotation's worker, the webhook and each bus have a queue each; so has every provider (lib/application/requests-endpoint.ts). */
export const ROTATION = 'keyvend-rotation';
export const EVENTS = 'keyvend-events';
export const BUS = 'keyvend-bus';
export const ALIBABA_BUS = 'keyvend-alibaba-bus';

const itself = queueSender('inbox', 'keyvend');

/** @param onFiled told of a queue in which something was filed that is due at once */
export const tellingOf = (opened: Inbox, onFiled: (queue: string) => void): Inbox => ({
  ...opened,
  async file(queue, message, afterMs) {
    const isNew = await opened.file(queue, message, afterMs);
    if (isNew && !afterMs) onFiled(queue);
    return isNew;
  },
});

export const filingIn = (inbox: () => Promise<Inbox>) => ({
  /** @param body as functions/rotation.ts takes it @param afterMs not before that long */
  async fileWake(body: string, afterMs?: number): Promise<void> {
    await (await inbox()).file(ROTATION, { id: randomUUID(), body, sender: itself }, afterMs);
  },

  async fileEvent(queue: string, event: KeyPairEvent): Promise<void> {
    const group = 'subject' in event ? { group: event.subject } : {};
    const body = JSON.stringify(event);
    await (await inbox()).file(queue, { id: `${event.id} ${event.type}`, body, sender: itself, ...group });
  },
});
