// The inbox beside the ledger that the environment names, for whoever works on its messages or looks at them.
import { resolve } from 'node:path';
import * as z from 'zod/mini';
import type { Clock } from '../clock.ts';
import { checkedBy, type Environment, wrongVariables } from '../environment.ts';
import type { Inbox } from '../inbox/inbox.ts';
import { ledgers } from '../ledger/ledger-table.ts';
import { platforms } from './platform-table.ts';

type OpenInbox = (configuration: object, clock: Clock) => Promise<Inbox>;

/** @throws {TypeError} where there is no inbox beside it */
export function inboxLedgerIn({
  KEYVEND_PLATFORM: platform = 'local',
  KEYVEND_LEDGER: ledger,
}: Environment): 'postgres' | 'sqlite' {
  if (!Object.hasOwn(platforms, platform)) throw wrongVariables(['KEYVEND_PLATFORM']);
  const name = ledger ?? platforms[platform as keyof typeof platforms].usual.ledger;
  if (!Object.hasOwn(ledgers, name)) throw wrongVariables(['KEYVEND_LEDGER']);
  if (name !== 'dynamodb') return name as 'postgres' | 'sqlite';
  throw new TypeError(
    "with KEYVEND_LEDGER=dynamodb the queues are SQS's: look at them, and at their dead letters, there",
  );
}

/**
 * @param environment where it names no platform and no ledger, those of this machine are meant; nothing else of it is looked at
 * @throws {TypeError} naming what is missing, or that there is no inbox beside this ledger
 */
export async function inboxFrom(environment: Environment, clock: Clock): Promise<Inbox> {
  const name = inboxLedgerIn(environment);
  const { open }: { open: OpenInbox } = await import(`../inbox/${name}/open.ts`);
  const here = { KEYVEND_HOME: resolve(environment.KEYVEND_HOME ?? '.keyvend') };
  return open(checkedBy(z.object(ledgers[name].variables()), { ...environment, ...here }), clock);
}
