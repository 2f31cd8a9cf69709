import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import type { Inbox } from '../inbox.ts';
import { sqliteInbox } from './sqlite-inbox.ts';

export const inboxFile = (home: string): string => join(home, 'inbox.sqlite');

/** A file under `KEYVEND_HOME`. */
export const open = ({ KEYVEND_HOME: home }: { readonly KEYVEND_HOME: string }, clock: Clock): Promise<Inbox> =>
  sqliteInbox({ path: inboxFile(home), clock });
