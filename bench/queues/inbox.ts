// The queues of the stage in an inbox, beside a ledger of the same kind: of a PostgreSQL of its own, or in files of the stage.
import { randomUUID } from 'node:crypto';
import { systemClock } from '../../lib/clock.ts';
import { inboxFrom } from '../../lib/platforms/inbox.ts';
import { postgresServer } from '../../tests/doubles/postgres-server.ts';

/** Whoever the access document of the stage is asked about: everyone may do everything. */
const sender = { kind: 'token', id: 'bench', issuer: 'bench', claims: {} } as const;

export type InboxKind = 'sqlite' | 'postgres';

export async function startInbox(kind: InboxKind, home: string) {
  const server = kind === 'postgres' ? await postgresServer() : undefined;
  const environment = {
    KEYVEND_LEDGER: kind,
    ...(server && { KEYVEND_POSTGRES_URL: server.url }),
  };
  const inbox = await inboxFrom({ ...environment, KEYVEND_HOME: home }, systemClock);
  return {
    environment,
    async send(queue: string, bodies: readonly string[]): Promise<void> {
      for (const body of bodies) await inbox.file(queue, { id: randomUUID(), body, sender });
    },
    async left(queue: string): Promise<number> {
      const { waiting = 0, inHand = 0 } = (await inbox.counts())[queue] ?? {};
      return waiting + inHand;
    },
    buried: async (queue: string): Promise<number> => (await inbox.counts())[queue]?.buried ?? 0,
    async stop(): Promise<void> {
      await inbox.close();
      await server?.remove();
    },
  };
}
