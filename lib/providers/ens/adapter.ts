// Alibaba ENS, 2017-11-10: no SDK on npm, one endpoint for the whole world, no tags, one pair per delete.
// Source: ENS API reference, CreateKeyPair, ImportKeyPair, DescribeKeyPairs, DeleteKeyPairs.
import type { CallLimits } from '../../transport/wire.ts';
import { importedPair, madePair, pageOf } from '../alibaba/alibaba-answers.ts';
import { type AlibabaOptions, alibabaCall } from '../alibaba/alibaba-call.ts';
import { removal } from '../fields.ts';
import type { Operation } from '../outcome.ts';
import { readAllPairs, totalOf } from '../paging.ts';
import type { KeyPairProvider, NewPair } from '../provider.ts';
import { ENS_ORIGIN } from './endpoint.ts';
import { refusals } from './refusals.ts';

const create: Operation = { service: 'ens', refusals, action: 'CreateKeyPair', changes: true };
const importKey: Operation = { service: 'ens', refusals, action: 'ImportKeyPair', changes: true };
const describe: Operation = { service: 'ens', refusals, action: 'DescribeKeyPairs', changes: false };
const remove: Operation = { service: 'ens', refusals, action: 'DeleteKeyPairs', changes: true };

// The documentation names no maximum; 50 is what ECS allows. If ENS sends fewer, the next page starts after those.
const PAGE_SIZE = 50;

export function ensProvider(options: AlibabaOptions): KeyPairProvider {
  const origin = options.endpoint ?? ENS_ORIGIN;
  const send = (operation: Operation, query: Record<string, string>, call: CallLimits) =>
    alibabaCall(options, { origin, version: '2017-11-10', operation }, query, call);

  const describeAll = (query: Record<string, string>, call: CallLimits, passes?: 1) =>
    readAllPairs(async ({ number }) => {
      const page = { PageNumber: String(number), PageSize: String(PAGE_SIZE) }; // strings, by the documentation
      return pageOf(describe, await send(describe, { ...query, ...page }, call), false);
    }, passes);

  return {
    provider: 'ens',

    async create(pair, call) {
      return madePair(create, await send(create, { KeyPairName: nameOnly(pair) }, call), pair.name);
    },

    async import(pair, call) {
      const query = { KeyPairName: nameOnly(pair), PublicKeyBody: pair.publicKey };
      return importedPair(importKey, await send(importKey, query, call), pair.name);
    },

    async find({ name }, call) {
      const { pairs, ...rest } = await describeAll({ KeyPairName: name }, call);
      return { ...rest, pairs: pairs.filter((pair) => pair.name === name) };
    },

    async list({ tags, passes }, call) {
      if (tags !== undefined) throw new TypeError('ENS key pairs have no tags to list them by');
      return describeAll({}, call, passes);
    },

    async count(_region, call) {
      const reply = await send(describe, { PageNumber: '1', PageSize: '1' }, call);
      return totalOf(describe, reply, pageOf(describe, reply, false));
    },

    async remove({ id }, call) {
      if (id === undefined) throw new TypeError('an ENS key pair is removed by its id');
      return removal(send(remove, { KeyPairId: id }, call));
    },
  };
}

/** What ENS cannot keep must not be dropped silently. */
function nameOnly({ name, tags, resourceGroupId, projectId }: NewPair): string {
  if (tags !== undefined || resourceGroupId !== undefined || projectId !== undefined) {
    throw new TypeError('an ENS key pair has a name and nothing else');
  }
  return name;
}
