// Signed calls to ECS and to ESS, its auto scaling, which is a service of its own.

import type { Parameters } from '../../alibaba/acs3.ts';
import type { CallLimits } from '../../transport/wire.ts';
import { type AlibabaOptions, alibabaCall } from '../alibaba/alibaba-call.ts';
import { regionOf } from '../fields.ts';
import type { Operation, Reply } from '../outcome.ts';
import { ecsEndpoint } from './endpoint.ts';

export interface EcsFleetOptions extends AlibabaOptions {
  /** `https://host[:port]`, instead of ESS's own. */
  readonly scalingEndpoint?: string;
}

export type Send = (operation: Operation, region: string, parameters: Parameters, call: CallLimits) => Promise<Reply>;

export const ecsCalls =
  (options: AlibabaOptions): Send =>
  async (operation, region, parameters, call) => {
    const origin = options.endpoint ?? `https://${ecsEndpoint(region)}`;
    const target = { origin, version: '2014-05-26', operation };
    return alibabaCall(options, target, { RegionId: regionOf(region), ...parameters }, call);
  };

export const essCalls =
  (options: EcsFleetOptions): Send =>
  async (operation, region, parameters, call) => {
    const origin = options.scalingEndpoint ?? `https://${essEndpoint(region)}`;
    const target = { origin, version: '2022-02-22', operation };
    return alibabaCall(options, target, { RegionId: regionOf(region), ...parameters }, call);
  };

/** Regions that have no host of their own there. Source: "Endpoints" of Auto Scaling; the endpoint map of its official package. */
const central: readonly string[] = [
  'cn-qingdao',
  'cn-beijing',
  'cn-hangzhou',
  'cn-shanghai',
  'cn-shenzhen',
  'cn-hongkong',
  'ap-southeast-1',
  'us-east-1',
  'us-west-1',
  'cn-beijing-finance-1',
  'cn-shanghai-finance-1',
  'cn-shenzhen-finance-1',
  'cn-north-2-gov-1',
];
const essEndpoint = (region: string): string =>
  central.includes(region) ? 'ess.aliyuncs.com' : `ess.${region}.aliyuncs.com`;
