// ESS, Alibaba's Auto Scaling, 2022-02-22: scaling configurations, which name a pair.
// Source: ESS DescribeScalingConfigurations, ModifyScalingConfiguration.
import { refuseAlibaba } from '../protocols/alibaba-errors.ts';
import { type ErrorTable, refuser } from '../refused.ts';
import type { LaunchConfiguration } from '../state/fleet.ts';
import { checkRegion, mandatory, pageOf, text } from './ecs-parameters.ts';
import { changeConfiguration } from './launch-configurations.ts';
import { cut } from './listing.ts';
import type { Action, Service } from './service.ts';

const essErrors = {
  'InvalidScalingConfigurationId.NotFound': {
    status: 404,
    message: 'The specified scaling configuration does not exist.', // text ours
  },
} as const satisfies ErrorTable;
const refuseEss = refuser(essErrors);

const describeScalingConfigurations: Action = (call) => {
  mandatory(call, 'RegionId');
  const { page, size } = pageOf(call, 50);
  const ids = [...call.parameters].flatMap(([name, id]) =>
    /^ScalingConfigurationIds\.\d+$/.test(name) ? String(id) : [],
  );
  return async (world) => {
    checkRegion(world);
    const found = world.fleet.configurations.at(world.place).filter(({ id }) => !ids.length || ids.includes(id));
    const ScalingConfigurations = cut(found, page, size).map((one) => shown(one));
    return { body: { ScalingConfigurations, PageNumber: page, PageSize: size, TotalCount: found.length } };
  };
};

/** What is not said stays as it was. */
const modifyScalingConfiguration: Action = (call) => {
  const id = mandatory(call, 'ScalingConfigurationId');
  const name = text(call, 'KeyPairName');
  return async (world) => {
    // Without a region in the request, the service finds the configuration by its id.
    const configuration = world.fleet.configurations
      .all()
      .find((one) => one.id === id && one.account === world.place.account && one.service === 'ecs');
    if (!configuration) throw refuseEss('InvalidScalingConfigurationId.NotFound');
    await changeConfiguration(world, configuration, name ? { KeyPairName: name } : {});
    return { body: {} };
  };
};

const shown = ({ id, name, data }: LaunchConfiguration): Record<string, unknown> => ({
  ...data,
  ScalingConfigurationId: id,
  ScalingConfigurationName: name,
  LifecycleState: 'Active',
});

export const ess: Service = {
  actions: new Map([
    ['DescribeScalingConfigurations', describeScalingConfigurations],
    ['ModifyScalingConfiguration', modifyScalingConfiguration],
  ]),
  errors: essErrors,
  unpermitted: () => refuseAlibaba('Forbidden.RAM'),
};
