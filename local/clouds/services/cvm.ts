// CVM, Tencent's Cloud Virtual Machine, 2017-03-12. The id is the key pair's key; there is no fingerprint.
// Source: CVM CreateKeyPair, ImportKeyPair, DescribeKeyPairs, DeleteKeyPairs.
import { importedRsa } from '../keys/imported.ts';
import type { Call } from '../protocols/protocol.ts';
import { refuseTencent } from '../protocols/tencent-errors.ts';
import { commentOf, type Pair } from '../state/registry.ts';
import { cvmErrors, refuseCvm } from './cvm-errors.ts';
import { matcher } from './cvm-filters.ts';
import { filters, integer, knowOnly, mandatory, tagSpecification, text, texts } from './cvm-parameters.ts';
import { shownTime, visible } from './listing.ts';
import { create, type Draft, discard, importKey } from './making.ts';
import type { Action, Service, World } from './service.ts';

const createKeyPair: Action = (call, behaviour) => {
  knowOnly(call, behaviour, ['KeyName', 'ProjectId', 'TagSpecification']);
  const draft = drafted(call);
  return async (world) => {
    const { pair, privateKey } = await create(world, draft, () => mayAdd(world, draft));
    return {
      body: {
        KeyPair: {
          KeyId: pair.id,
          KeyName: pair.name,
          ProjectId: pair.projectId,
          PublicKey: shownPublicKey(pair),
          PrivateKey: privateKey,
        },
      },
      made: pair,
    };
  };
};

const importKeyPair: Action = (call, behaviour) => {
  knowOnly(call, behaviour, ['KeyName', 'ProjectId', 'PublicKey', 'TagSpecification']);
  const draft = drafted(call);
  const key = importedRsa(mandatory(text(call, 'PublicKey')));
  if (!key) throw refuseCvm('InvalidPublicKey.Malformed');
  return async (world) => {
    const pair = await importKey(world, draft, key, () => {
      mayAdd(world, draft);
      const known = ofAccount(world).some(({ publicKey }) => publicKey === key.line);
      if (known) throw refuseCvm('InvalidPublicKey.Duplicate');
    });
    return { body: { KeyId: pair.id }, made: pair };
  };
};

const describeKeyPairs: Action = (call, behaviour) => {
  knowOnly(call, behaviour, ['KeyIds', 'Filters', 'Offset', 'Limit']);
  const ids = texts(call, 'KeyIds');
  const wanted = filters(call);
  if (ids && wanted) throw refuseCvm('InvalidParameter');
  if (ids) checkIds(ids);
  const [offset, limit] = [integer(call, 'Offset') ?? 0, integer(call, 'Limit') ?? 20];
  if (offset < 0) throw refuseCvm('InvalidParameterValueOffset');
  if (limit < 1 || limit > 100) throw refuseCvm('InvalidParameterValueLimit');
  const matches = matcher(wanted ?? [], behaviour['cvm.nameFilter']);
  return async (world) => {
    checkRegion(world);
    const found = visible(world).filter((pair) => (!ids || ids.includes(pair.id)) && matches(pair));
    return {
      body: { TotalCount: found.length, KeyPairSet: found.slice(offset, offset + limit).map(shown) },
    };
  };
};

/** All or nothing. */
const deleteKeyPairs: Action = (call, behaviour) => {
  knowOnly(call, behaviour, ['KeyIds']);
  const ids = mandatory(texts(call, 'KeyIds'));
  if (ids.length === 0) throw refuseCvm('MissingParameter');
  checkIds(ids);
  return async (world) => {
    checkRegion(world);
    const here = new Map(world.registry.at(world.place).map((pair) => [pair.id, pair]));
    const pairs = [...new Set(ids)].map((id) => {
      const pair = here.get(id);
      if (!pair) throw refuseCvm('InvalidKeyPairId.NotFound');
      // The documented code that fits a key still bound to an instance; the docs say only that it cannot be deleted.
      if (pair.instanceIds.length > 0) throw refuseCvm('InvalidParameterValue.KeyPairNotSupported');
      return pair;
    });
    await discard(world, pairs);
    return { body: {} };
  };
};

function drafted(call: Call): Draft {
  const name = mandatory(text(call, 'KeyName'));
  const projectId = mandatory(integer(call, 'ProjectId'));
  if (name === '') throw refuseCvm('InvalidKeyPairNameEmpty');
  if (!/^\w+$/.test(name)) throw refuseCvm('InvalidKeyPairNameIncludeIllegalChar');
  if (name.length > 25) throw refuseCvm('InvalidKeyPairNameTooLong');
  if (projectId < 0) throw refuseCvm('InvalidParameterValue');
  return { name, projectId, tags: tagSpecification(call) };
}

function checkIds(ids: readonly string[]): void {
  if (ids.length > 100) throw refuseCvm('InvalidParameterValue.LimitExceeded');
  if (!ids.every((id) => /^skey-[a-z0-9]{8}$/.test(id))) throw refuseCvm('InvalidKeyPairId.Malformed');
}

const ofAccount = ({ registry, place: { account } }: World): Pair[] => registry.all({ account, service: 'cvm' });

function checkRegion({ limits, place }: World): void {
  if (!limits['cvm.regions'].includes(place.region)) throw refuseTencent('UnsupportedRegion');
}

function mayAdd(world: World, { name, projectId = 0, tags = [] }: Draft): void {
  const { behaviour, limits, place } = world;
  checkRegion(world);
  if (!limits['cvm.projects'].includes(projectId)) throw refuseCvm('InvalidProjectId.NotFound');
  const pairs = ofAccount(world);
  const duplicate = (): void => {
    const rivals = pairs.filter((pair) => pair.name === name);
    const anywhere = behaviour['cvm.namesUniquePer'] === 'account';
    if (rivals.some(({ region }) => anywhere || region === place.region)) {
      throw refuseCvm('InvalidKeyPairName.Duplicate');
    }
  };
  const quota = (): void => {
    if (pairs.length >= limits['cvm.keyPairs']) throw refuseCvm('InvalidKeyPair.LimitExceeded');
  };
  const checks = [duplicate, quota];
  if (behaviour['order.limits'] === 'quota-before-duplicate') checks.reverse();
  for (const check of checks) check();
  const bearers = ({ key, value }: (typeof tags)[number]): number =>
    pairs.filter((pair) => pair.tags.some((tag) => tag.key === key && tag.value === value)).length;
  if (tags.some((tag) => bearers(tag) >= limits['cvm.resourcesPerTag'])) {
    throw refuseCvm('LimitExceeded.TagResourceQuota');
  }
}

const shownPublicKey = (pair: Pair): string => `${pair.publicKey} ${commentOf(pair)}`;

const shown = (pair: Pair): Record<string, unknown> => ({
  KeyId: pair.id,
  KeyName: pair.name,
  ProjectId: pair.projectId,
  Description: '',
  PublicKey: shownPublicKey(pair),
  AssociatedInstanceIds: pair.instanceIds,
  CreatedTime: shownTime(pair.createdAtMs, 'seconds'),
  // "This field may return null, indicating that no valid values can be obtained."
  Tags: pair.tags.length > 0 ? pair.tags.map(({ key, value }) => ({ Key: key, Value: value })) : null,
});

export const cvm: Service = {
  actions: new Map([
    ['CreateKeyPair', createKeyPair],
    ['ImportKeyPair', importKeyPair],
    ['DescribeKeyPairs', describeKeyPairs],
    ['DeleteKeyPairs', deleteKeyPairs],
  ]),
  errors: cvmErrors,
  unpermitted: () => refuseTencent('UnauthorizedOperation'),
};
