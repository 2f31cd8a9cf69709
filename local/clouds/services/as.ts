// Tencent's Auto Scaling, 2018-04-19: launch configurations, which hold the id of a pair.
// Source: AS DescribeLaunchConfigurations, ModifyLaunchConfigurationAttributes.
import { refuseTencent } from '../protocols/tencent-errors.ts';
import { type ErrorTable, refuser } from '../refused.ts';
import type { LaunchConfiguration } from '../state/fleet.ts';
import { knowOnly, loginSettings, mandatory, offsets, text, texts } from './cvm-parameters.ts';
import { checkRegion } from './cvm-region.ts';
import { changeConfiguration } from './launch-configurations.ts';
import type { Action, Service } from './service.ts';

const asErrors = {
  'ResourceNotFound.LaunchConfigurationIdNotFound': {
    status: 200,
    message: 'The specified launch configuration does not exist.', // text ours
  },
} as const satisfies ErrorTable;
const refuseAs = refuser(asErrors);

const describeLaunchConfigurations: Action = (call, behaviour) => {
  knowOnly(call, behaviour, ['LaunchConfigurationIds', 'Filters', 'Offset', 'Limit']);
  const ids = texts(call, 'LaunchConfigurationIds');
  const { offset, limit } = offsets(call);
  return async (world) => {
    checkRegion(world);
    const found = world.fleet.configurations.at(world.place).filter(({ id }) => !ids || ids.includes(id));
    const LaunchConfigurationSet = found.slice(offset, offset + limit).map((one) => shown(one));
    return { body: { TotalCount: found.length, LaunchConfigurationSet } };
  };
};

/** New login settings replace the old ones as a whole. */
const modifyLaunchConfigurationAttributes: Action = (call, behaviour) => {
  knowOnly(call, behaviour, ['LaunchConfigurationId', 'LaunchConfigurationName', 'ImageId', 'LoginSettings']);
  const id = mandatory(text(call, 'LaunchConfigurationId'));
  const LoginSettings = loginSettings(call);
  return async (world) => {
    checkRegion(world);
    const configuration = world.fleet.configurations.get(world.place, id);
    if (!configuration) throw refuseAs('ResourceNotFound.LaunchConfigurationIdNotFound');
    await changeConfiguration(world, configuration, LoginSettings ? { LoginSettings } : {});
    return { body: {} };
  };
};

const shown = ({ id, name, data }: LaunchConfiguration): Record<string, unknown> => ({
  ...data,
  LaunchConfigurationId: id,
  LaunchConfigurationName: name,
  // Its status knows the image, snapshots and security groups as abnormal, not keys.
  LaunchConfigurationStatus: 'NORMAL',
});

export const as: Service = {
  actions: new Map([
    ['DescribeLaunchConfigurations', describeLaunchConfigurations],
    ['ModifyLaunchConfigurationAttributes', modifyLaunchConfigurationAttributes],
  ]),
  errors: asErrors,
  unpermitted: () => refuseTencent('UnauthorizedOperation'),
};
