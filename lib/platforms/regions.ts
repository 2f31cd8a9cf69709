// In which regions an account can have key pairs, asked with its own access key.

import type { RegionsFor } from '../application/runtime.ts';
import { GLOBAL } from '../provider-table.ts';
import { regionsConnectionOf } from '../providers/connect-regions.ts';
import { configuration } from './checked-configuration.ts';
import { connectedTo } from './cloud-access.ts';
import { access } from './clouds.ts';
import { records } from './records.ts';

export const regionsFor: RegionsFor = async (account) => {
  const connect = await regionsConnectionOf(account.provider);
  if (connect === undefined) return [GLOBAL];
  const regions = await connectedTo(connect, account, configuration, await access());
  return regions({ timeoutMs: records.settings.callTimeoutMs });
};
