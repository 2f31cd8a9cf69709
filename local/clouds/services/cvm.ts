// CVM, Tencent's Cloud Virtual Machine, 2017-03-12. The id is the key pair's key; there is no fingerprint.
// Source: CVM CreateKeyPair, ImportKeyPair, DescribeKeyPairs, DeleteKeyPairs.
import { importedRsa } from '../keys/imported.ts';
import type { Call } from '../protocols/protocol.ts';
import { refuseTencent } from '../protocols/tencent-errors.ts';
import { commentOf, type Pair } from '../state/registry.ts';
import { boundTo } from './bindings.ts';
import { cvmErrors, refuseCvm } from './cvm-errors.ts';
import { matcher } from './cvm-filters.ts';
import { instanceActions } from './cvm-instances.ts';
import {
  checkedName,
  checkKeyIds,
  filters,
  integer,
  knowOnly,
  mandatory,
  offsets,
  tagSpecification,
  text,
  texts,
} from './cvm-parameters.ts';
import { checkRegion } from './cvm-region.ts';
import { templateActions } from './cvm-templates.ts';
import { shownTime, visible } from './listing.ts';
import { create, type Draft, discard, importKey, replace } from './making.ts';
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
  if (ids) checkKeyIds(ids);
  const { offset, limit } = offsets(call);
  const matches = matcher(wanted ?? [], behaviour['cvm.nameFilter']);
  return async (world) => {
    checkRegion(world);
    const found = visible(world).filter((pair) => (!ids || ids.includes(pair.id)) && matches(pair));
    return {
      body: {
        TotalCount: found.length,
        KeyPairSet: found.slice(offset, offset + limit).map((pair) => shown(world, pair)),
      },
    };
  };
};

/** All or nothing. */
const deleteKeyPairs: Action = (call, behaviour) => {
  knowOnly(call, behaviour, ['KeyIds']);
  const ids = mandatory(texts(call, 'KeyIds'));
  if (ids.length === 0) throw refuseCvm('MissingParameter');
  checkKeyIds(ids);
  return async (world) => {
    checkRegion(world);
    const here = new Map(world.registry.at(world.place).map((pair) => [pair.id, pair]));
    const pairs = [...new Set(ids)].map((id) => {
      const pair = here.get(id);
      if (!pair) throw refuseCvm('InvalidKeyPairId.NotFound');
      // The documented code that fits a key still bound to an instance; the docs say only that it cannot be deleted.
      if (boundTo(world, pair).length > 0) throw refuseCvm('InvalidParameterValue.KeyPairNotSupported');
      // Seen on the wire for a key that an image holds; on no page.
      if (pair.imageIds?.length) throw refuseCvm('InvalidKeyPair.NotSupported');
      return pair;
    });
    await discard(world, pairs);
    return { body: {} };
  };
};

/** The id stays, and so do the instances. */
const modifyKeyPairAttribute: Action = (call, behaviour) => {
  knowOnly(call, behaviour, ['KeyId', 'KeyName', 'Description']);
  const id = mandatory(text(call, 'KeyId'));
  checkKeyIds([id]);
  const [newName, description] = [text(call, 'KeyName'), text(call, 'Description')];
  if (newName === undefined && description === undefined) throw refuseCvm('MissingParameter');
  const name = newName === undefined ? undefined : checkedName(newName);
  return async (world) => {
    checkRegion(world);
    const pair = world.registry.at(world.place).find((one) => one.id === id);
    if (!pair) throw refuseCvm('InvalidKeyPairId.NotFound');
    if (name === undefined) return { body: {} };
    const own = name === pair.name && behaviour['cvm.renameToOwnName'] === 'accepted';
    if (!own && isTaken(world, name)) throw refuseCvm('InvalidKeyPairName.Duplicate');
    const refusal = behaviour['cvm.renameBound'];
    if (refusal !== 'accepted' && boundTo(world, pair).length > 0) throw refuseCvm(refusal);
    await replace(world, pair, { ...pair, name });
    return { body: {} };
  };
};

function drafted(call: Call): Draft {
  const name = checkedName(mandatory(text(call, 'KeyName')));
  const projectId = mandatory(integer(call, 'ProjectId'));
  if (projectId < 0) throw refuseCvm('InvalidParameterValue');
  return { name, projectId, tags: tagSpecification(call) };
}

const ofAccount = ({ registry, place: { account } }: World): Pair[] => registry.all({ account, service: 'cvm' });

function isTaken(world: World, name: string): boolean {
  const anywhere = world.behaviour['cvm.namesUniquePer'] === 'account';
  return ofAccount(world).some((pair) => pair.name === name && (anywhere || pair.region === world.place.region));
}

function mayAdd(world: World, { name, projectId = 0, tags = [] }: Draft): void {
  const { behaviour, limits } = world;
  checkRegion(world);
  if (!limits['cvm.projects'].includes(projectId)) throw refuseCvm('InvalidProjectId.NotFound');
  const pairs = ofAccount(world);
  const duplicate = (): void => {
    if (isTaken(world, name)) throw refuseCvm('InvalidKeyPairName.Duplicate');
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

const shown = (world: World, pair: Pair): Record<string, unknown> => ({
  KeyId: pair.id,
  KeyName: pair.name,
  ProjectId: pair.projectId,
  Description: '',
  PublicKey: shownPublicKey(pair),
  AssociatedInstanceIds: boundTo(world, pair),
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
    ['ModifyKeyPairAttribute', modifyKeyPairAttribute],
    ...instanceActions,
    ...templateActions,
  ]),
  errors: cvmErrors,
  unpermitted: () => refuseTencent('UnauthorizedOperation'),
};
