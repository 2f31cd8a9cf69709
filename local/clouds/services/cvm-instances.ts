// CVM instances and the pairs that they may have. A batch of changes is done as a whole or not at all.
// Source: CVM DescribeInstances, AssociateInstancesKeyPairs, DisassociateInstancesKeyPairs.
import type { Instance } from '../state/fleet.ts';
import type { Pair } from '../state/registry.ts';
import { bindingOf, instancesOf, rewrite } from './bindings.ts';
import { refuseCvm } from './cvm-errors.ts';
import { checkKeyIds, type Filter, filters, flag, knowOnly, mandatory, offsets, texts } from './cvm-parameters.ts';
import { checkRegion } from './cvm-region.ts';
import type { Action } from './service.ts';

const describeInstances: Action = (call, behaviour) => {
  knowOnly(call, behaviour, ['InstanceIds', 'Filters', 'Offset', 'Limit']);
  const ids = texts(call, 'InstanceIds');
  const wanted = filters(call);
  if (ids && wanted) throw refuseCvm('InvalidParameter');
  if (ids) checkInstanceIds(ids);
  const { offset, limit } = offsets(call);
  const matches = (wanted ?? []).map(test);
  return async (world) => {
    checkRegion(world);
    const found = instancesOf(world).filter(
      (one) => (!ids || ids.includes(one.id)) && matches.every((fits) => fits(one)),
    );
    const missing = ids !== undefined && found.length < new Set(ids).size;
    if (missing && behaviour['cvm.unknownInstance'] !== 'omitted') throw refuseCvm('InvalidInstanceId.NotFound');
    const InstanceSet = found.slice(offset, offset + limit).map((one) => shown(one));
    return { body: { TotalCount: found.length, InstanceSet } };
  };
};

const bind =
  (change: (instance: Instance, pairs: readonly Pair[]) => Instance['keyPairs']): Action =>
  (call, behaviour) => {
    knowOnly(call, behaviour, ['InstanceIds', 'KeyIds', 'ForceStop']);
    const [ids, keyIds] = [mandatory(texts(call, 'InstanceIds')), mandatory(texts(call, 'KeyIds'))];
    if (ids.length === 0 || keyIds.length === 0) throw refuseCvm('MissingParameter');
    checkInstanceIds(ids);
    checkKeyIds(keyIds);
    const force = flag(call, 'ForceStop');
    return async (world) => {
      checkRegion(world);
      const pairs = keyIds.map((id) => found(world.registry.at(world.place), id, 'InvalidKeyPairId.NotFound'));
      const here = instancesOf(world);
      const instances = [...new Set(ids)].map((id) => found(here, id, 'InvalidInstanceId.NotFound'));
      for (const instance of instances) checkState(instance, force);
      // With ForceStop, what ran is shut down hard and started again by itself: at the end its state is as before.
      await rewrite(
        world,
        instances.map((one) => ({ ...one, keyPairs: change(one, pairs) })),
      );
      return { body: {} };
    };
  };

function found<T extends { readonly id: string }>(
  all: readonly T[],
  id: string,
  code: Parameters<typeof refuseCvm>[0],
): T {
  const one = all.find((each) => each.id === id);
  if (!one) throw refuseCvm(code);
  return one;
}

function checkState({ state }: Instance, force: boolean): void {
  if (state === 'Running' && !force) throw refuseCvm('UnsupportedOperation.InstanceStateRunning');
  if (state === 'Pending') throw refuseCvm('UnsupportedOperation.InstanceStatePending');
  if (state === 'Stopping') throw refuseCvm('UnsupportedOperation.InstanceStateStopping');
}

function checkInstanceIds(ids: readonly string[]): void {
  if (ids.length > 100) throw refuseCvm('InvalidParameterValue.LimitExceeded');
  if (!ids.every((id) => /^ins-[a-z0-9]{8}$/.test(id))) throw refuseCvm('InvalidInstanceId.Malformed');
}

/** A few of the page's filters. There is none by key. */
function test({ name, values }: Filter): (instance: Instance) => boolean {
  const [, key] = /^tag:(.+)$/.exec(name) ?? [];
  if (key !== undefined)
    return ({ tags }) => tags.some((tag) => tag.key === key && values.some((value) => value === tag.value));
  if (name === 'tag-key') return ({ tags }) => tags.some((tag) => values.includes(tag.key));
  if (name === 'instance-id') return ({ id }) => values.includes(id);
  if (name === 'instance-name') return ({ name: own }) => values.includes(own);
  throw refuseCvm('InvalidFilter');
}

const shown = ({ id, name, state, keyPairs, tags, ...addresses }: Instance): Record<string, unknown> => {
  const { privateAddresses, publicAddresses, elasticAddress } = addresses;
  return {
    InstanceId: id,
    InstanceName: name,
    InstanceState: state.toUpperCase(),
    PrivateIpAddresses: privateAddresses,
    // "This field may return null"
    PublicIpAddresses: elasticAddress
      ? [...publicAddresses, elasticAddress]
      : publicAddresses.length
        ? publicAddresses
        : null,
    LoginSettings: { KeyIds: keyPairs.length > 0 ? keyPairs.map((pair) => pair.id) : null },
    Tags: tags.map(({ key, value }) => ({ Key: key, Value: value })),
  };
};

export const instanceActions = [
  ['DescribeInstances', describeInstances],
  ['AssociateInstancesKeyPairs', bind((_instance, pairs) => pairs.map(bindingOf))],
  [
    'DisassociateInstancesKeyPairs',
    bind(({ keyPairs }, pairs) => keyPairs.filter(({ id }) => !pairs.some((pair) => pair.id === id))),
  ],
] as const;
