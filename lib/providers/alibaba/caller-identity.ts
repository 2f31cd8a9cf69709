// Whose an access key of Alibaba Cloud is. Needs no permission. Source: STS 2015-04-01, GetCallerIdentity.

import type { AlibabaCredentials } from '../../alibaba/acs3.ts';
import type { Transport } from '../../transport/wire.ts';
import { digestOf, needed } from '../fields.ts';
import type { Operation } from '../outcome.ts';
import type { AccessKey } from '../provider.ts';
import { byCode } from '../refusals.ts';
import { alibabaCall } from './alibaba-call.ts';
import { common } from './alibaba-refusals.ts';

const operation: Operation = {
  service: 'sts',
  refusals: byCode(common),
  action: 'GetCallerIdentity',
  changes: false,
};

export const alibabaAccount = (
  credentials: AlibabaCredentials,
  { transport, endpoint }: { readonly transport: Transport; readonly endpoint: string | undefined },
): AccessKey => ({
  digest: digestOf(credentials.accessKeyId),
  async account(call) {
    const target = { origin: endpoint ?? 'https://sts.aliyuncs.com', version: '2015-04-01', operation };
    const reply = await alibabaCall({ transport, credentials: async () => credentials }, target, {}, call);
    return needed(operation, reply, reply.fields, 'AccountId');
  },
});
