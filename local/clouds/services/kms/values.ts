// The versions of a secret and what is in them. Source: PutSecretValue, GetSecretValue, ListSecretVersionIds, UpdateSecretVersionStage.
import type { KmsSecret } from '../../state/secrets.ts';
import { cut, shownTime } from '../listing.ts';
import type { Action } from '../service.ts';
import { refuseKms } from './errors.ts';
import { keep, known, open, readable } from './kept.ts';
import { newVersion } from './new-version.ts';
import { flagOf, mandatory, pageOf, text, textsOf } from './parameters.ts';
import { CURRENT, checkStages, dropped, holderOf, moved, PREVIOUS } from './versions.ts';

export const putSecretValue: Action = (call, behaviour) => {
  const version = newVersion(call, behaviour);
  const stages = textsOf(call, 'VersionStages') ?? [CURRENT];
  if (stages.some((stage) => !isStage(stage, behaviour['kms.stageNames'])))
    throw refuseKms('InvalidParameter', 'VersionStages');
  return async (world) => {
    const secret = readable(world, call);
    const known = secret.versions.find(({ id }) => id === version.id);
    if (known !== undefined && (known.value !== version.value || known.type !== version.type))
      throw refuseKms('Rejected.ResourceExist');
    const answer = (shown: KmsSecret) => ({
      SecretName: secret.name,
      VersionId: version.id,
      VersionStages: { VersionStage: shown.versions.find(({ id }) => id === version.id)?.stages ?? [] },
    });
    if (known !== undefined && behaviour['kms.putAgain'] === 'changes-nothing') return { body: answer(secret) };
    const made = { ...version, createdAtMs: world.nowMs, stages: [] };
    const versions = known === undefined ? [...secret.versions, made] : secret.versions;
    const staged = stages.reduce((now, stage) => moved(now, stage, version.id), { ...secret, versions });
    const after = dropped(checkStages(staged), world.limits['kms.versions'], behaviour);
    keep(world, after);
    return { body: answer(after) };
  };
};

export const getSecretValue: Action = (call) => {
  const [id, stage] = [text(call, 'VersionId'), text(call, 'VersionStage')];
  mandatory(call, 'SecretName');
  return async (world) => {
    const secret = readable(world, call);
    if (secret.instanceId !== '' && !world.limits['kms.instances'].includes(secret.instanceId))
      throw refuseKms('Forbidden.DKMSInstanceNotFound');
    const version = id === '' ? holderOf(secret, stage || CURRENT) : secret.versions.find((one) => one.id === id);
    if (version === undefined || (id !== '' && stage !== '' && !version.stages.includes(stage)))
      throw refuseKms('Forbidden.ResourceNotFound');
    return {
      body: {
        ...{ SecretName: secret.name, VersionId: version.id, SecretData: version.value },
        ...{
          SecretDataType: version.type,
          SecretType: 'Generic',
          CreateTime: shownTime(version.createdAtMs, 'seconds'),
        },
        VersionStages: { VersionStage: version.stages },
      },
    };
  };
};

export const listSecretVersionIds: Action = (call) => {
  mandatory(call, 'SecretName');
  const { page, size } = pageOf(call, 20);
  const all = flagOf(call, 'IncludeDeprecated');
  return async (world) => {
    const secret = known(world, call);
    if (secret.goesAtMs !== undefined && world.behaviour['kms.versionsInWindow'] !== 'shown')
      throw refuseKms('Forbidden.ResourceNotFound');
    const found = secret.versions.filter(({ stages }) => all || stages.length > 0);
    const VersionId = cut(found, page, size).map(({ id, createdAtMs, stages }) => ({
      ...{ VersionId: id, CreateTime: shownTime(createdAtMs, 'seconds') },
      VersionStages: { VersionStage: stages },
    }));
    const pages = { PageNumber: page, PageSize: size, TotalCount: found.length };
    return { body: { SecretName: secret.name, VersionIds: { VersionId }, ...pages } };
  };
};

export const updateSecretVersionStage: Action = (call, behaviour) => {
  const stage = mandatory(call, 'VersionStage');
  const [from, to] = [text(call, 'RemoveFromVersion'), text(call, 'MoveToVersion')];
  if (from === '' && to === '') throw refuseKms('InvalidParameter', 'MoveToVersion');
  if ((stage === CURRENT || stage === PREVIOUS) && to === '') throw refuseKms('InvalidParameter', 'MoveToVersion');
  if (!isStage(stage, behaviour['kms.stageNames'])) throw refuseKms('InvalidParameter', 'VersionStage');
  return async (world) => {
    const secret = open(world, call);
    const holder = holderOf(secret, stage)?.id;
    if (to !== '' && !secret.versions.some(({ id }) => id === to)) throw refuseKms('Forbidden.ResourceNotFound');
    const checked = behaviour['kms.removeFrom'];
    const isStale = (from || undefined) !== holder;
    if (isStale && (checked === 'checked-even-there' || (checked === 'checked' && holder !== to)))
      throw refuseKms(behaviour['kms.staleMove']);
    if (to === '' && from !== holder) return { body: { SecretName: secret.name } };
    keep(world, checkStages(moved(secret, stage, to || undefined)));
    return { body: { SecretName: secret.name } };
  };
};

/** How a stage may be called is on no page. */
const isStage = (stage: string, names: 'any' | 'narrow'): boolean =>
  names === 'any' ? stage.length <= 256 : /^[A-Za-z0-9_-]{1,64}$/.test(stage);
