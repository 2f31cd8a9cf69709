import type { Clock } from '../../clock.ts';
import { type PostgresConfiguration, placeIn } from '../../postgres/configuration.ts';
import type { Inbox } from '../inbox.ts';
import { postgresInbox } from './postgres-inbox.ts';

/** A table in the ledger's schema, at the URL that the environment names. */
export const open = (configuration: PostgresConfiguration, clock: Clock): Promise<Inbox> =>
  postgresInbox(placeIn(configuration, clock));
