// ECS, Alibaba's Elastic Compute Service, 2014-05-26. The name is the key pair's key: only Create returns an id.
// Source: ECS CreateKeyPair, ImportKeyPair, DescribeKeyPairs, DeleteKeyPairs. The legacy parameters OwnerId,
// ResourceOwnerAccount and ResourceOwnerId are accepted and have no effect.
import { importedForEcs } from '../keys/imported.ts';
import { refuseAlibaba } from '../protocols/alibaba-errors.ts';
import type { Call } from '../protocols/protocol.ts';
import type { Pair } from '../state/registry.ts';
import { isAlibabaName } from './alibaba-name.ts';
import { ecsErrors, refuseEcs } from './ecs-errors.ts';
import { type EcsTags, tagsOf } from './ecs-tags.ts';
import { cut, pageParameter, shownFingerprint, shownTime, visible } from './listing.ts';
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
  const page = pageParameter(text(call, 'PageNumber'), 1);
  const size = pageParameter(text(call, 'PageSize'), 10, 50);
  if (page === undefined) throw refuseEcs('InvalidParameter.%s', 'PageNumber');
  if (size === undefined) throw refuseEcs('InvalidParameter.%s', 'PageSize');
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

const deleteKeyPairs: Action = (call) => {
  mandatory(call, 'RegionId');
  const names = nameList(mandatory(call, 'KeyPairNames'));
  return async (world) => {
    checkRegion(world);
    const pairs = world.registry.at(world.place).filter(({ name }) => names.has(name));
    if (pairs.length < names.size && world.behaviour['ecs.deleteUnknown'] !== 'success') {
      throw refuseEcs('InvalidKeyPair.NotFound');
    }
    if (pairs.some(({ instanceIds }) => instanceIds.length > 0)) {
      throw refuseEcs('InvalidParameter.KeypairAlreadyAttachedInstance');
    }
    await discard(world, pairs);
    return { body: {} };
  };
};

const text = ({ parameters }: Call, name: string): string => String(parameters.get(name) ?? '');

function mandatory(call: Call, name: string): string {
  const value = text(call, name);
  if (!value) throw refuseAlibaba('MissingParameter', name);
  return value;
}

function drafted(call: Call): { draft: Draft; tags: EcsTags } {
  mandatory(call, 'RegionId');
  const name = mandatory(call, 'KeyPairName');
  if (!isAlibabaName(name)) throw refuseEcs('InvalidKeyPairName.Malformed');
  const tags = tagsOf(call);
  return { draft: { name, tags, resourceGroupId: text(call, 'ResourceGroupId') }, tags };
}

/** A JSON array of 1 to 100 names, as text: `["a","b"]`. */
function nameList(json: string): ReadonlySet<string> {
  try {
    const names: unknown = JSON.parse(json);
    const fits = Array.isArray(names) && names.length >= 1 && names.length <= 100;
    if (fits && names.every((name) => typeof name === 'string' && name !== '')) return new Set(names);
  } catch {
    // Not JSON: the same refusal as JSON of something else.
  }
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

function checkRegion({ limits, place }: World): void {
  if (!limits['ecs.regions'].includes(place.region)) throw refuseEcs('InvalidRegionId.NotFound');
}

function mayAdd(world: World, { name, resourceGroupId = '' }: Draft, tags: EcsTags): void {
  const { behaviour, limits, place, registry } = world;
  checkRegion(world);
  if (resourceGroupId && !limits['ecs.resourceGroups'].includes(resourceGroupId)) {
    throw refuseEcs('InvalidResourceGroup.NotFound');
  }
  if (tags.length > limits['ecs.tags']) {
    throw refuseEcs('QuotaExceed.Tags', `The number of tags exceeds the limit of ${limits['ecs.tags']}.`);
  }
  const pairs = registry.at(place);
  const duplicate = (): void => {
    if (pairs.some((pair) => pair.name === name)) throw refuseEcs('KeyPair.AlreadyExist');
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
  ]),
  errors: ecsErrors,
  unpermitted: () => refuseAlibaba('Forbidden.RAM'),
};
