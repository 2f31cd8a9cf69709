// ENS's instances, 2017-11-10. No filter by pair, and nothing but instances names one. An instance shows its pair's name also when
// that pair is gone, or when another one has the name by now.
// Source: ENS API reference, DescribeInstances, AttachKeyPair, DetachKeyPair.

import type { Parameters } from '../../alibaba/acs3.ts';
import type { CallLimits } from '../../transport/wire.ts';
import { type AlibabaOptions, alibabaCall } from '../alibaba/alibaba-call.ts';
import { instancesIn } from '../alibaba/alibaba-instances.ts';
import { failuresIn } from '../alibaba/binding-results.ts';
import { bind } from '../bindings.ts';
import { count, tagList } from '../fields.ts';
import type { Fleet, Instance } from '../fleet.ts';
import { carriesTags, inParts, together } from '../instances.ts';
import type { Operation } from '../outcome.ts';
import { readAllPages } from '../paging.ts';
import { ENS_ORIGIN } from './endpoint.ts';
import { refusals } from './fleet-refusals.ts';

const describe: Operation = { service: 'ens', refusals, action: 'DescribeInstances', changes: false };
const attach: Operation = { service: 'ens', refusals, action: 'AttachKeyPair', changes: true };
const detach: Operation = { service: 'ens', refusals, action: 'DetachKeyPair', changes: true };

const PAGE_SIZE = 100; // the most that DescribeInstances gives, and the most ids that it takes
const MOST_BOUND = 30; // the most instances that AttachKeyPair and DetachKeyPair take

export function ensFleet(options: AlibabaOptions): Fleet {
  const origin = options.endpoint ?? ENS_ORIGIN;
  const send = (operation: Operation, parameters: Parameters, call: CallLimits) =>
    alibabaCall(options, { origin, version: '2017-11-10', operation }, parameters, call);

  const describeAll = async (wanted: Parameters, call: CallLimits): Promise<readonly Instance[]> => {
    const { rows } = await readAllPages(
      async ({ number }) => {
        const page = { PageNumber: number, PageSize: String(PAGE_SIZE) }; // a number and a string, by the documentation
        const reply = await send(describe, { ...wanted, ...page }, call);
        return { rows: instancesIn(describe, reply), total: count(reply.fields.TotalCount) };
      },
      ({ id }) => id,
    );
    return rows;
  };

  const instances: Fleet['instances'] = async ({ ids, tags }, call) => {
    const Tags = tagList(tags).map(({ key, value }) => ({ Key: key, Value: value }));
    const parts = ids === undefined ? [undefined] : inParts(ids, PAGE_SIZE);
    const found = await together(parts, (part) =>
      describeAll({ Tags, InstanceIds: part && JSON.stringify(part) }, call),
    );
    return found.filter((one) => carriesTags(one, tags));
  };

  const change =
    (operation: Operation): Fleet['attach'] =>
    ({ region, id, name }, instanceIds, { force: _, ...call }) =>
      bind({
        instanceIds,
        detaches: operation === detach,
        most: MOST_BOUND,
        takes: ({ status }) => status === 'stopped',
        allOrNothing: false,
        look: (ids) => instances({ region, ids }, call),
        async send(ids) {
          const pair = id === undefined ? { KeyPairName: name } : { KeyPairId: id };
          const parameters = { ...pair, InstanceIds: JSON.stringify(ids) };
          return failuresIn(operation, await send(operation, parameters, call), ids);
        },
      });

  return {
    provider: 'ens',
    referenceKinds: [],
    instances,

    async holders({ name }, call) {
      return (await describeAll({}, call)).filter(({ keyPairs }) => keyPairs.includes(name));
    },

    attach: change(attach),
    detach: change(detach),

    async references() {
      return [];
    },
  };
}
