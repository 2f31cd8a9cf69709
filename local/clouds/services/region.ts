// Tencent's list of regions, a service of its own, 2022-06-27. CVM's own DescribeRegions is said to be no longer kept up to date.
// Source: Region DescribeRegions.
import { refuseTencent } from '../protocols/tencent-errors.ts';
import { mandatory, text } from './cvm-parameters.ts';
import type { Action, Service } from './service.ts';

const describeRegions: Action = (call) => {
  if (call.unreadable) throw call.unreadable;
  const product = mandatory(text(call, 'Product'));
  return async ({ limits }) => {
    const regions = product === 'cvm' ? limits['cvm.regions'] : [];
    const RegionSet = regions.map((Region) => ({ Region, RegionName: Region, RegionState: 'AVAILABLE' }));
    return { body: { TotalCount: RegionSet.length, RegionSet } };
  };
};

export const region: Service = {
  actions: new Map([['DescribeRegions', describeRegions]]),
  errors: {},
  unpermitted: () => refuseTencent('UnauthorizedOperation'),
};
