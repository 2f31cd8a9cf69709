// Giving a pair of CVM another name. Its id stays, and with it every instance and template.
// Source: CVM API reference, ModifyKeyPairAttribute.
import type { ModifyKeyPairAttributeRequest } from 'tencentcloud-sdk-nodejs-cvm/tencentcloud/services/cvm/v20170312/cvm_models.js';
import type { CallLimits } from '../../transport/wire.ts';
import type { Operation } from '../outcome.ts';
import type { Send } from './calls.ts';
import { refusals } from './fleet-refusals.ts';

const modify: Operation = { service: 'cvm', refusals, action: 'ModifyKeyPairAttribute', changes: true };

export async function rename(
  send: Send,
  { region, id }: { readonly region: string; readonly id: string },
  to: string,
  call: CallLimits,
): Promise<void> {
  await send(modify, region, { KeyId: id, KeyName: to } satisfies ModifyKeyPairAttributeRequest, call);
}
