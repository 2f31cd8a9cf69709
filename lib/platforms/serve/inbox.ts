// This process's inbox: what is filed in it by keyvend itself, and who is told at once that something was.
import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { queueSender } from '../../access/principal.ts';
import { systemClock } from '../../clock.ts';
import type { KeyPairEvent } from '../../contract/events.ts';
import type { Inbox } from '../../inbox/inbox.ts';
import '../checked-configuration.ts'; // first: a wrong environment is reported whole
import { inboxFrom } from '../inbox.ts';
import { once } from '../once.ts';

/** The rotation's worker, the webhook and the bus have a queue each; so has every provider (lib/application/requests-endpoint.ts). */
export const ROTATION = 'keyvend-rotation';
export const EVENTS = 'keyvend-events';
export const BUS = 'keyvend-bus';

/** Emits a queue's name when this process filed something that is due at once; what others filed is found by looking. */
export const filed = new EventEmitter();

export const inbox = once(async (): Promise<Inbox> => {
  const opened = await inboxFrom(process.env, systemClock);
  return {
    ...opened,
    async file(queue, message, afterMs) {
      const isNew = await opened.file(queue, message, afterMs);
      if (isNew && !afterMs) filed.emit(queue);
      return isNew;
    },
  };
});

const itself = queueSender('inbox', 'keyvend');

/** @param body as functions/rotation.ts takes it @param afterMs not before that long */
export async function fileWake(body: string, afterMs?: number): Promise<void> {
  await (await inbox()).file(ROTATION, { id: randomUUID(), body, sender: itself }, afterMs);
}

export async function fileEvent(queue: string, event: KeyPairEvent): Promise<void> {
  const group = 'subject' in event ? { group: event.subject } : {};
  const body = JSON.stringify(event);
  await (await inbox()).file(queue, { id: `${event.id} ${event.type}`, body, sender: itself, ...group });
}
