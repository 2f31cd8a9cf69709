// In which regions an account can have key pairs, asked with its own access key.

import { cloudAccess } from '#platform/ports.ts';
import type { RegionsFor } from '../application/runtime.ts';
import { systemClock } from '../clock.ts';
import { VendingError } from '../errors.ts';
import { cloudVariableOf, GLOBAL, variableOf } from '../provider-table.ts';
import { regionsConnectionOf } from '../providers/connect-regions.ts';
import { jsonObject } from '../transport/json.ts';
import { configuration } from './checked-configuration.ts';
import { localCloud } from './cloud-access.ts';
import { once } from './once.ts';
import { records } from './records.ts';

const access = once(async () => cloudAccess(configuration, systemClock));

export const regionsFor: RegionsFor = async ({ provider, account }) => {
  const connect = await regionsConnectionOf(provider);
  if (connect === undefined) return [GLOBAL];
  const { transport, keyOf } = await access();
  const endpoint = configuration[variableOf(provider, 'ENDPOINT')];
  const regionEndpoint = configuration[cloudVariableOf(provider, 'REGION_ENDPOINT')] ?? localCloud(endpoint);
  const regions = connect(jsonObject(Buffer.from((await keyOf(provider, account)).reveal())), {
    transport,
    ...(typeof endpoint === 'string' && { endpoint }),
    ...(typeof regionEndpoint === 'string' && { regionEndpoint }),
  });
  if (regions !== undefined) return regions({ timeoutMs: records.settings.callTimeoutMs });
  throw new VendingError('CREDENTIALS_REFUSED', 'What is stored for this account is not an access key');
};
