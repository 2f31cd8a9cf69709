// What a launch template's version holds: flat text in CreateLaunchTemplateVersion, nested and typed in Describe.
// Source: both actions of ECS, "LaunchTemplateData"; typings of @alicloud/ecs20140526.

const numbers = new Set(
  [
    'AutoRenewPeriod HttpPutResponseHopLimit InternetMaxBandwidthIn InternetMaxBandwidthOut Ipv6AddressCount Period',
    'SpotDuration SpotPriceLimit Size Iops ProvisionedIops',
  ].flatMap((line) => line.split(' ')),
);
const booleans = new Set(
  [
    'AutoRenew DeletionProtection EnableVmOsConfig PasswordInherit BurstingEnabled DeleteWithInstance LoginAsNonRoot',
    'DeleteOnRelease',
  ].flatMap((line) => line.split(' ')),
);
const texts = new Set(
  [
    'AutoReleaseTime CreditSpecification DeploymentSetId Description HostName HttpEndpoint HttpTokens ImageId ImageOwnerAlias',
    'InstanceChargeType InstanceName InstanceType InternetChargeType IoOptimized KeyPairName NetworkType PeriodUnit',
    'PrivateIpAddress RamRoleName ResourceGroupId SecurityEnhancementStrategy SecurityGroupId SpotStrategy UserData VSwitchId',
    'VpcId ZoneId',
  ].flatMap((line) => line.split(' ')),
);
/** Objects by the same name on both sides. */
const objects = new Set(['SystemDisk', 'ImageOptions', 'SecurityOptions']);
/** `DataDisk.1.Size` is `DataDisks.DataDisk[0].Size`. */
const lists: Readonly<Record<string, readonly [outer: string, inner: string]>> = {
  DataDisk: ['DataDisks', 'DataDisk'],
  NetworkInterface: ['NetworkInterfaces', 'NetworkInterface'],
  Tag: ['Tags', 'InstanceTag'],
  SecurityGroupIds: ['SecurityGroupIds', 'SecurityGroupId'],
};

type Json = Record<string, unknown>;

/** @param parameters the action's; what a template cannot hold is ignored, as ECS does */
export function templateData(parameters: ReadonlyMap<string, unknown>): Json {
  const data: Json = {};
  const sorted = [...parameters].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
  for (const [path, value] of sorted) put(data, path.split('.'), value);
  return data;
}

/** @param inside a disk or an interface, where every name counts */
function put(data: Json, [first = '', ...rest]: readonly string[], value: unknown, inside = false): void {
  const list = lists[first];
  if (list && rest.length > 0) {
    const [outer, inner] = list;
    const rows = ((data[outer] as Json | undefined)?.[inner] ?? []) as unknown[];
    data[outer] = { [inner]: rows };
    const [index = '', ...deeper] = rest;
    if (deeper.length === 0) rows[Number(index) - 1] = String(value);
    else {
      const row = (rows[Number(index) - 1] ?? {}) as Json;
      rows[Number(index) - 1] = row;
      put(row, deeper, value, true);
    }
  } else if (objects.has(first) && rest.length > 0) {
    const inner = (data[first] ?? {}) as Json;
    data[first] = inner;
    put(inner, rest, value, true);
  } else if (rest.length === 0) {
    if (numbers.has(first)) data[first] = Number(value);
    else if (booleans.has(first)) data[first] = value === 'true';
    else if (texts.has(first) || inside) data[first] = String(value);
  }
}
