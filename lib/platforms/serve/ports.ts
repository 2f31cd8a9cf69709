// On a server of one's own: the clouds' access keys in its configuration or in files, messages beside the ledger, events to a webhook.
import type { QueueActions } from '../../aws/sqs.ts';
import type { Clock } from '../../clock.ts';
import { type CloudAccess, cachedKeys, cloudTransport } from '../cloud-access.ts';
import type { Configuration } from '../configuration.ts';
import type { Publish } from '../platform.ts';
import type { PlatformConfiguration } from '../platform-table.ts';
import { records } from '../records.ts';
import { withRoles } from '../role-keys.ts';
import { keysStored } from '../stored-keys.ts';
import { keysIn, keysUnder, type UpstreamKey } from '../upstream-keys.ts';
import { withEarlier } from './in-order.ts';
import { ALIBABA_BUS, BUS, EVENTS, fileEvent, fileWake } from './inbox.ts';

export { trailKeeper } from '../trail-output.ts';

type Here = Configuration & PlatformConfiguration<'serve'>;

export function cloudAccess(configuration: Here, clock: Clock): CloudAccess {
  const { KEYVEND_UPSTREAM: json, KEYVEND_UPSTREAM_DIR: folder } = configuration;
  const [inJson, inFolder] = [keysIn(json ?? '{}'), folder === undefined ? undefined : keysUnder(folder)];
  const transport = cloudTransport(configuration, clock);
  const inStore = configuration.KEYVEND_UPSTREAM_STORED === 'true' ? keysStored(configuration, clock) : undefined;
  const stored: UpstreamKey = async (provider, account) =>
    (await inJson(provider, account)) ?? (await inFolder?.(provider, account)) ?? inStore?.(provider, account);
  const session = `keyvend-${configuration.KEYVEND_DEPLOYMENT}`;
  return {
    transport,
    keyOf: cachedKeys(withRoles(stored, { transport, clock, endpoints: configuration, session }), clock),
  };
}

/** They are filed first, in the order of each key pair; whoever sends them (sending.ts) tries as long as it takes. */
export const publisher =
  (here: Here): Publish =>
  async (event) => {
    const { KEYVEND_DEPLOYMENT: deployment } = here;
    const wanted = {
      [EVENTS]: here.KEYVEND_WEBHOOK_URL,
      [BUS]: here.KEYVEND_BUS,
      [ALIBABA_BUS]: here.KEYVEND_ALIBABA_BUS,
    };
    const queues = Object.keys(wanted).filter((queue) => wanted[queue as keyof typeof wanted] !== undefined);
    if (queues.length === 0) return;
    for (const one of await withEarlier(event, deployment, records.ledger))
      for (const queue of queues) await fileEvent(queue, one);
  };

/** A rotation's worker is woken by a message of the inbox; what becomes of messages is queue.ts's. */
export const queueActions = (): QueueActions => ({
  send: (_queue, body, _attributes, afterMs) => fileWake(body, afterMs),
  postpone: elsewhere,
  bury: elsewhere,
});

async function elsewhere(): Promise<never> {
  throw new TypeError('messages of the inbox are postponed and buried by their claims');
}
