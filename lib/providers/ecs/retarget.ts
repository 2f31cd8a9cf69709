// Making what names a pair of ECS name another one. CreateLaunchTemplateVersion takes no version to begin with, so everything that
// is in the old one is said again.
// Source: ECS CreateLaunchTemplateVersion, ModifyLaunchTemplateDefaultVersion; ESS ModifyScalingConfiguration.
import { VendingError } from '../../errors.ts';
import { asObject } from '../../transport/json.ts';
import type { CallLimits } from '../../transport/wire.ts';
import { count } from '../fields.ts';
import type { Reference, UsedPair } from '../fleet.ts';
import { type Operation, unreadable } from '../outcome.ts';
import { retargetTemplate, withoutEmpty } from '../retarget.ts';
import { refusals } from './fleet-refusals.ts';
import { type Calls, versionsOf } from './references.ts';

const create: Operation = { service: 'ecs', refusals, action: 'CreateLaunchTemplateVersion', changes: true };
const choose: Operation = { service: 'ecs', refusals, action: 'ModifyLaunchTemplateDefaultVersion', changes: true };
const modify: Operation = { service: 'ecs', refusals, action: 'ModifyScalingConfiguration', changes: true };

export async function retarget(
  { ecs, ess }: Calls,
  reference: Reference,
  { name }: UsedPair,
  call: CallLimits,
): Promise<{ readonly version?: number }> {
  const { kind, id, region } = reference;
  if (kind === 'scaling-configuration') {
    // What is not said stays as it was.
    await ess(modify, region, { ScalingConfigurationId: id, KeyPairName: name }, call);
    return {};
  }
  if (kind !== 'launch-template')
    throw new TypeError('an ECS key pair is named by templates and scaling configurations');
  return retargetTemplate(reference, {
    versions: () => versionsOf(ecs, region, { id, defaultVersion: undefined }, call),
    namesIt: ({ data }) => data.KeyPairName === name,
    differs: ['KeyPairName'],
    async copy({ data }, VersionDescription) {
      const told = Object.fromEntries(flattened(asObject(withoutEmpty(data)) ?? {}));
      const said = { ...told, KeyPairName: name, LaunchTemplateId: id, VersionDescription };
      const reply = await ecs(create, region, said, call);
      const number = count(reply.fields.LaunchTemplateVersionNumber);
      if (number === undefined) throw unreadable(create, 'without a version number', reply.requestId);
      return number;
    },
    async makeDefault(DefaultVersionNumber) {
      await ecs(choose, region, { LaunchTemplateId: id, DefaultVersionNumber }, call);
    },
  });
}

/** Lists that are wrapped in an object when they are shown, and numbered from 1 when they are said. */
const lists: Readonly<Record<string, readonly [inner: string, parameter: string]>> = {
  DataDisks: ['DataDisk', 'DataDisk'],
  NetworkInterfaces: ['NetworkInterface', 'NetworkInterface'],
  SecurityGroupIds: ['SecurityGroupId', 'SecurityGroupIds'],
  Tags: ['InstanceTag', 'Tag'],
};

/** `DataDisks.DataDisk[0].Size` becomes `DataDisk.1.Size`. @throws {VendingError} CLOUD_REFUSED for a list of another name */
function flattened(data: object, prefix = ''): [name: string, value: string][] {
  return Object.entries(data).flatMap(([name, value]): [string, string][] => {
    const fields = asObject(value);
    if (fields === undefined && !Array.isArray(value)) return [[`${prefix}${name}`, String(value)]];
    const [inner = '', parameter = ''] = lists[name] ?? [];
    const rows = fields?.[inner];
    if (Array.isArray(rows)) return rows.flatMap((row, i) => flattenedRow(row, `${prefix}${parameter}.${i + 1}`));
    const isPlain = fields !== undefined && Object.values(fields).every((one) => typeof one !== 'object');
    if (isPlain) return flattened(fields, `${prefix}${name}.`);
    throw new VendingError('CLOUD_REFUSED', 'The template holds something that cannot be copied; it was left as it is');
  });
}

function flattenedRow(row: unknown, name: string): [name: string, value: string][] {
  const fields = asObject(row);
  return fields === undefined ? [[name, String(row)]] : flattened(fields, `${name}.`);
}
