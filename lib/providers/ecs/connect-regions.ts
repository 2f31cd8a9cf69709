// The regions of ECS. Source: ECS 2014-05-26, DescribeRegions, which every region answers for all of them.
import { asObject } from '../../transport/json.ts';
import { alibabaCall } from '../alibaba/alibaba-call.ts';
import { alibabaKey } from '../alibaba/alibaba-key.ts';
import type { ConnectRegions } from '../connect-regions.ts';
import { regionsIn } from '../fields.ts';
import { type Operation, unreadable } from '../outcome.ts';
import { ecsEndpoint } from './endpoint.ts';
import { refusals } from './refusals.ts';

const operation: Operation = { service: 'ecs', refusals, action: 'DescribeRegions', changes: false };

export const connectRegions: ConnectRegions = (key, { transport, endpoint, regionEndpoint }) => {
  const known = alibabaKey(key);
  if (known === undefined) return undefined;
  const options = { transport, credentials: async () => known };
  const origin = regionEndpoint ?? endpoint ?? `https://${ecsEndpoint('cn-hangzhou')}`;
  const target = { origin, version: '2014-05-26', operation };
  return async (call) => {
    const { fields, requestId } = await alibabaCall(options, target, {}, call);
    const regions = regionsIn(asObject(fields.Regions)?.Region, 'RegionId');
    if (regions === undefined) throw unreadable(operation, 'without Regions', requestId);
    return regions;
  };
};
