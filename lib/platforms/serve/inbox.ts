// This process's inbox: what is filed in it by keyvend itself, and who is told at once that something was.
import { EventEmitter } from 'node:events';
import { systemClock } from '../../clock.ts';
import type { Inbox } from '../../inbox/inbox.ts';
import '../checked-configuration.ts'; // first: a wrong environment is reported whole
import { filingIn, tellingOf } from '../filing.ts';
import { inboxFrom } from '../inbox.ts';
import { once } from '../once.ts';

export { ALIBABA_BUS, BUS, EVENTS, ROTATION } from '../filing.ts';

/** Emits a queue's name when this process filed something that is due at once; what others filed is found by looking. */
export const filed = new EventEmitter();

export const inbox = once(
  async (): Promise<Inbox> => tellingOf(await inboxFrom(process.env, systemClock), (queue) => void filed.emit(queue)),
);

export const { fileWake, fileEvent } = filingIn(inbox);
