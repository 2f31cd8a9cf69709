// Whose an access key of Tencent Cloud is. Source: STS 2018-08-13, GetCallerIdentity.
import type { Transport } from '../../transport/wire.ts';
import { refusals } from '../cvm/refusals.ts';
import { digestOf, needed } from '../fields.ts';
import type { Operation } from '../outcome.ts';
import type { AccessKey } from '../provider.ts';
import { tencentOrigin } from './endpoint.ts';
import type { TencentCredentials } from './tc3.ts';
import { tencentCall } from './tencent-call.ts';

/** The codes of a key that is refused are the platform's, and the same for CVM. */
const operation: Operation = { service: 'sts', refusals, action: 'GetCallerIdentity', changes: false };

/** Every region gives the same answer, and one must be named. */
const REGION = 'ap-guangzhou';

export const tencentAccount = (
  credentials: TencentCredentials,
  { transport, endpoint }: { readonly transport: Transport; readonly endpoint: string | undefined },
): AccessKey => ({
  digest: digestOf(credentials.secretId),
  async account(call) {
    const origin = endpoint ?? tencentOrigin('sts', REGION);
    const target = { origin, version: '2018-08-13', operation, region: REGION };
    const reply = await tencentCall({ transport, credentials: async () => credentials }, target, {}, call);
    return needed(operation, reply, reply.fields, 'AccountId');
  },
});
