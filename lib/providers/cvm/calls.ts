// Signed calls to CVM and to AS, its auto scaling, which is a service of its own.
import type { CallLimits } from '../../transport/wire.ts';
import { regionOf } from '../fields.ts';
import type { Operation, Reply } from '../outcome.ts';
import { tencentOrigin } from '../tencent/endpoint.ts';
import { type TencentOptions, tencentCall } from '../tencent/tencent-call.ts';

export interface CvmFleetOptions extends TencentOptions {
  /** `https://host[:port]`, instead of AS's own. */
  readonly scalingEndpoint?: string;
}

export type Send = (operation: Operation, region: string, input: object, call: CallLimits) => Promise<Reply>;

export const cvmCalls =
  (options: TencentOptions): Send =>
  async (operation, region, input, call) => {
    const origin = options.endpoint ?? tencentOrigin('cvm', regionOf(region));
    return tencentCall(options, { origin, version: '2017-03-12', operation, region: regionOf(region) }, input, call);
  };

export const asCalls =
  (options: CvmFleetOptions): Send =>
  async (operation, region, input, call) => {
    const origin = options.scalingEndpoint ?? tencentOrigin('as', regionOf(region));
    return tencentCall(options, { origin, version: '2018-04-19', operation, region: regionOf(region) }, input, call);
  };
