// Binding pairs of CVM to instances, 2017-03-12: as a whole batch or not at all, and to stopped instances only, unless they may be
// switched off hard. Source: CVM API reference, AssociateInstancesKeyPairs, DisassociateInstancesKeyPairs.
import type { AssociateInstancesKeyPairsRequest } from 'tencentcloud-sdk-nodejs-cvm/tencentcloud/services/cvm/v20170312/cvm_models.js';
import { bind } from '../bindings.ts';
import type { BindingLimits, Instance, InstanceOutcome, UsedPair } from '../fleet.ts';
import type { Operation } from '../outcome.ts';
import type { Send } from './calls.ts';
import { refusals } from './fleet-refusals.ts';
import { instancesWhere } from './instances.ts';

const attach: Operation = { service: 'cvm', refusals, action: 'AssociateInstancesKeyPairs', changes: true };
const detach: Operation = { service: 'cvm', refusals, action: 'DisassociateInstancesKeyPairs', changes: true };

/** With `force`, an instance that runs is started again by the service; one on its way from one state to another is refused. */
export function changeAttachments(
  send: Send,
  { region, id }: UsedPair,
  { instanceIds, detaches }: { readonly instanceIds: readonly string[]; readonly detaches: boolean },
  { force = false, ...call }: BindingLimits,
): Promise<readonly InstanceOutcome[]> {
  if (id === undefined) throw new TypeError('a CVM key pair is bound by its id');
  const takes = ({ status }: Instance) => status === 'stopped' || (force && status === 'running');
  return bind({
    instanceIds,
    detaches,
    most: 100,
    takes,
    allOrNothing: true,
    look: (ids) => instancesWhere(send, { region, ids }, call),
    async send(ids) {
      const input: AssociateInstancesKeyPairsRequest = { InstanceIds: [...ids], KeyIds: [id], ForceStop: force };
      await send(detaches ? detach : attach, region, input, call);
      return new Map();
    },
  });
}
