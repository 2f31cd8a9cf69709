// On Function Compute: the clouds' access keys in the configuration, in the store, or the function's own role; messages and events beside
// the ledger.
import { documents } from '#store/open.ts';
import type { Clock } from '../../clock.ts';
import { type CloudAccess, cachedKeys, cloudTransport } from '../cloud-access.ts';
import type { Configuration } from '../configuration.ts';
import { filedPorts } from '../filed-ports.ts';
import type { PlatformConfiguration } from '../platform-table.ts';
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

export const { publisher, queueActions } = filedPorts({ fileEvent, fileWake });
