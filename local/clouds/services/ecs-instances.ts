// ECS instances and the pair that each may have. One pair an instance: another one takes its place.
// Source: ECS DescribeInstances, AttachKeyPair, DetachKeyPair.
import type { Call } from '../protocols/protocol.ts';
import type { Instance } from '../state/fleet.ts';
import type { Pair } from '../state/registry.ts';
import { bindingOf, instancesOf, rewrite } from './bindings.ts';
import { ecsErrors, refuseEcs } from './ecs-errors.ts';
import { checkRegion, jsonTexts, mandatory, pageOf, text } from './ecs-parameters.ts';
import { tagsOf } from './ecs-tags.ts';
import { cut } from './listing.ts';
import type { Action } from './service.ts';

export const describeInstances: Action = (call) => {
  mandatory(call, 'RegionId');
  const byToken = text(call, 'MaxResults') !== '' || text(call, 'NextToken') !== '';
  const after = Buffer.from(text(call, 'NextToken'), 'base64url').toString();
  // "less than 10: the default value is 10; greater than 100: 100"
  const most = Math.min(Math.max(Number(text(call, 'MaxResults')) || 10, 10), 100);
  const { page, size } = pageOf(call, 100);
  const matches = filter(call);
  const tagged = tagsOf(call).length > 0;
  return async (world) => {
    checkRegion(world);
    const all = instancesOf(world).filter(matches);
    // By tags, no more resources are found than that, and nothing says that there were more.
    const found = tagged ? all.slice(0, world.limits['ecs.taggedInstances']) : all;
    if (!byToken) {
      const rows = cut(found, page, size).map((one) => shown(one));
      return { body: { Instances: { Instance: rows }, PageNumber: page, PageSize: size, TotalCount: found.length } };
    }
    const rest = found.filter(({ id }) => id > after);
    const rows = rest.slice(0, most);
    const NextToken = rest.length > rows.length ? Buffer.from(rows.at(-1)!.id).toString('base64url') : '';
    // "the returned TotalCount parameter value is meaningless"
    return { body: { Instances: { Instance: rows.map((one) => shown(one)) }, NextToken, TotalCount: 0 } };
  };
};

const bind =
  (change: (instance: Instance, pair: Pair) => Instance['keyPairs']): Action =>
  (call) => {
    mandatory(call, 'RegionId');
    const name = mandatory(call, 'KeyPairName');
    const ids = jsonTexts(mandatory(call, 'InstanceIds')) ?? [];
    if (ids.length === 0) throw refuseEcs('InvalidInstanceIds.ValueNotSupported');
    if (ids.length > 50) throw refuseEcs('InstanceKeyPairLimitExceeded');
    return async (world) => {
      checkRegion(world);
      const pair = world.registry.at(world.place).find((one) => one.name === name);
      if (!pair) throw refuseEcs('InvalidKeyPairName.NotFound');
      const here = new Map(instancesOf(world).map((one) => [one.id, one]));
      const results = ids.map((id) => ({ id, instance: here.get(id), code: codeFor(here.get(id)) }));
      const taken = results.flatMap(({ instance, code }) => (instance && code === '200' ? [instance] : []));
      await rewrite(
        world,
        taken.map((instance) => ({ ...instance, keyPairs: change(instance, pair) })),
      );
      return {
        body: {
          KeyPairName: name,
          TotalCount: String(ids.length),
          FailCount: String(ids.length - taken.length),
          Results: { Result: results.map(({ id, code }) => result(id, code)) },
        },
      };
    };
  };

export const attachKeyPair = bind((_instance, pair) => [bindingOf(pair)]);
export const detachKeyPair = bind(({ keyPairs }, pair) => keyPairs.filter(({ id }) => id !== pair.id));

type ResultCode = '200' | 'InvalidInstanceId.NotFound' | 'IncorrectInstanceStatus';
const codeFor = (instance: Instance | undefined): ResultCode => {
  if (!instance) return 'InvalidInstanceId.NotFound';
  return instance.state === 'Running' || instance.state === 'Stopped' ? '200' : 'IncorrectInstanceStatus';
};

/** Numbers and booleans come as texts here. */
const result = (InstanceId: string, Code: ResultCode): Record<string, string> => ({
  Code,
  InstanceId,
  Message: Code === '200' ? 'successful' : ecsErrors[Code].message,
  Success: String(Code === '200'),
});

/** By ids, the name of the pair and tags, all of which must fit. */
function filter(call: Call): (instance: Instance) => boolean {
  const ids = text(call, 'InstanceIds') === '' ? undefined : jsonTexts(text(call, 'InstanceIds'));
  if (text(call, 'InstanceIds') !== '' && (!ids || ids.length > 100)) {
    throw refuseEcs('InvalidInstanceIds.ValueNotSupported');
  }
  const name = text(call, 'KeyPairName');
  const tags = tagsOf(call);
  return (instance) =>
    (!ids || ids.includes(instance.id)) &&
    (!name || instance.keyPairs.some((pair) => pair.name === name)) &&
    tags.every(({ key, value }) => instance.tags.some((tag) => tag.key === key && (!value || tag.value === value)));
}

const shown = ({ id, name, region, state, keyPairs, tags, ...addresses }: Instance): Record<string, unknown> => ({
  InstanceId: id,
  InstanceName: name,
  RegionId: region,
  Status: state,
  KeyPairName: keyPairs[0]?.name ?? '',
  InstanceNetworkType: 'vpc',
  VpcAttributes: { PrivateIpAddress: { IpAddress: addresses.privateAddresses } },
  InnerIpAddress: { IpAddress: [] },
  PublicIpAddress: { IpAddress: addresses.publicAddresses },
  EipAddress: { IpAddress: addresses.elasticAddress ?? '' },
  Tags: { Tag: tags.map(({ key, value }) => ({ TagKey: key, TagValue: value })) },
});
