// On one machine: the clouds' access keys in the configuration, announcements to a queue, queues in a local server.
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type QueueActions, sqs } from '../../aws/sqs.ts';
import { type Clock, wait } from '../../clock.ts';
import { Secret } from '../../secret.ts';
import { createTransport } from '../../transport/transport.ts';
import type { Ports } from '../../vending/ports.ts';
import { type CloudAccess, cachedKeys, cloudTransport } from '../cloud-access.ts';
import type { Configuration } from '../configuration.ts';
import type { Publish } from '../platform.ts';
import type { PlatformConfiguration } from '../platform-table.ts';
import { keysIn } from '../upstream-keys.ts';

type Here = Configuration & PlatformConfiguration<'local'>;

export function cloudAccess(configuration: Here, clock: Clock): CloudAccess {
  return {
    transport: cloudTransport(configuration, clock),
    keyOf: cachedKeys(keysIn(configuration.KEYVEND_UPSTREAM), clock),
  };
}

export function publisher(configuration: Here, clock: Clock): Publish {
  const { send } = queueActions(configuration, clock);
  return (event) => send(configuration.KEYVEND_EVENTS_URL ?? '', JSON.stringify(event), { type: event.type });
}

/** To a file beside the ledger, one line each. */
export const trailKeeper =
  ({ KEYVEND_HOME: home = '.' }: Here): Ports['sendEntries'] =>
  async (identity, entries) => {
    const lines = entries.map((entry) => `${JSON.stringify({ ...identity, ...entry })}\n`);
    await appendFile(join(String(home), 'trail.jsonl'), lines.join(''), { mode: 0o600 });
  };

export function queueActions(configuration: Here, clock: Clock): QueueActions {
  const { AWS_ENDPOINT_URL_SQS: endpoint, KEYVEND_QUEUE_KEY: key } = configuration;
  const [accessKeyId = '', secretAccessKey = ''] = (key ?? '').split(':');
  return sqs({
    transport: createTransport({ clock }),
    clock,
    region: 'local',
    wait,
    credentials: async () => ({ accessKeyId, secretAccessKey: new Secret(secretAccessKey) }),
    ...(endpoint === undefined ? {} : { endpoint }),
  });
}
