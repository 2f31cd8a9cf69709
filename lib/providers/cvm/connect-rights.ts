// Whether an access key may do what keyvend does with CVM, AS and the list of regions. Ids are given by the services, so none is one of
// ours. Source: the actions' pages, as beside each adapter.
import { asked, asksBy, type ConnectRights, NO_NAME, nobodys } from '../connect-rights.ts';
import type { Action } from '../rights.ts';
import { tencentAccount } from '../tencent/caller-identity.ts';
import { tencentKey } from '../tencent/tencent-key.ts';
import { asCalls, cvmCalls } from './calls.ts';
import { connectRegions } from './connect-regions.ts';
import { refusals } from './fleet-refusals.ts';

/** Every account has it. */
const REGION = 'ap-guangzhou';

export const connectRights: ConnectRights = (key, options) => {
  const known = tencentKey(key);
  if (known === undefined) return undefined;
  const connected = { ...options, credentials: async () => known };
  const [cvm, as] = [cvmCalls(connected), asCalls(connected)];
  const asks = asksBy(requests(nobodys()), (action, input, call) => {
    const send = action.startsWith('as:') ? as : cvm;
    return send(asked('cvm', refusals, action), REGION, input, call);
  });
  const identity = tencentAccount(known, { transport: options.transport, endpoint: options.identityEndpoint });
  return {
    ...asks,
    'region:DescribeRegions': connectRegions(key, options)!,
    'sts:GetCallerIdentity': (call) => identity.account(call),
  };
};

/** @param nobody an id that the services gave to nothing, and longer than theirs */
const requests = (nobody: string): Readonly<Partial<Record<Action, object>>> => ({
  // Reads, with the smallest page.
  'cvm:DescribeKeyPairs': { Offset: 0, Limit: 1 },
  'cvm:DescribeInstances': { Offset: 0, Limit: 1 },
  'cvm:DescribeLaunchTemplates': { Offset: 0, Limit: 1 },
  'cvm:DescribeLaunchTemplateVersions': { LaunchTemplateId: nobody, Offset: 0, Limit: 1 },
  'as:DescribeLaunchConfigurations': { Offset: 0, Limit: 1 },
  // A pair has to have a name of letters, digits and underscores.
  'cvm:CreateKeyPair': { KeyName: NO_NAME, ProjectId: 0 },
  'cvm:ImportKeyPair': { KeyName: NO_NAME, ProjectId: 0, PublicKey: NO_NAME },
  // No pair has an id of this form, whatever the chance: one of CVM's own would be somebody's in one case of 36^8.
  'cvm:DeleteKeyPairs': { KeyIds: [nobody] },
  // Likewise, and the new name is none.
  'cvm:ModifyKeyPairAttribute': { KeyId: nobody, KeyName: NO_NAME },
  // No pair has this id, and no instance. Without ForceStop, none that runs would be touched.
  'cvm:AssociateInstancesKeyPairs': { InstanceIds: [nobody], KeyIds: [nobody] },
  'cvm:DisassociateInstancesKeyPairs': { InstanceIds: [nobody], KeyIds: [nobody] },
  // There is no such template, and a dry run of this action makes no version.
  'cvm:CreateLaunchTemplateVersion': { LaunchTemplateId: nobody, Placement: { Zone: `${REGION}-3` }, DryRun: true },
  // There is no such template that could get another default.
  'cvm:ModifyLaunchTemplateDefaultVersion': { LaunchTemplateId: nobody, DefaultVersion: 1 },
  // There is no such configuration, and nothing is said that should be different in it.
  'as:ModifyLaunchConfigurationAttributes': { LaunchConfigurationId: nobody },
});
