// Secrets of KMS as wholes. Source: CreateSecret, DescribeSecret, ListSecrets, UpdateSecret, DeleteSecret, RestoreSecret.
import type { Call } from '../../protocols/protocol.ts';
import type { KmsSecret } from '../../state/secrets.ts';
import { cut, shownTime } from '../listing.ts';
import type { Action, World } from '../service.ts';
import { refuseKms } from './errors.ts';
import { keep, known, open } from './kept.ts';
import { newVersion } from './new-version.ts';
import { flagOf, mandatory, objectsOf, pageOf, text } from './parameters.ts';
import { tagsOfCall } from './tags.ts';
import { CURRENT } from './versions.ts';

const DAY_MS = 24 * 60 * 60_000;

export const createSecret: Action = (call, behaviour) => {
  const name = newName(call);
  const version = newVersion(call, behaviour);
  const type = text(call, 'SecretType') || 'Generic';
  if (type !== 'Generic') throw refuseKms('UnsupportedOperation');
  const tags = tagsOfCall(call);
  const [instanceId, keyId] = [text(call, 'DKMSInstanceId'), text(call, 'EncryptionKeyId')];
  return async (world) => {
    const { limits, nowMs, place, secrets } = world;
    const there = secrets.get(place, name, nowMs);
    if (there?.goesAtMs !== undefined) throw refuseKms('Rejected.ResourceInDeleteWindow');
    if (there !== undefined) throw refuseKms('Rejected.ResourceExist');
    const answer = behaviour['kms.withoutInstance'];
    if (instanceId === '' && answer !== 'accepted') throw refuseKms(answer);
    if (instanceId !== '' && !limits['kms.instances'].includes(instanceId))
      throw refuseKms('Forbidden.DKMSInstanceNotFound');
    if (keyId !== '' && !isKey(world, keyId)) throw refuseKms('Forbidden.KeyNotFound');
    if (secrets.at(place, nowMs).length >= limits['kms.secrets']) throw refuseKms('Rejected.LimitExceeded');
    const at = { createdAtMs: nowMs, updatedAtMs: nowMs };
    const { account, region } = place;
    const first = { ...version, createdAtMs: nowMs, stages: [CURRENT] };
    const own = { description: text(call, 'Description'), keyId, instanceId, tags };
    keep(world, { account, region, name, ...own, ...at, versions: [first] });
    return { body: { Arn: arnOf(world, name), SecretName: name, VersionId: version.id, SecretType: type } };
  };
};

export const describeSecret: Action = (call) => {
  mandatory(call, 'SecretName');
  const withTags = flagOf(call, 'FetchTags');
  return async (world) => {
    const secret = known(world, call);
    const { name, description, instanceId, keyId, createdAtMs } = secret;
    return {
      body: {
        ...{ Arn: arnOf(world, name), SecretName: name, Description: description, SecretType: 'Generic' },
        ...{ AutomaticRotation: 'Invalid', CreateTime: shownTime(createdAtMs, 'seconds'), ...common(secret) },
        EncryptionKeyId: keyId,
        ...(instanceId && { DKMSInstanceId: instanceId }),
        ...(withTags && tagsOf(secret)),
      },
    };
  };
};

export const listSecrets: Action = (call, behaviour) => {
  const { page, size } = pageOf(call, 10);
  const withTags = flagOf(call, 'FetchTags');
  const filters = objectsOf(call, 'Filters').map(({ Key, Values }) => {
    if (!Array.isArray(Values) || !filterKeys.has(String(Key))) throw refuseKms('InvalidParameter', 'Filters');
    return { key: String(Key), values: Values.map(String) };
  });
  return async ({ secrets, place, nowMs }) => {
    const found = secrets.at(place, nowMs).filter((secret) => filters.every((one) => fits(secret, one)));
    if (behaviour['kms.listed'] === 'newest-first') found.reverse();
    const Secret = cut(found, page, size).map((secret) => ({
      ...{ SecretName: secret.name, SecretType: 'Generic', CreateTime: shownTime(secret.createdAtMs, 'seconds') },
      ...common(secret),
      ...(withTags && tagsOf(secret)),
    }));
    return { body: { SecretList: { Secret }, PageNumber: page, PageSize: size, TotalCount: found.length } };
  };
};

