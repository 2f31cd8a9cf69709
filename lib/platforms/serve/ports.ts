// On a server of one's own: the clouds' access keys in its configuration or in files, messages beside the ledger, events to a webhook.
import type { Clock } from '../../clock.ts';
import { type CloudAccess, cachedKeys, cloudTransport } from '../cloud-access.ts';
import type { Configuration } from '../configuration.ts';
import { filedPorts } from '../filed-ports.ts';
import type { PlatformConfiguration } from '../platform-table.ts';
import { withRoles } from '../role-keys.ts';
import { keysStored } from '../stored-keys.ts';
import { keysIn, keysUnder, type UpstreamKey } from '../upstream-keys.ts';
import { fileEvent, fileWake } from './inbox.ts';

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

export const { publisher, queueActions } = filedPorts({ fileEvent, fileWake });
