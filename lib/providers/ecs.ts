// Alibaba ECS, 2014-05-26, with the official request models. Tags and resource groups; deletes go by name.
// Source: ECS API reference, CreateKeyPair, ImportKeyPair, DescribeKeyPairs, DeleteKeyPairs.
import { type AlibabaOptions, alibabaCall } from './alibaba.ts';
import { importedPair, madePair, pageOf } from './alibaba-answers.ts';
import { ecsEndpoint } from './ecs-endpoint.ts';
import { regionOf, removal, tagList } from './fields.ts';
import type { Operation } from './outcome.ts';
import { readAllPages } from './paging.ts';
import type { FoundPair, KeyPairProvider, NewPair, Tags } from './provider.ts';
import type { Call } from './wire.ts';

const create: Operation = { service: 'ecs', action: 'CreateKeyPair', changes: true };
const importKey: Operation = { service: 'ecs', action: 'ImportKeyPair', changes: true };
const describe: Operation = { service: 'ecs', action: 'DescribeKeyPairs', changes: false };
const remove: Operation = { service: 'ecs', action: 'DeleteKeyPairs', changes: true };

const PAGE_SIZE = 50; // the most that DescribeKeyPairs gives

// Only these four models: the package's index loads some 3,000, and its client takes 0.4 s of a cold start.
const models = async () => {
  const [creating, importing, describing, deleting] = await Promise.all([
    import('@alicloud/ecs20140526/dist/models/CreateKeyPairRequest.js'),
    import('@alicloud/ecs20140526/dist/models/ImportKeyPairRequest.js'),
    import('@alicloud/ecs20140526/dist/models/DescribeKeyPairsRequest.js'),
    import('@alicloud/ecs20140526/dist/models/DeleteKeyPairsRequest.js'),
  ]);
  return { ...creating, ...importing, ...describing, ...deleting };
};

interface Model {
  validate(): void;
  toMap(): Record<string, unknown>;
}

export function ecsProvider(options: AlibabaOptions): KeyPairProvider {
  const send = async (operation: Operation, region: string, request: Model, call: Call) => {
    request.validate();
    const origin = options.endpoint ?? `https://${await ecsEndpoint(region)}`;
    return alibabaCall(options, { origin, version: '2014-05-26', operation }, request.toMap(), call);
  };

  const describeAll = async (query: { regionId: string; keyPairName?: string; tag?: object[] }, call: Call) => {
    const { DescribeKeyPairsRequest } = await models();
    return readAllPages(async ({ number }) => {
      const page = { includePublicKey: true, pageNumber: number, pageSize: PAGE_SIZE };
      const request = new DescribeKeyPairsRequest({ ...query, ...page });
      return pageOf(describe, await send(describe, query.regionId, request, call), true);
    });
  };

  return {
    provider: 'ecs',
    hasTags: true,
    removesBy: 'name',
    createdAtPrecisionMs: 60_000,

    async create(pair, call) {
      const { CreateKeyPairRequest } = await models();
      const request = new CreateKeyPairRequest(inEcsWords(pair));
      return madePair(create, await send(create, pair.region, request, call), pair.name);
    },

    async import(pair, call) {
      const { ImportKeyPairRequest } = await models();
      const request = new ImportKeyPairRequest({ ...inEcsWords(pair), publicKeyBody: pair.publicKey });
      return importedPair(importKey, await send(importKey, pair.region, request, call), pair.name);
    },

    async find({ region, name }, call) {
      const { pairs, ...rest } = await describeAll({ regionId: regionOf(region), keyPairName: name }, call);
      return { ...rest, pairs: pairs.filter((pair) => pair.name === name) };
    },

    async list({ region, tags }, call) {
      const query = { regionId: regionOf(region), ...(tags === undefined ? {} : { tag: tagList(tags) }) };
      const { pairs, ...rest } = await describeAll(query, call);
      return { ...rest, pairs: pairs.filter((pair) => carries(pair, tags)) };
    },

    async remove({ region, name }, call) {
      const { DeleteKeyPairsRequest } = await models();
      const request = new DeleteKeyPairsRequest({ regionId: regionOf(region), keyPairNames: JSON.stringify([name]) });
      return removal(send(remove, region, request, call));
    },
  };
}

function inEcsWords({ region, name, tags, resourceGroupId, projectId }: NewPair) {
  if (projectId !== undefined) throw new TypeError('an ECS key pair belongs to a resource group, not a project');
  return {
    regionId: regionOf(region),
    keyPairName: name,
    ...(resourceGroupId === undefined ? {} : { resourceGroupId }),
    ...(tags === undefined ? {} : { tag: tagList(tags) }),
  };
}

const carries = (pair: FoundPair, wanted: Tags = {}) =>
  Object.entries(wanted).every(([key, value]) => pair.tags?.[key] === value);
