// Reading CVM's instances, 2017-03-12. Source: CVM API reference, DescribeInstances.
import type { DescribeInstancesRequest } from 'tencentcloud-sdk-nodejs-cvm/tencentcloud/services/cvm/v20170312/cvm_models.js';
import { VendingError } from '../../errors.ts';
import { asObject } from '../../transport/json.ts';
import type { CallLimits } from '../../transport/wire.ts';
import { count, idIn, present, tagList, text } from '../fields.ts';
import type { Fleet, Instance } from '../fleet.ts';
import { addressesIn, carriesTags, inParts, together } from '../instances.ts';
import { type Operation, type Reply, unreadable } from '../outcome.ts';
import { readAllPages } from '../paging.ts';
import type { Send } from './calls.ts';
import { refusals } from './fleet-refusals.ts';

const describe: Operation = { service: 'cvm', refusals, action: 'DescribeInstances', changes: false };

const PAGE_SIZE = 100; // the most that DescribeInstances gives, and the most ids that it takes
const MOST_FILTERS = 10;

/** Tags that do not fit into the request, and any that go with ids, are compared here. */
export async function instancesWhere(
  send: Send,
  { region, ids, tags }: Parameters<Fleet['instances']>[0],
  call: CallLimits,
): Promise<readonly Instance[]> {
  const Filters = tagList(tags).map(({ key, value }) => ({ Name: `tag:${key}`, Values: [value] }));
  const found =
    ids === undefined
      ? await describeAll(send, region, Filters.length > 0 ? { Filters: Filters.slice(0, MOST_FILTERS) } : {}, call)
      : await together(inParts(ids, PAGE_SIZE), (part) => byIds(send, region, part, call));
  return found.filter((one) => carriesTags(one, tags));
}

/** One id that does not exist may have the whole request refused, so the others are asked for in smaller parts. */
async function byIds(send: Send, region: string, ids: string[], call: CallLimits): Promise<readonly Instance[]> {
  try {
    return await describeAll(send, region, { InstanceIds: ids }, call);
  } catch (error) {
    if (!(error instanceof VendingError) || error.upstreamCode !== 'InvalidInstanceId.NotFound') throw error;
    if (ids.length === 1) return [];
    return together(inParts(ids, Math.ceil(ids.length / 2)), (half) => byIds(send, region, half, call));
  }
}

async function describeAll(
  send: Send,
  region: string,
  wanted: DescribeInstancesRequest,
  call: CallLimits,
): Promise<readonly Instance[]> {
  const { rows } = await readAllPages(
    async ({ seen }) => {
      const reply = await send(describe, region, { ...wanted, Offset: seen, Limit: PAGE_SIZE }, call);
      const set = reply.fields.InstanceSet;
      if (!Array.isArray(set)) throw unreadable(describe, 'without InstanceSet', reply.requestId);
      return { rows: set.map((row) => instance(reply, asObject(row) ?? {})), total: count(reply.fields.TotalCount) };
    },
    ({ id }) => id,
  );
  return rows;
}

function instance(reply: Reply, fields: Reply['fields']): Instance {
  const { InstanceState: state, PrivateIpAddresses, PublicIpAddresses, LoginSettings, Tags } = fields;
  const keys = asObject(LoginSettings)?.KeyIds;
  const tags = (Array.isArray(Tags) ? Tags : []).map(asObject);
  return {
    id: idIn(describe, reply, fields, 'InstanceId'),
    status: state === 'RUNNING' ? 'running' : state === 'STOPPED' ? 'stopped' : 'other',
    privateAddresses: addressesIn(PrivateIpAddresses),
    publicAddresses: addressesIn(PublicIpAddresses),
    keyPairs: (Array.isArray(keys) ? keys : []).flatMap((key) => text(key) ?? []),
    tags: Object.fromEntries(tags.flatMap((row) => (row ? [[String(row.Key), String(row.Value ?? '')]] : []))),
    ...present({ name: text(fields.InstanceName) }),
  };
}
