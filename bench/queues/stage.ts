// The local stack with its queues alone, and as many processes at each queue as Lambda would have environments.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import * as z from 'zod/mini';
import { OPEN } from '../../lib/access/access-document.ts';
import { systemClock } from '../../lib/clock.ts';
import { checkedBy } from '../../lib/environment.ts';
import { DEFAULT_ACCOUNT } from '../../lib/identity.ts';
import type { Ledger } from '../../lib/ledger/ledger.ts';
import { open as openPostgres } from '../../lib/ledger/postgres/open.ts';
import { ledgerFile } from '../../lib/ledger/sqlite/open.ts';
import { sqliteLedger } from '../../lib/ledger/sqlite/sqlite-ledger.ts';
import { postgresVariables } from '../../lib/postgres/configuration.ts';
import { forEachProvider, type ProviderName, rowOf, variableOf } from '../../lib/provider-table.ts';
import type { Attempt } from '../../lib/vending/attempt.ts';
import type { KeyPairRecord } from '../../lib/vending/record.ts';
import { type Clouds, startClouds } from '../../local/clouds/clouds.ts';
import { KeySource } from '../../local/clouds/keys/key-source.ts';
import type { Limits } from '../../local/clouds/settings/limits.ts';
import { serviceNames } from '../../local/clouds/state/registry.ts';
import { queueKeyOf, REGION, startQueues } from '../../local/stack/queues.ts';
import { described } from '../../local/stack/routes.ts';
import { type InboxKind, startInbox } from './inbox.ts';
import type { Order } from './worker.ts';

export const EVENTS = 'keyvend-events';
export const DEPLOYMENT = 'bench';
export const queueOf = (provider: ProviderName) => `keyvend-${provider}`;
const deadLettersOf = (provider: ProviderName) => `${queueOf(provider)}-dead-letters`;

export interface Stage {
  readonly clouds: Clouds;
  /** Where secrets are stored, and the ledger, unless it is in PostgreSQL. */
  readonly home: string;
  openLedger(): Promise<Ledger<KeyPairRecord, Attempt>>;
  send(provider: ProviderName, bodies: readonly object[]): Promise<void>;
  /** How many messages a queue holds: those that wait, and those that somebody has in hand. */
  left(queue: string): Promise<number>;
  /** How many were refused for good. */
  dead(provider: ProviderName): Promise<number>;
  /** Takes everything out of a queue. */
  everything(queue: string): Promise<string[]>;
  stop(): Promise<void>;
}

const description = new URL('../../serverless.yml', import.meta.url);

/**
 * @param processes per queue; serverless.yml says how many batches of one are in hand at once, and of what size
 * @param kind of an inbox that the messages are in, instead of the local SQS
 * @param pairs how many the clouds will make; keys for all of them are at hand, else making those would be what is measured
 */
