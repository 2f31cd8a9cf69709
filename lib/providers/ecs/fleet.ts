// ECS's instances, 2014-05-26. An instance has one pair, by its name.
// Source: ECS API reference, DescribeInstances, AttachKeyPair, DetachKeyPair.

import type { Parameters } from '../../alibaba/acs3.ts';
import type { CallLimits } from '../../transport/wire.ts';
import { instancesIn } from '../alibaba/alibaba-instances.ts';
import { failuresIn } from '../alibaba/binding-results.ts';
import { bind } from '../bindings.ts';
import { tagList, text } from '../fields.ts';
import type { Fleet, Instance } from '../fleet.ts';
import { carriesTags, inParts, together } from '../instances.ts';
import type { Operation } from '../outcome.ts';
import { readByTokens } from '../paging.ts';
import { type EcsFleetOptions, ecsCalls, essCalls } from './calls.ts';
import { refusals } from './fleet-refusals.ts';
import { referenceKinds, referencesTo } from './references.ts';
import { retarget } from './retarget.ts';

const describe: Operation = { service: 'ecs', refusals, action: 'DescribeInstances', changes: false };
const attach: Operation = { service: 'ecs', refusals, action: 'AttachKeyPair', changes: true };
const detach: Operation = { service: 'ecs', refusals, action: 'DetachKeyPair', changes: true };

const PAGE_SIZE = 100; // the most that DescribeInstances gives, and the most ids that it takes
const MOST_BOUND = 50; // the most instances that AttachKeyPair and DetachKeyPair take
const MOST_BY_TAG = 1_000; // it finds no more by tags, and does not say that there are

export function ecsFleet(options: EcsFleetOptions): Fleet {
  const send = ecsCalls(options);
  const calls = { ecs: send, ess: essCalls(options) };

  /** By tokens: page numbers are deprecated, and with tokens the total means nothing. */
  const describeAll = (region: string, wanted: Parameters, call: CallLimits): Promise<readonly Instance[]> =>
    readByTokens(async (NextToken) => {
      const reply = await send(describe, region, { ...wanted, MaxResults: PAGE_SIZE, NextToken }, call);
      return { rows: instancesIn(describe, reply), next: text(reply.fields.NextToken) };
    });

  const instances: Fleet['instances'] = async ({ region, ids, tags }, call) => {
    const Tag = tagList(tags).map(({ key, value }) => ({ Key: key, Value: value }));
    const parts = ids === undefined ? [undefined] : inParts(ids, PAGE_SIZE);
    const read = (wanted: Parameters) =>
      together(parts, (part) => describeAll(region, { ...wanted, InstanceIds: part && JSON.stringify(part) }, call));
    const found = await read({ Tag });
    const all = tags === undefined || found.length < MOST_BY_TAG ? found : await read({});
    return all.filter((one) => carriesTags(one, tags));
  };

  const change =
    (operation: Operation): Fleet['attach'] =>
    ({ region, name }, instanceIds, { force: _, ...call }) =>
      bind({
        instanceIds,
        detaches: operation === detach,
        most: MOST_BOUND,
        allOrNothing: false,
        look: (ids) => instances({ region, ids }, call),
        async send(ids) {
          const parameters = { KeyPairName: name, InstanceIds: JSON.stringify(ids) };
          return failuresIn(operation, await send(operation, region, parameters, call), ids);
        },
      });

  return {
    provider: 'ecs',
    referenceKinds,
    instances,

    async holders({ region, name }, call) {
      const found = await describeAll(region, { KeyPairName: name }, call);
      return found.filter(({ keyPairs }) => keyPairs.includes(name));
    },

    attach: change(attach),
    detach: change(detach),

    retarget: (reference, to, call) => retarget(calls, reference, to, call),
    references: (pair, call, kinds = referenceKinds) => referencesTo(calls, pair, kinds, call),
  };
}