export const updateSecret: Action = (call) => {
  mandatory(call, 'SecretName');
  return async (world) => {
    const secret = open(world, call);
    keep(world, { ...secret, ...(call.parameters.has('Description') && { description: text(call, 'Description') }) });
    return { body: { SecretName: secret.name } };
  };
};

export const deleteSecret: Action = (call) => {
  mandatory(call, 'SecretName');
  const isForced = flagOf(call, 'ForceDeleteWithoutRecovery');
  const days = text(call, 'RecoveryWindowInDays');
  if (isForced && days !== '') throw refuseKms('InvalidParameter', 'RecoveryWindowInDays');
  if (days !== '' && !(/^\d+$/.test(days) && Number(days) >= 7 && Number(days) <= 30))
    throw refuseKms('InvalidParameter', 'RecoveryWindowInDays');
  return async (world) => {
    const secret = open(world, call);
    if (isForced) world.secrets.remove(secret);
    const goesAtMs = world.nowMs + Number(days || 30) * DAY_MS;
    if (!isForced) keep(world, { ...secret, goesAtMs });
    return { body: { SecretName: secret.name, PlannedDeleteTime: isForced ? '' : shownTime(goesAtMs, 'seconds') } };
  };
};

export const restoreSecret: Action = (call) => {
  mandatory(call, 'SecretName');
  return async (world) => {
    const { goesAtMs, ...secret } = known(world, call);
    if (goesAtMs === undefined) throw refuseKms('Rejected.ResourceInUse');
    keep(world, secret);
    return { body: { SecretName: secret.name } };
  };
};

function newName(call: Call): string {
  const name = mandatory(call, 'SecretName');
  if (!/^[A-Za-z0-9_/+=.@-]{1,192}$/.test(name) || name.startsWith('acs/'))
    throw refuseKms('InvalidParameter', 'SecretName');
  return name;
}

/** By its id, its alias, or either's ARN here. */
const isKey = ({ limits, place: { account, region } }: World, named: string): boolean => {
  const [, bare = named] = /^acs:kms:[^:]*:[^:]*:(?:key\/)?(.*)$/.exec(named) ?? [];
  const isElsewhere = named !== bare && !named.startsWith(`acs:kms:${region}:${account}:`);
  return !isElsewhere && limits['kms.keys'].includes(bare);
};

const common = ({ updatedAtMs, goesAtMs }: KmsSecret) => ({
  UpdateTime: shownTime(updatedAtMs, 'seconds'),
  PlannedDeleteTime: goesAtMs === undefined ? '' : shownTime(goesAtMs, 'seconds'),
});

const tagsOf = ({ tags }: KmsSecret) => ({
  Tags: { Tag: tags.map(({ key, value }) => ({ TagKey: key, TagValue: value })) },
});

const filterKeys: ReadonlySet<string> = new Set([
  ...['SecretName', 'Description', 'TagKey', 'TagValue', 'DKMSInstanceId', 'SecretType', 'Creator'],
]);

/** Values of one key are alternatives; all keys have to fit. Who made a secret is kept by account alone. */
function fits(
  { account, name, description, instanceId, tags }: KmsSecret,
  { key, values }: { key: string; values: readonly string[] },
): boolean {
  const has: Readonly<Record<string, readonly string[]>> = {
    SecretName: [name],
    Description: [description],
    TagKey: tags.map((tag) => tag.key),
    TagValue: tags.map((tag) => tag.value),
    DKMSInstanceId: [instanceId],
    SecretType: ['Generic'],
    Creator: [account],
  };
  return has[key]?.some((one) => values.includes(one)) ?? false;
}

const arnOf = ({ place }: World, name: string): string => `acs:kms:${place.region}:${place.account}:secret/${name}`;