export async function startStage(
  processes: number,
  pairs: number,
  limits: Partial<Limits>,
  kind?: InboxKind,
): Promise<Stage> {
  const home = mkdtempSync(join(tmpdir(), 'keyvend-queues-'));
  process.once('exit', () => rmSync(home, { recursive: true }));
  const keys = new KeySource({ ready: 0, combinations: pairs });
  const clouds = await startClouds({ limits, keys });
  while (!keys.idle) await wait(100);
  const inbox = kind && (await startInbox(kind, home));
  const own = inbox ? [] : serviceNames.map(queueOf);
  const queues = await startQueues(join(home, 'queues'), [...own, `${EVENTS}!`]);
  writeFileSync(join(home, 'ca.pem'), clouds.ca);
  const env = {
    ...process.env,
    ...{ KEYVEND_PLATFORM: 'local', KEYVEND_LEDGER: 'sqlite', KEYVEND_STORE: 'embedded' },
    ...{ POWERTOOLS_LOG_LEVEL: 'WARN', KEYVEND_HOME: home, KEYVEND_DEPLOYMENT: DEPLOYMENT },
    ...{
      KEYVEND_ACCESS: OPEN,
      KEYVEND_ISSUER: 'nobody',
      KEYVEND_AUDIENCE: 'nobody',
      KEYVEND_JWKS_URI: 'http://127.0.0.1/never-asked',
    },
    KEYVEND_CA_FILE: join(home, 'ca.pem'),
    ...Object.fromEntries(serviceNames.map((service) => [variableOf(service, 'ENDPOINT'), clouds.tlsEndpoint])),
    KEYVEND_UPSTREAM: JSON.stringify(
      forEachProvider((provider) => ({ [DEFAULT_ACCOUNT]: clouds.credentials[rowOf(provider).credentials] })),
    ),
    ...{ KEYVEND_EVENTS_URL: queues.url(EVENTS), AWS_ENDPOINT_URL_SQS: queues.endpoint },
    KEYVEND_QUEUE_KEY: queueKeyOf(queues.key),
    ...inbox?.environment,
  };
  const atOnce = Number(/maximumConcurrency: (\d+)/.exec(readFileSync(description, 'utf8'))?.[1]);
  const workers: ChildProcess[] = [];
  for (const { handler, batchSize } of described(description).polls) {
    const provider = serviceNames.find((name) => handler === `functions/${name}.queue`);
    if (provider === undefined) continue; // rotation's worker, which vends nothing
    for (let nth = 0; nth < processes; nth += 1) {
      const pollers = Math.floor((atOnce + nth) / processes);
      const order: Order = {
        endpoint: queues.endpoint,
        key: queues.key,
        queue: queueOf(provider),
        handler,
        batchSize,
        pollers,
        ...(inbox && { inboxOf: provider }),
      };
      workers.push(await startWorker(order, env));
    }
  }
  const client = new SQSClient({
    endpoint: queues.endpoint,
    region: REGION,
    credentials: queues.key,
  });

  const stage: Stage = {
    clouds,
    home,
    openLedger: () =>
      inbox?.environment.KEYVEND_POSTGRES_URL === undefined
        ? sqliteLedger({ path: ledgerFile(home), clock: systemClock })
        : openPostgres(checkedBy(z.object(postgresVariables()), inbox.environment), systemClock),
    async send(provider, bodies) {
      if (inbox)
        return inbox.send(
          queueOf(provider),
          bodies.map((body) => JSON.stringify(body)),
        );
      const QueueUrl = queues.url(queueOf(provider));
      for (let at = 0; at < bodies.length; at += 10) {
        const Entries = bodies
          .slice(at, at + 10)
          .map((body, i) => ({ Id: String(i), MessageBody: JSON.stringify(body) }));
        await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
      }
    },
    async left(queue) {
      if (workers.some(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null))
        throw new Error('a worker ended before its queue was empty');
      if (inbox) return inbox.left(queue);
      const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
      const asked = new GetQueueAttributesCommand({ QueueUrl: queues.url(queue), AttributeNames: [...names] });
      const { Attributes = {} } = await client.send(asked);
      return names.reduce((sum, name) => sum + Number(Attributes[name]), 0);
    },
    dead: (provider) => (inbox ? inbox.buried(queueOf(provider)) : stage.left(deadLettersOf(provider))),
    async everything(queue) {
      const bodies: string[] = [];
      for (;;) {
        const asked = new ReceiveMessageCommand({
          QueueUrl: queues.url(queue),
          MaxNumberOfMessages: 10,
          VisibilityTimeout: 600,
        });
        const { Messages = [] } = await client.send(asked);
        if (Messages.length === 0) return bodies;
        bodies.push(...Messages.map(({ Body = '' }) => Body));
      }
    },
    async stop() {
      const gone = workers.map((worker) => worker.exitCode ?? once(worker, 'exit'));
      for (const worker of workers) if (worker.connected) worker.disconnect();
      await Promise.all(gone);
      client.destroy();
      await queues.stop();
      await inbox?.stop();
      keys.close();
      await clouds.close();
    },
  };
  return stage;
}

async function startWorker(order: Order, env: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('./worker.ts', import.meta.url));
  const worker = spawn(process.execPath, [script, JSON.stringify(order)], {
    env,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(worker, 'exit').then(() => Promise.reject(new Error('a worker did not start')));
  await Promise.race([once(worker, 'message'), ended]);
  ended.catch(() => {}); // it may end later
  return worker;
}
