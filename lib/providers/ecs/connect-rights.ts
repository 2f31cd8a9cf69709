// Whether an access key may do what keyvend does with ECS and ESS. The ids of templates and configurations are given by the services,
// so none is one of ours. Source: the actions' pages, as beside each adapter; none of these actions documents a dry run.

import type { Parameters } from '../../alibaba/acs3.ts';
import { alibabaKey } from '../alibaba/alibaba-key.ts';
import { asked, asksBy, type ConnectRights, NO_NAME, nobodys } from '../connect-rights.ts';
import type { Action } from '../rights.ts';
import { ecsCalls, essCalls } from './calls.ts';
import { refusals } from './fleet-refusals.ts';

/** Every account has it. */
const REGION = 'cn-hangzhou';

export const connectRights: ConnectRights = (key, options) => {
  const known = alibabaKey(key);
  if (known === undefined) return undefined;
  const connected = { ...options, credentials: async () => known };
  const [ecs, ess] = [ecsCalls(connected), essCalls(connected)];
  return asksBy(requests(nobodys()), (action, parameters, call) => {
    const send = action.startsWith('ess:') ? ess : ecs;
    return send(asked('ecs', refusals, action), REGION, parameters, call);
  });
};

/** @param nobody a name and an id that nothing has */
const requests = (nobody: string): Readonly<Partial<Record<Action, Parameters>>> => ({
  // Reads, with the smallest page.
  'ecs:DescribeKeyPairs': { PageNumber: 1, PageSize: 1 },
  'ecs:DescribeRegions': {},
  'ecs:DescribeInstances': { PageNumber: 1, PageSize: 1 },
  'ecs:DescribeLaunchTemplates': { PageNumber: 1, PageSize: 1 },
  'ecs:DescribeLaunchTemplateVersions': { LaunchTemplateId: nobody, PageNumber: 1, PageSize: 1 },
  'ess:DescribeScalingConfigurations': { PageNumber: 1, PageSize: 1 },
  // A pair has to have a name, and this is none: too short, and not begun with a letter.
  'ecs:CreateKeyPair': { KeyPairName: NO_NAME },
  // Likewise, and what is to be imported is no key.
  'ecs:ImportKeyPair': { KeyPairName: NO_NAME, PublicKeyBody: NO_NAME },
  // Goes by the whole name, and no pair has that one.
  'ecs:DeleteKeyPairs': { KeyPairNames: JSON.stringify([nobody]) },
  // Neither the pair nor the instance exists.
  'ecs:AttachKeyPair': { KeyPairName: nobody, InstanceIds: JSON.stringify([nobody]) },
  'ecs:DetachKeyPair': { KeyPairName: nobody, InstanceIds: JSON.stringify([nobody]) },
  // There is no such template that could get a version or another default.
  'ecs:CreateLaunchTemplateVersion': { LaunchTemplateId: nobody },
  'ecs:ModifyLaunchTemplateDefaultVersion': { LaunchTemplateId: nobody, DefaultVersionNumber: 1 },
  // There is no such configuration, and nothing is said that should be different in it.
  'ess:ModifyScalingConfiguration': { ScalingConfigurationId: nobody },
});
