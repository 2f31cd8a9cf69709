// Tencent CVM, 2017-03-12. Ids everywhere, a project, tags, and the public key in every answer.
// Source: CVM API reference, CreateKeyPair, ImportKeyPair, DescribeKeyPairs, DeleteKeyPairs.
import type {
  CreateKeyPairRequest,
  DeleteKeyPairsRequest,
  DescribeKeyPairsRequest,
  ImportKeyPairRequest,
} from 'tencentcloud-sdk-nodejs-cvm/tencentcloud/services/cvm/v20170312/cvm_models.js';
import { Secret } from '../../secret.ts';
import { fingerprints } from '../../ssh/fingerprint.ts';
import { asObject } from '../../transport/json.ts';
import type { CallLimits } from '../../transport/wire.ts';
import { count, idIn, moment, needed, present, publicKeyIn, removal, sameName, tagList, text } from '../fields.ts';
import { type Operation, type Reply, unreadable } from '../outcome.ts';
import { type Page, readAllPairs, totalOf } from '../paging.ts';
import type { FoundPair, KeyPairProvider, MadePair, NewPair, Tags } from '../provider.ts';
import type { TencentOptions } from '../tencent/tencent-call.ts';
import { cvmCalls } from './calls.ts';
import { refusals } from './refusals.ts';

const create: Operation = { service: 'cvm', refusals, action: 'CreateKeyPair', changes: true };
const importKey: Operation = { service: 'cvm', refusals, action: 'ImportKeyPair', changes: true };
const describe: Operation = { service: 'cvm', refusals, action: 'DescribeKeyPairs', changes: false };
const remove: Operation = { service: 'cvm', refusals, action: 'DeleteKeyPairs', changes: true };

const PAGE_SIZE = 100; // the most that DescribeKeyPairs gives

export function cvmProvider(options: TencentOptions): KeyPairProvider {
  const send = cvmCalls(options);

  /** It takes ids or filters, and not both. */
  const describeAll = (region: string, which: DescribeKeyPairsRequest, call: CallLimits, passes?: 1) =>
    readAllPairs(async ({ seen }) => {
      const input: DescribeKeyPairsRequest = { ...which, Offset: seen, Limit: PAGE_SIZE };
      return pageOf(await send(describe, region, input, call));
    }, passes);

  return {
    provider: 'cvm',

    async create(pair, call) {
      const input: CreateKeyPairRequest = inCvmWords(pair);
      return madePair(await send(create, pair.region, input, call), pair.name);
    },

    async import(pair, call) {
      const input: ImportKeyPairRequest = { ...inCvmWords(pair), PublicKey: pair.publicKey };
      const reply = await send(importKey, pair.region, input, call);
      const id = idIn(importKey, reply, reply.fields, 'KeyId'); // flat, not inside KeyPair
      return { name: pair.name, id, ...present({ cloudTime: reply.cloudTime }) };
    },

    async find({ region, name, id }, call) {
      const which = id === undefined ? { Filters: [{ Name: 'key-name', Values: [name] }] } : { KeyIds: [id] };
      const { pairs, ...rest } = await describeAll(region, which, call);
      return { ...rest, pairs: pairs.filter((pair) => (id === undefined ? pair.name === name : pair.id === id)) };
    },

    async list({ region, tags, passes }, call) {
      const wanted = tagList(tags);
      const filters = wanted.map(({ key, value }) => ({ Name: `tag:${key}`, Values: [value] }));
      const which = filters.length === 0 ? {} : { Filters: filters };
      const { pairs, ...rest } = await describeAll(region, which, call, passes);
      return { ...rest, pairs: pairs.filter((pair) => wanted.every(({ key, value }) => pair.tags?.[key] === value)) };
    },

    async count(region, call) {
      const reply = await send(describe, region, { Offset: 0, Limit: 1 } satisfies DescribeKeyPairsRequest, call);
      return totalOf(describe, reply, pageOf(reply));
    },

    async remove({ region, id }, call) {
      if (id === undefined) throw new TypeError('a CVM key pair is removed by its id');
      const input: DeleteKeyPairsRequest = { KeyIds: [id] };
      return removal(send(remove, region, input, call));
    },
  };
}

function inCvmWords({ name, projectId, tags, resourceGroupId }: NewPair) {
  if (projectId === undefined) throw new TypeError('a CVM key pair belongs to a project; 0 is the default one');
  if (resourceGroupId !== undefined) throw new TypeError('a CVM key pair belongs to a project, not a resource group');
  const list = tagList(tags).map(({ key, value }) => ({ Key: key, Value: value }));
  const tagged = list.length === 0 ? {} : { TagSpecification: [{ ResourceType: 'keypair', Tags: list }] };
  return { KeyName: name, ProjectId: projectId, ...tagged };
}

function madePair(reply: Reply, name: string): MadePair {
  const fields = asObject(reply.fields.KeyPair) ?? {};
  const publicKey = publicKeyIn(needed(create, reply, fields, 'PublicKey'));
  if (publicKey === undefined) throw unreadable(create, 'with a PublicKey that is not a public key', reply.requestId);
  return {
    id: idIn(create, reply, fields, 'KeyId'),
    name: sameName(create, reply, fields.KeyName, name),
    privateKey: new Secret(needed(create, reply, fields, 'PrivateKey')),
    publicKey,
    fingerprint: fingerprints(publicKey).md5,
    ...present({ requestId: reply.requestId, cloudTime: reply.cloudTime }),
  };
}

function pageOf(reply: Reply): Page<FoundPair> {
  const rows = reply.fields.KeyPairSet;
  if (!Array.isArray(rows)) throw unreadable(describe, 'without KeyPairSet', reply.requestId);
  return {
    rows: rows.map((row) => foundPair(reply, asObject(row) ?? {})),
    total: count(reply.fields.TotalCount),
    ...present({ cloudTime: reply.cloudTime }),
  };
}

function foundPair(reply: Reply, fields: Record<string, unknown>): FoundPair {
  const publicKey = publicKeyIn(fields.PublicKey);
  return {
    name: needed(describe, reply, fields, 'KeyName'),
    id: idIn(describe, reply, fields, 'KeyId'),
    tags: tagsIn(fields.Tags),
    projectId: count(fields.ProjectId) ?? DEFAULT_PROJECT,
    ...present({
      publicKey,
      fingerprint: publicKey === undefined ? undefined : fingerprints(publicKey).md5,
      createdAt: moment(text(fields.CreatedTime)),
    }),
  };
}

const DEFAULT_PROJECT = 0;

/** `Tags` is null where there are none. */
function tagsIn(value: unknown): Tags {
  const rows = (Array.isArray(value) ? value : []).map(asObject);
  return Object.fromEntries(rows.flatMap((row) => (row ? [[String(row.Key), String(row.Value ?? '')]] : [])));
}
