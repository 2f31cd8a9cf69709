// ECS, Alibaba's Elastic Compute Service, 2014-05-26. The name is the key pair's key: only Create returns an id.
// Source: ECS CreateKeyPair, ImportKeyPair, DescribeKeyPairs, DeleteKeyPairs. The legacy parameters OwnerId,
// ResourceOwnerAccount and ResourceOwnerId are accepted and have no effect.
import { importedForEcs } from '../keys/imported.ts';
import { refuseAlibaba } from '../protocols/alibaba-errors.ts';
import type { Call } from '../protocols/protocol.ts';
import type { Pair } from '../state/registry.ts';
import { isAlibabaName } from './alibaba-name.ts';
import { boundTo } from './bindings.ts';
import { ecsErrors, refuseEcs } from './ecs-errors.ts';
import { attachKeyPair, describeInstances, detachKeyPair } from './ecs-instances.ts';
import { checkRegion, jsonTexts, mandatory, pageOf, text } from './ecs-parameters.ts';
import { type EcsTags, tagsOf } from './ecs-tags.ts';
import { templateActions } from './ecs-templates.ts';
import { cut, shownFingerprint, shownTime, visible } from './listing.ts';
import { create, type Draft, discard, importKey } from './making.ts';
import type { Action, Service, World } from './service.ts';

const createKeyPair: Action = (call) => {
  const { draft, tags } = drafted(call);
  return async (world) => {
    const { pair, privateKey } = await create(world, draft, () => mayAdd(world, draft, tags));
    return {
      body: {
        PrivateKeyBody: privateKey,
        KeyPairName: pair.name,
        KeyPairId: pair.id,
        KeyPairFingerPrint: fingerprint(world, pair),
      },
      made: pair,
    };
  };
};

const importKeyPair: Action = (call) => {
  const { draft, tags } = drafted(call);
  const key = importedForEcs(mandatory(call, 'PublicKeyBody'));
  if (!key) throw refuseEcs('InvalidPublicKeyBody.Malformed');
  return async (world) => {
    const pair = await importKey(world, draft, key, () => mayAdd(world, draft, tags));
    return {
      body: {
        KeyPairFingerPrint: fingerprint(world, pair),
        ...(world.behaviour['ecs.importReturnsId'] && { KeyPairId: pair.id }),
        KeyPairName: pair.name,
      },
      made: pair,
    };
  };
};

const describeKeyPairs: Action = (call) => {
  mandatory(call, 'RegionId');
  const { page, size } = pageOf(call, 50);
  const matches = filter(call);
  const withPublicKey = text(call, 'IncludePublicKey').toLowerCase() === 'true';
  return async (world) => {
    checkRegion(world);
    const found = visible(world).filter(matches);
    return {
      body: {
        KeyPairs: {
          KeyPair: cut(found, page, size).map((pair) => ({
            CreationTime: shownTime(pair.createdAtMs, 'minutes'),
            KeyPairFingerPrint: fingerprint(world, pair),
            ...(world.behaviour['ecs.describeReturnsId'] && { KeyPairId: pair.id }),
            KeyPairName: pair.name,
            ...(withPublicKey && { PublicKey: pair.publicKey }),
            ResourceGroupId: pair.resourceGroupId,
            Tags: { Tag: pair.tags.map(({ key, value }) => ({ TagKey: key, TagValue: value })) },
          })),
        },
        PageNumber: page,
        PageSize: size,
        TotalCount: found.length,
      },
    };
  };
};

/** Its source: DescribeRegions. No region is named, and none is left out for being sold out. */
const describeRegions: Action =
  () =>
  async ({ limits }) => ({
    body: {
      Regions: {
        Region: limits['ecs.regions'].map((RegionId) => ({
          RegionId,
          LocalName: RegionId,
          RegionEndpoint: `ecs.${RegionId}.aliyuncs.com`,
          Status: 'available',
        })),
      },
    },
  });

