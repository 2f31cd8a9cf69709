// ENS instances and the pair that each may have. They show a pair's name, whether the pair is still there or not.
// Source: ENS DescribeInstances, AttachKeyPair, DetachKeyPair.
import type { Call } from '../protocols/protocol.ts';
import type { Instance } from '../state/fleet.ts';
import type { Pair } from '../state/registry.ts';
import { bindingOf, instancesOf, rewrite } from './bindings.ts';
import { jsonTexts } from './ecs-parameters.ts';
import { refuseEns } from './ens-errors.ts';
import { cut, pageParameter } from './listing.ts';
import type { Action, World } from './service.ts';

export const describeInstances: Action = (call) => {
  const page = pageParameter(text(call, 'PageNumber'), 1);
  const size = pageParameter(text(call, 'PageSize'), 10, 100);
  if (page === undefined) throw refuseEns('InvalidParameter.%s', 'PageNumber');
  if (size === undefined) throw refuseEns('InvalidParameter.%s', 'PageSize');
  const ids = idsOf(call, 100);
  const tags = tagsOf(call);
  return async (world) => {
    const found = instancesOf(world).filter(
      (one) =>
        (!ids || ids.includes(one.id)) &&
        tags.every(({ key, value }) => one.tags.some((tag) => tag.key === key && tag.value === value)),
    );
    const rows = cut(found, page, size).map((one) => shown(one));
    return { body: { Instances: { Instance: rows }, PageNumber: page, PageSize: size, TotalCount: found.length } };
  };
};

const bind =
  (change: (instance: Instance, pair: Pair, world: World) => Instance['keyPairs'] | undefined): Action =>
  (call) => {
    const ids = idsOf(call, 30);
    if (!ids || ids.length === 0) throw refuseEns('MissingParameter');
    const [pairId, name] = [text(call, 'KeyPairId'), text(call, 'KeyPairName')];
    if (!pairId && !name) throw refuseEns('MissingParameter');
    return async (world) => {
      const pair = world.registry
        .at(world.place)
        .find((one) => (!pairId || one.id === pairId) && (!name || one.name === name));
      if (!pair) throw refuseEns('InvalidParameter.%s', pairId ? 'KeyPairId' : 'KeyPairName');
      const here = new Map(instancesOf(world).map((one) => [one.id, one]));
      const detaches = call.action === 'DetachKeyPair' && !pairId;
      // "errors if any is not bound to it", where it goes by name
      if (detaches && ids.some((id) => !here.get(id)?.keyPairs.some(({ id: bound }) => bound === pair.id)))
        throw refuseEns('InvalidParameter.%s', 'KeyPairName');
      const results = ids.map((id) => {
        const instance = here.get(id);
        const keyPairs = instance?.state === 'Stopped' ? change(instance, pair, world) : undefined;
        return { id, ...(instance && keyPairs && { changed: { ...instance, keyPairs } }) };
      });
      await rewrite(
        world,
        results.flatMap(({ changed }) => changed ?? []),
      );
      return {
        body: {
          KeyPairId: pair.id,
          KeyPairName: pair.name,
          TotalCount: ids.length,
          FailCount: results.filter(({ changed }) => !changed).length,
          Results: results.map(({ id, changed }) => result(id, changed !== undefined)),
        },
      };
    };
  };

export const attachKeyPair = bind(({ keyPairs }, pair, { behaviour }) =>
  keyPairs.length > 0 && behaviour['ens.attachBound'] === 'refused' ? undefined : [bindingOf(pair)],
);
export const detachKeyPair = bind(({ keyPairs }, pair) => keyPairs.filter(({ id }) => id !== pair.id));

/** A flat list, with a number and a boolean, unlike that of ECS. */
const result = (InstanceId: string, Success: boolean): Record<string, unknown> => ({
  Code: Success ? 200 : 400,
  InstanceId,
  Message: Success ? 'successful' : 'The instance does not support this operation.', // text ours
  Success,
});

const text = ({ parameters }: Call, name: string): string => String(parameters.get(name) ?? '');

function idsOf(call: Call, most: number): readonly string[] | undefined {
  const json = text(call, 'InstanceIds');
  if (json === '') return undefined;
  const ids = jsonTexts(json);
  if (!ids || ids.length > most) throw refuseEns('InvalidParameter.%s', 'InstanceIds');
  return ids;
}

/** `Tags.N.Key` and `Tags.N.Value`, counted from 1. */
function tagsOf(call: Call): { key: string; value: string }[] {
  const numbers = [...call.parameters.keys()].flatMap((name) => /^Tags\.(\d+)\.Key$/.exec(name)?.[1] ?? []);
  return numbers.map((n) => ({ key: text(call, `Tags.${n}.Key`), value: text(call, `Tags.${n}.Value`) }));
}

/** "This operation does not return tag information." */
const shown = ({ id, name, state, keyPairs, privateAddresses, ...rest }: Instance): Record<string, unknown> => {
  const publicAddresses = [...rest.publicAddresses, ...(rest.elasticAddress ? [rest.elasticAddress] : [])];
  return {
    InstanceId: id,
    InstanceName: name,
    Status: state,
    KeyPairName: keyPairs[0]?.name ?? '',
    InnerIpAddress: { IpAddress: privateAddresses },
    PrivateIpAddresses: { PrivateIpAddress: privateAddresses.map((Ip) => ({ Ip, GateWay: '', Isp: 'cmcc' })) },
    PublicIpAddress: { IpAddress: publicAddresses },
    PublicIpAddresses: { PublicIpAddress: publicAddresses.map((Ip) => ({ Ip, GateWay: '', Isp: 'cmcc' })) },
  };
};
