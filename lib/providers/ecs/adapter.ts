// Alibaba ECS, 2014-05-26. Tags and resource groups; deletes go by name.
// Source: ECS API reference, CreateKeyPair, ImportKeyPair, DescribeKeyPairs, DeleteKeyPairs.

import type { Parameters } from '../../alibaba/acs3.ts';
import type { CallLimits } from '../../transport/wire.ts';
import { importedPair, madePair, pageOf } from '../alibaba/alibaba-answers.ts';
import type { AlibabaOptions } from '../alibaba/alibaba-call.ts';
import { removal, tagList } from '../fields.ts';
import type { Operation } from '../outcome.ts';
import { readAllPairs, totalOf } from '../paging.ts';
import type { FoundPair, KeyPairProvider, NewPair, Tags } from '../provider.ts';
import { ecsCalls } from './calls.ts';
import { refusals } from './refusals.ts';

const create: Operation = { service: 'ecs', refusals, action: 'CreateKeyPair', changes: true };
const importKey: Operation = { service: 'ecs', refusals, action: 'ImportKeyPair', changes: true };
const describe: Operation = { service: 'ecs', refusals, action: 'DescribeKeyPairs', changes: false };
const remove: Operation = { service: 'ecs', refusals, action: 'DeleteKeyPairs', changes: true };

const PAGE_SIZE = 50; // the most that DescribeKeyPairs gives

export function ecsProvider(options: AlibabaOptions): KeyPairProvider {
  const send = ecsCalls(options);

  const describeAll = (region: string, wanted: Parameters, call: CallLimits, passes?: 1) =>
    readAllPairs(async ({ number: PageNumber }) => {
      const page = { IncludePublicKey: true, PageNumber, PageSize: PAGE_SIZE };
      return pageOf(describe, await send(describe, region, { ...wanted, ...page }, call), true);
    }, passes);

  return {
    provider: 'ecs',

    async create(pair, call) {
      return madePair(create, await send(create, pair.region, inEcsWords(pair), call), pair.name);
    },

    async import(pair, call) {
      const parameters = { ...inEcsWords(pair), PublicKeyBody: pair.publicKey };
      return importedPair(importKey, await send(importKey, pair.region, parameters, call), pair.name);
    },

    async find({ region, name }, call) {
      const { pairs, ...rest } = await describeAll(region, { KeyPairName: name }, call);
      return { ...rest, pairs: pairs.filter((pair) => pair.name === name) };
    },

    async list({ region, tags, passes }, call) {
      const { pairs, ...rest } = await describeAll(region, { Tag: tagRows(tags) }, call, passes);
      return { ...rest, pairs: pairs.filter((pair) => carries(pair, tags)) };
    },

    async count(region, call) {
      const reply = await send(describe, region, { PageNumber: 1, PageSize: 1 }, call);
      return totalOf(describe, reply, pageOf(describe, reply, true));
    },

    async remove({ region, name }, call) {
      return removal(send(remove, region, { KeyPairNames: JSON.stringify([name]) }, call));
    },
  };
}

function inEcsWords({ name, tags, resourceGroupId, projectId }: NewPair): Parameters {
  if (projectId !== undefined) throw new TypeError('an ECS key pair belongs to a resource group, not a project');
  return { KeyPairName: name, ResourceGroupId: resourceGroupId, Tag: tagRows(tags) };
}

const tagRows = (tags: Tags | undefined) => tagList(tags).map(({ key, value }) => ({ Key: key, Value: value }));

const carries = (pair: FoundPair, wanted: Tags = {}) =>
  Object.entries(wanted).every(([key, value]) => pair.tags?.[key] === value);
