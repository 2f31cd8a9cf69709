// Everything on one machine: ledger and secrets in SQLite files under one folder, queues in a local server.
import { join } from 'node:path';
import { sqs } from '../aws/sqs.ts';
import { type Clock, wait } from '../clock.ts';
import type { Configuration } from '../contract/configuration.ts';
import type { KeyPairEvent } from '../contract/events.ts';
import { sqliteLedger } from '../ledger/sqlite/sqlite-ledger.ts';
import { Secret } from '../secret.ts';
import { embeddedStore } from '../secrets/embedded/embedded-store.ts';
import { createTransport } from '../transport/transport.ts';
import { onQueues, type Platform, trusted } from './platform.ts';
import { remembered } from './upstream.ts';

type LocalConfiguration = Extract<Configuration, { KEYVEND_PLATFORM: 'local' }>;

/** Where things lie under `KEYVEND_HOME`. */
export const ledgerFile = (home: string) => join(home, 'ledger.sqlite');
export const secretsFile = (home: string) => join(home, 'secrets.sqlite');
export const secretsKeyFile = (home: string) => join(home, 'secrets.key');

export async function oneMachine(configuration: LocalConfiguration, clock: Clock): Promise<Platform> {
  const { KEYVEND_HOME: home, KEYVEND_DEPLOYMENT: deployment } = configuration;
  const transport = createTransport({ clock, ...trusted(configuration) });
  const keys = JSON.parse(configuration.KEYVEND_UPSTREAM) as Record<string, Record<string, unknown> | undefined>;
  const queues = sqs({
    transport,
    clock,
    region: 'local',
    wait,
    // The local queue server checks none; it listens on loopback alone.
    credentials: async () => ({ accessKeyId: 'local', secretAccessKey: new Secret('local') }),
    ...(configuration.AWS_ENDPOINT_URL_SQS === undefined ? {} : { endpoint: configuration.AWS_ENDPOINT_URL_SQS }),
  });

  return {
    stores: {
      ledger: await sqliteLedger({ path: ledgerFile(home), clock }),
      store: await embeddedStore({
        path: secretsFile(home),
        deployment,
        key: { file: secretsKeyFile(home) },
        clock,
      }),
    },
    access: {
      transport,
      keyOf: remembered(async (provider, account) => {
        const key = keys[provider]?.[account];
        return key === undefined ? undefined : new Secret(JSON.stringify(key));
      }, clock),
    },
    publish: (event: KeyPairEvent) =>
      queues.send(configuration.KEYVEND_EVENTS_URL ?? '', JSON.stringify(event), { type: event.type }),
    ...onQueues(queues, configuration.AWS_ENDPOINT_URL_SQS),
  };
}
