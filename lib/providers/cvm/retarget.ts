// Making what holds the id of a pair of CVM hold another one.
// Source: CVM CreateLaunchTemplateVersion, ModifyLaunchTemplateDefaultVersion; AS ModifyLaunchConfigurationAttributes.
import type {
  CreateLaunchTemplateVersionRequest,
  ModifyLaunchTemplateDefaultVersionRequest,
} from 'tencentcloud-sdk-nodejs-cvm/tencentcloud/services/cvm/v20170312/cvm_models.js';
import type { CallLimits } from '../../transport/wire.ts';
import { count } from '../fields.ts';
import type { Reference, UsedPair } from '../fleet.ts';
import { type Operation, unreadable } from '../outcome.ts';
import { retargetTemplate } from '../retarget.ts';
import { refusals } from './fleet-refusals.ts';
import { type Calls, templatesWhere, versionsOf } from './references.ts';

const create: Operation = { service: 'cvm', refusals, action: 'CreateLaunchTemplateVersion', changes: true };
const choose: Operation = { service: 'cvm', refusals, action: 'ModifyLaunchTemplateDefaultVersion', changes: true };
const modify: Operation = { service: 'cvm', refusals, action: 'ModifyLaunchConfigurationAttributes', changes: true };

export async function retarget(
  { cvm, as }: Calls,
  reference: Reference,
  pair: UsedPair,
  call: CallLimits,
): Promise<{ readonly version?: number }> {
  const { kind, id, region } = reference;
  if (pair.id === undefined) throw new TypeError('a CVM key pair is named by its id');
  // New login settings replace the old ones as a whole: a password or the image's own login would contradict a key.
  const LoginSettings = { KeyIds: [pair.id] };
  if (kind === 'launch-configuration') {
    await as(modify, region, { LaunchConfigurationId: id, LoginSettings }, call);
    return {};
  }
  if (kind !== 'launch-template') throw new TypeError('a CVM key pair is named by templates and launch configurations');
  return retargetTemplate(reference, {
    async versions() {
      const [template] = await templatesWhere(cvm, region, { LaunchTemplateIds: [id] }, call);
      return template === undefined ? [] : versionsOf(cvm, region, template, call);
    },
    namesIt: ({ keyIds }) => keyIds.length === 1 && keyIds[0] === pair.id,
    differs: ['LoginSettings', 'ClientToken'],
    async copy({ number, data }, LaunchTemplateVersionDescription) {
      // Made from that version; a place must be said all the same.
      const input: CreateLaunchTemplateVersionRequest = {
        LaunchTemplateId: id,
        LaunchTemplateVersion: number,
        LaunchTemplateVersionDescription,
        Placement: data.Placement as CreateLaunchTemplateVersionRequest['Placement'],
        LoginSettings,
      };
      const reply = await cvm(create, region, input, call);
      const made = count(reply.fields.LaunchTemplateVersionNumber);
      if (made === undefined) throw unreadable(create, 'without a version number', reply.requestId);
      return made;
    },
    async makeDefault(DefaultVersion) {
      const input: ModifyLaunchTemplateDefaultVersionRequest = { LaunchTemplateId: id, DefaultVersion };
      await cvm(choose, region, input, call);
    },
  });
}
