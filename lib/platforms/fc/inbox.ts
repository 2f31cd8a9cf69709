// The inbox of these functions, and what a call has filed in it: whoever works on that is asked to come before the call is answered,
// because nothing runs afterwards.
import { AsyncLocalStorage } from 'node:async_hooks';
import { systemClock } from '../../clock.ts';
import type { Inbox } from '../../inbox/inbox.ts';
import { open } from '../../inbox/postgres/open.ts';
import type { PostgresConfiguration } from '../../postgres/configuration.ts';
import { configuration } from '../checked-configuration.ts';
import { filingIn, tellingOf } from '../filing.ts';
import { once } from '../once.ts';

const filed = new AsyncLocalStorage<Set<string>>();

/** @param queues is given the queues in which `work` filed something that is due at once */
export const noting = <T>(queues: Set<string>, work: () => T): T => filed.run(queues, work);

export const inbox = once(async (): Promise<Inbox> => {
  const opened = await open(configuration as unknown as PostgresConfiguration, systemClock);
  return tellingOf(opened, (queue) => void filed.getStore()?.add(queue));
});

export const { fileWake, fileEvent } = filingIn(inbox);