const deleteKeyPairs: Action = (call) => {
  mandatory(call, 'RegionId');
  const names = nameList(mandatory(call, 'KeyPairNames'));
  return async (world) => {
    checkRegion(world);
    const pairs = world.registry.at(world.place).filter(({ name }) => names.has(name));
    if (pairs.length < names.size && world.behaviour['ecs.deleteUnknown'] !== 'success') {
      throw refuseEcs('InvalidKeyPair.NotFound');
    }
    if (pairs.some((pair) => boundTo(world, pair).length > 0)) {
      throw refuseEcs('InvalidParameter.KeypairAlreadyAttachedInstance');
    }
    await discard(world, pairs);
    const staysMs = world.behaviour['ecs.nameStaysTakenMs'];
    if (staysMs > 0) for (const pair of pairs) world.registry.linger(pair, world.nowMs + staysMs);
    return { body: {} };
  };
};

function drafted(call: Call): { draft: Draft; tags: EcsTags } {
  mandatory(call, 'RegionId');
  const name = mandatory(call, 'KeyPairName');
  if (!isAlibabaName(name)) throw refuseEcs('InvalidKeyPairName.Malformed');
  const tags = tagsOf(call);
  return { draft: { name, tags, resourceGroupId: text(call, 'ResourceGroupId') }, tags };
}

/** A JSON array of 1 to 100 names, as text: `["a","b"]`. */
function nameList(json: string): ReadonlySet<string> {
  const names = jsonTexts(json) ?? [];
  if (names.length >= 1 && names.length <= 100) return new Set(names);
  throw refuseEcs('InvalidKeyPairNames.ValueNotSupported');
}

/** By name (`x`, `x*`, `*x`, `*x*`), fingerprint, resource group and tags, all of which must fit. */
function filter(call: Call): (pair: Pair) => boolean {
  const name = text(call, 'KeyPairName');
  const inner = name.replace(/^\*|\*$/g, '');
  const [open, close] = [name.startsWith('*'), name.endsWith('*')];
  const named = (other: string): boolean =>
    (open && close && other.includes(inner)) ||
    (open && other.endsWith(inner)) ||
    (close && other.startsWith(inner)) ||
    other === name;
  const fingerprint = text(call, 'KeyPairFingerPrint').replaceAll(':', '').toLowerCase();
  const group = text(call, 'ResourceGroupId');
  const tags = tagsOf(call);
  return (pair) =>
    (!name || named(pair.name)) &&
    (!fingerprint || pair.fingerprint === fingerprint) &&
    (!group || pair.resourceGroupId === group) &&
    tags.every(({ key, value }) => pair.tags.some((tag) => tag.key === key && (!value || tag.value === value)));
}

function mayAdd(world: World, { name, resourceGroupId = '' }: Draft, tags: EcsTags): void {
  const { behaviour, limits, nowMs, place, registry } = world;
  checkRegion(world);
  if (resourceGroupId && !limits['ecs.resourceGroups'].includes(resourceGroupId)) {
    throw refuseEcs('InvalidResourceGroup.NotFound');
  }
  if (tags.length > limits['ecs.tags']) {
    throw refuseEcs('QuotaExceed.Tags', `The number of tags exceeds the limit of ${limits['ecs.tags']}.`);
  }
  const pairs = registry.at(place);
  const duplicate = (): void => {
    const taken = pairs.some((pair) => pair.name === name) || registry.isLingering(place, name, nowMs);
    if (taken) throw refuseEcs('KeyPair.AlreadyExist');
  };
  const quota = (): void => {
    if (pairs.length >= limits['ecs.keyPairsPerRegion']) throw refuseEcs('QuotaExceed.KeyPair');
  };
  const checks = [duplicate, quota];
  if (behaviour['order.limits'] === 'quota-before-duplicate') checks.reverse();
  for (const check of checks) check();
}

const fingerprint = ({ behaviour }: World, pair: Pair): string =>
  shownFingerprint(pair, behaviour['ecs.fingerprintColons']);

export const ecs: Service = {
  actions: new Map([
    ['CreateKeyPair', createKeyPair],
    ['ImportKeyPair', importKeyPair],
    ['DescribeKeyPairs', describeKeyPairs],
    ['DeleteKeyPairs', deleteKeyPairs],
    ['DescribeRegions', describeRegions],
    ['DescribeInstances', describeInstances],
    ['AttachKeyPair', attachKeyPair],
    ['DetachKeyPair', detachKeyPair],
    ...templateActions,
  ]),
  errors: ecsErrors,
  unpermitted: () => refuseAlibaba('Forbidden.RAM'),
};
