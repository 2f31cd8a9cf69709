// On Function Compute: the clouds' access keys in the configuration, in the store, or the function's own role; messages and events beside
// the ledger.
import { documents } from '#store/open.ts';
import type { QueueActions } from '../../aws/sqs.ts';
import type { Clock } from '../../clock.ts';
import { type CloudAccess, cachedKeys, cloudTransport } from '../cloud-access.ts';
import type { Configuration } from '../configuration.ts';
import { ALIBABA_BUS, EVENTS } from '../filing.ts';
import type { Publish } from '../platform.ts';
import type { PlatformConfiguration } from '../platform-table.ts';
import { records } from '../records.ts';
import { withEarlier } from '../serve/in-order.ts';
import { keysIn, type UpstreamKey } from '../upstream-keys.ts';
import { withFunctionRole } from './function-role.ts';
import { fileEvent, fileWake } from './inbox.ts';

export { trailKeeper } from '../trail-output.ts';

type Here = Configuration & PlatformConfiguration<'fc'>;

export function cloudAccess(configuration: Here, clock: Clock): CloudAccess {
  const inJson = keysIn(configuration.KEYVEND_UPSTREAM ?? '{}');
  const inStore = configuration.KEYVEND_UPSTREAM_STORED === 'true' ? documents?.(configuration, clock) : undefined;
  const stored: UpstreamKey = async (provider, account) =>
    (await inJson(provider, account)) ?? inStore?.(`${provider}/${account}`);
  return {
    transport: cloudTransport(configuration, clock),
    keyOf: withFunctionRole(cachedKeys(stored, clock)),
  };
}

/** They are filed first, in the order of each key pair; the function `sender` tries as long as it takes. */
export const publisher =
  ({ KEYVEND_WEBHOOK_URL: url, KEYVEND_ALIBABA_BUS: bus, KEYVEND_DEPLOYMENT: deployment }: Here): Publish =>
  async (event) => {
    const queues = [...(url === undefined ? [] : [EVENTS]), ...(bus === undefined ? [] : [ALIBABA_BUS])];
    if (queues.length === 0) return;
    for (const one of await withEarlier(event, deployment, records.ledger))
      for (const queue of queues) await fileEvent(queue, one);
  };

/** The rotation's worker is woken by a message of the inbox; what becomes of messages is queue.ts's. */
export const queueActions = (): QueueActions => ({
  send: (_queue, body, _attributes, afterMs) => fileWake(body, afterMs),
  postpone: elsewhere,
  bury: elsewhere,
});

async function elsewhere(): Promise<never> {
  throw new TypeError('messages of the inbox are postponed and buried by their claims');
}
