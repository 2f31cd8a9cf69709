// The regions of CVM, from the service that lists them for all of Tencent's: CVM's own DescribeRegions is no longer kept up to date.
// Source: Region 2022-06-27, DescribeRegions.
import type { ConnectRegions } from '../connect-regions.ts';
import { regionsIn } from '../fields.ts';
import { type Operation, unreadable } from '../outcome.ts';
import { tencentOrigin } from '../tencent/endpoint.ts';
import { tencentCall } from '../tencent/tencent-call.ts';
import { tencentKey } from '../tencent/tencent-key.ts';
import { refusals } from './refusals.ts';

const operation: Operation = { service: 'region', refusals, action: 'DescribeRegions', changes: false };

/** Every region gives the same answer, and our calls always name one. */
const REGION = 'ap-guangzhou';

export const connectRegions: ConnectRegions = (key, { transport, regionEndpoint }) => {
  const known = tencentKey(key);
  if (known === undefined) return undefined;
  const options = { transport, credentials: async () => known };
  const origin = regionEndpoint ?? tencentOrigin('region', REGION);
  const target = { origin, version: '2022-06-27', operation, region: REGION };
  return async (call) => {
    const { fields, requestId } = await tencentCall(options, target, { Product: 'cvm' }, call);
    const regions = regionsIn(fields.RegionSet, 'Region');
    if (regions === undefined) throw unreadable(operation, 'without RegionSet', requestId);
    return regions;
  };
};
