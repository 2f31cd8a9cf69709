// KMS as its own Node client calls it, unmodified; and what that client has no words for, in both signatures.
import Kms from '@alicloud/kms20160120';
import { describe, expect, it } from 'vitest';
import type { Clouds, CloudsOptions } from '../../local/clouds/clouds.ts';
import type { Fault } from '../../local/clouds/faults/fault.ts';
import { kmsErrors } from '../../local/clouds/services/kms/errors.ts';
import { testClock } from '../doubles/test-clock.ts';
import { aSecret, byAcs3, byRpc, type KmsCall, kmsClient, put, refusalOf, stagesOf, VERSION } from './support/kms.ts';
import { rpcV1, send } from './support/raw.ts';
import { openApiCall } from './support/sdks.ts';
import { started } from './support/started.ts';

const plenty = Object.fromEntries(['create', 'value', 'list'].map((of) => [`kms.requestsPerSecond.${of}`, 1_000_000]));
const SECOND = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const DAY_MS = 24 * 60 * 60_000;

async function begin(options: CloudsOptions = {}): Promise<{ clouds: Clouds; call: KmsCall }> {
  const clouds = await started({ ...options, limits: { ...plenty, ...options.limits } });
  return { clouds, call: byRpc(clouds) };
}
async function withSecret(options: CloudsOptions = {}) {
  const here = await begin(options);
  await aSecret(here.call);
  return here;
}
const web = { SecretName: 'web' };
const secretData = async (call: KmsCall, more = {}) => (await call('GetSecretValue', { ...web, ...more })).SecretData;
const namesIn = ({ SecretList }: Record<string, unknown>) =>
  (SecretList as { Secret: { SecretName: string }[] }).Secret.map(({ SecretName }) => SecretName);

describe('the official client', () => {
  it('makes, describes, lists and reads a secret, and finds every list where it looks for it', async () => {
    const client = kmsClient((await begin()).clouds);
    const tags = JSON.stringify([{ TagKey: 'team', TagValue: 'a' }]);
    const first = { secretName: 'web', versionId: 'v0', secretData: '+ /é%\n', description: 'one', tags };
    const made = await client.createSecret(new Kms.CreateSecretRequest(first));
    expect(made).toMatchObject({ secretName: 'web', versionId: 'v0', arn: expect.stringMatching(/:secret\/web$/) });
    const shown = await client.describeSecret(new Kms.DescribeSecretRequest({ secretName: 'web', fetchTags: 'true' }));
    expect(shown).toMatchObject({ secretName: 'web', description: 'one', plannedDeleteTime: '' });
    expect([shown.createTime, shown.updateTime]).toEqual([expect.stringMatching(SECOND), shown.createTime]);
    expect(shown.tags.tag).toMatchObject([{ tagKey: 'team', tagValue: 'a' }]);
    const listed = await client.listSecrets(new Kms.ListSecretsRequest({ fetchTags: 'true' }));
    expect(listed).toMatchObject({ pageNumber: 1, pageSize: 10, totalCount: 1 });
    expect(listed.secretList.secret).toMatchObject([{ secretName: 'web', tags: { tag: [{ tagKey: 'team' }] } }]);
    const read = await client.getSecretValue(new Kms.GetSecretValueRequest({ secretName: 'web' }));
    expect(read).toMatchObject({ secretData: '+ /é%\n', secretDataType: 'text', versionId: 'v0' });
    expect(read.versionStages.versionStage).toEqual(['ACSCurrent']);
  });

  it('puts, lists and stages versions, changes a description, deletes and restores', async () => {
    const { clouds } = await withSecret();
    const [client, secretName] = [kmsClient(clouds), 'web'];
    const staged = { secretName, versionId: 'v1', secretData: 'second', versionStages: '["next"]' };
    const answer = await client.putSecretValue(new Kms.PutSecretValueRequest(staged));
    expect(answer.versionStages.versionStage).toEqual(['next']);
    const move = { secretName, versionStage: 'ACSCurrent', removeFromVersion: 'v0', moveToVersion: 'v1' };
    await client.updateSecretVersionStage(new Kms.UpdateSecretVersionStageRequest(move));
    const { versionIds } = await client.listSecretVersionIds(new Kms.ListSecretVersionIdsRequest({ secretName }));
    expect(versionIds.versionId).toMatchObject([
      { versionId: 'v0', versionStages: { versionStage: ['ACSPrevious'] } },
      { versionId: 'v1', versionStages: { versionStage: ['next', 'ACSCurrent'] } },
    ]);
    await client.updateSecret(new Kms.UpdateSecretRequest({ secretName, description: 'two' }));
    const described = () => client.describeSecret(new Kms.DescribeSecretRequest({ secretName }));
    expect((await described()).description).toBe('two');
    const deletion = { secretName, recoveryWindowInDays: '7' };
    const { plannedDeleteTime } = await client.deleteSecret(new Kms.DeleteSecretRequest(deletion));
    expect((await described()).plannedDeleteTime).toBe(plannedDeleteTime);
    await client.restoreSecret(new Kms.RestoreSecretRequest({ secretName }));
    expect((await described()).plannedDeleteTime).toBe('');
  });
});

describe('tags and the key of a secret', () => {
  it('are shown as they were given, and a tag gets another value when it is given again', async () => {
    const { clouds, call } = await begin();
    const client = kmsClient(clouds);
    const keyId = 'acs:kms:cn-hangzhou:1000000000000001:key/key-local';
    await aSecret(call, 'web', { EncryptionKeyId: keyId, Tags: tagList(2) });
    const tags = JSON.stringify([
      { TagKey: 't1', TagValue: 'w' },
      { TagKey: 'more', TagValue: '' },
    ]);
    await client.tagResource(new Kms.TagResourceRequest({ secretName: 'web', tags }));
    const shown = await client.describeSecret(new Kms.DescribeSecretRequest({ secretName: 'web', fetchTags: 'true' }));
    expect(shown.encryptionKeyId).toBe(keyId);
    expect(Object.fromEntries(shown.tags!.tag!.map(({ tagKey, tagValue }) => [tagKey, tagValue]))).toEqual({
      ...{ t0: 'v', t1: 'w', more: '' },
    });
  });

  it('are twenty at most, and cannot be changed while the secret is to be deleted', async () => {
    const { call } = await withSecret();
    for (const [i, code] of [undefined, undefined, 'Rejected.LimitExceeded 400'].entries()) {
      const Tags = tagList(10).replaceAll('t', `t${i}`).replaceAll(`t${i}agKey`, 'TagKey');
      const outcome = await refusalOf(call('TagResource', { ...web, Tags }));
      if (code === undefined) expect(outcome).not.toEqual(expect.any(String));
      else expect(outcome).toBe(code);
    }
    await call('DeleteSecret', web);
    expect(await refusalOf(call('TagResource', { ...web, Tags: tagList(1) }))).toBe(
      'Rejected.ResourceInDeleteWindow 409',
    );
  });
});

describe('versions and stages', () => {
  it('take ACSCurrent with a put that names no stage, and leave it with one that does', async () => {
    const { call } = await withSecret();
    await put(call, 'v1');
    await put(call, 'v2', ['next']);
    expect(await stagesOf(call)).toEqual({ v0: ['ACSPrevious'], v1: ['ACSCurrent'], v2: ['next'] });
    expect(await secretData(call)).toBe('value of v1');
    expect(await secretData(call, { VersionStage: 'next' })).toBe('value of v2');
    expect(await secretData(call, { VersionId: 'v0' })).toBe('first');
    expect(await refusalOf(secretData(call, { VersionId: 'v0', VersionStage: 'next' }))).toBe(
      'Forbidden.ResourceNotFound 404',
    );
  });

  it('are put again with the same value, and refused with another one', async () => {
    const { call } = await withSecret();
    await put(call, 'v1');
    expect(await put(call, 'v1')).toMatchObject({ VersionStages: { VersionStage: ['ACSCurrent'] } });
    const other = { ...web, VersionId: 'v1', SecretData: 'another' };
    expect(await refusalOf(call('PutSecretValue', other))).toBe('Rejected.ResourceExist 409');
    expect(await refusalOf(call('PutSecretValue', { ...other, SecretDataType: 'binary', VersionId: 'v2' }))).toEqual(
      expect.objectContaining({ VersionId: 'v2' }),
    );
  });

  it.each([
    ['earliest', 'v1'],
    ['earliest-without-stage', 'v0'],
  ] as const)('are ten at most, with those that have no stage: %s', async (dropped, earliest) => {
    const { call } = await withSecret({ behaviour: { 'kms.dropped': dropped } });
    for (let n = 1; n <= 9; n += 1) await put(call, `v${n}`, ['next']);
    expect(Object.keys(await stagesOf(call))).toHaveLength(10);
    await put(call, 'v10', ['next']);
    const left = Object.keys(await stagesOf(call));
    expect([left.length, left[0], left.at(-1)]).toEqual([10, earliest, 'v10']);
    const shown = await call('ListSecretVersionIds', web);
    expect(shown.TotalCount).toBe(dropped === 'earliest' ? 1 : 2); // IncludeDeprecated is false unless told otherwise
    const page = await call('ListSecretVersionIds', {
      ...{ ...web, IncludeDeprecated: 'true', PageNumber: '4', PageSize: '3' },
    });
    expect(page).toMatchObject({ TotalCount: 10, VersionIds: { VersionId: [{ VersionId: 'v10' }] } });
  });

  it('have eight stages in all, the reserved ones among them', async () => {
    const { call } = await withSecret();
    await put(call, 'v1', ['a', 'b', 'c', 'd', 'e', 'f', 'g']);
    expect(await refusalOf(put(call, 'v2', ['h']))).toBe('Rejected.LimitExceeded 400');
    const move = { ...web, VersionStage: 'h', MoveToVersion: 'v0' };
    expect(await refusalOf(call('UpdateSecretVersionStage', move))).toBe('Rejected.LimitExceeded 400');
    expect(Object.keys(await stagesOf(call))).toEqual(['v0', 'v1']);
  });
});

describe('a deletion', () => {
  it('can be taken back until its window is over, and then frees the name', async () => {
    const clock = testClock();
    const { clouds } = await begin({ clock });
    clouds.admin.setLimits({ 'alibaba.signatureWindowMs': Number.MAX_SAFE_INTEGER });
    const call = byAcs3(clouds);
    await aSecret(call);
    await call('DeleteSecret', { ...web, RecoveryWindowInDays: '7' });
    clock.advance(7 * DAY_MS - 1);
    expect(await refusalOf(aSecret(call))).toBe('Rejected.ResourceInDeleteWindow 409');
    expect(await refusalOf(call('DeleteSecret', web))).toBe('Rejected.ResourceInDeleteWindow 409');
    expect(namesIn(await call('ListSecrets'))).toEqual(['web']);
    await call('RestoreSecret', web);
    expect(await secretData(call)).toBe('first');
    const { PlannedDeleteTime } = await call('DeleteSecret', web);
    expect(Date.parse(String(PlannedDeleteTime)) - clock.wallMs()).toBeGreaterThan(30 * DAY_MS - 1_000);
    clock.advance(30 * DAY_MS);
    expect(await refusalOf(call('RestoreSecret', web))).toBe('Forbidden.ResourceNotFound 404');
    await aSecret(call);
    await call('DeleteSecret', { ...web, ForceDeleteWithoutRecovery: 'true' });
    await aSecret(call);
  });
});

describe('a list', () => {
  it('is filtered by alternatives of each key, and cut into pages', async () => {
    const { call } = await begin();
    const tagged = (TagKey: string, TagValue: string) => ({ Tags: JSON.stringify([{ TagKey, TagValue }]) });
    await aSecret(call, 'a', tagged('team', 'one'));
    await aSecret(call, 'b', tagged('team', 'two'));
    await aSecret(call, 'c', { ...tagged('owner', 'one'), DKMSInstanceId: 'kst-local', Description: 'third' });
    const found = async (...filters: [Key: string, ...Values: string[]][]) =>
      namesIn(
        await call('ListSecrets', { Filters: JSON.stringify(filters.map(([Key, ...Values]) => ({ Key, Values }))) }),
      );
    expect(await found(['TagKey', 'team'], ['TagValue', 'one'])).toEqual(['a']);
    expect(await found(['TagValue', 'one', 'two'])).toEqual(['a', 'b', 'c']);
    expect(await found(['SecretName', 'b', 'c'])).toEqual(['b', 'c']);
    expect(await found(['DKMSInstanceId', 'kst-local'])).toEqual(['c']);
    expect(await found(['Description', 'third'], ['SecretType', 'Generic'])).toEqual(['c']);
    const page = await call('ListSecrets', { PageNumber: '2', PageSize: '2' });
    expect([namesIn(page), page.TotalCount, page.PageNumber]).toEqual([['c'], 3, 2]);
    expect(JSON.stringify(page)).not.toContain('TagKey');
  });

  it('is of one account and region, as an ARN is', async () => {
    const { call } = await withSecret();
    const { Arn } = await call('DescribeSecret', web);
    expect(await secretData(call, { SecretName: String(Arn) })).toBe('first');
    for (const elsewhere of [String(Arn).replace('cn-hangzhou', 'cn-beijing'), String(Arn).replace('1000', '2000')])
      expect(await refusalOf(secretData(call, { SecretName: elsewhere }))).toBe('Forbidden.ResourceNotFound 404');
    expect(namesIn(await call('ListSecrets', { RegionId: 'cn-beijing' }))).toEqual([]);
  });
});

const tagList = (count: number) =>
  JSON.stringify(Array.from({ length: count }, (_, i) => ({ TagKey: `t${i}`, TagValue: 'v' })));
const create = (over: Record<string, string>) =>
  ['CreateSecret', { SecretName: 'new', VersionId: 'v0', SecretData: 'x', ...over }] as const;
const stage = (over: Record<string, string>) => ['UpdateSecretVersionStage', { ...web, ...over }] as const;
const refusals: readonly (readonly [string, readonly [string, Record<string, string>]])[] = [
  ['MissingParameter 400', create({ SecretName: '' })],
  ['MissingParameter 400', create({ SecretData: '' })],
  ['InvalidParameter 400', create({ SecretName: 'acs/x' })],
  ['InvalidParameter 400', create({ SecretName: 'a'.repeat(193) })],
  ['InvalidParameter 400', create({ VersionId: 'v'.repeat(65) })],
  ['InvalidParameter 400', create({ SecretData: 'é'.repeat(15_361) })],
  ['InvalidParameter 400', create({ SecretDataType: 'json' })],
  ['InvalidParameter 400', create({ Tags: '[{"TagKey":"acs:x","TagValue":"y"}]' })],
  ['InvalidParameter 400', create({ Tags: '[{"TagValue":"y"}]' })],
  ['InvalidParameter 400', create({ Tags: '[{"TagKey":"cost center","TagValue":"y"}]' })],
  ['Forbidden.KeyNotFound 404', create({ EncryptionKeyId: 'key-none' })],
  ['Forbidden.KeyNotFound 404', create({ EncryptionKeyId: 'acs:kms:cn-beijing:1000000000000001:key/key-local' })],
  ['MissingParameter 400', ['TagResource', web]],
  ['Forbidden.ResourceNotFound 404', ['TagResource', { SecretName: 'none', Tags: tagList(1) }]],
  ['InvalidParameter 400', ['TagResource', { ...web, Tags: tagList(11) }]],
  ['InvalidParameter 400', ['TagResource', { ...web, Tags: '[{"TagKey":"aliyun","TagValue":"y"}]' }]],
  ['InvalidParameter 400', create({ Tags: '{' })],
  ['UnsupportedOperation 400', create({ SecretType: 'Rds' })],
  ['Forbidden.DKMSInstanceNotFound 403', create({ DKMSInstanceId: 'kst-none' })],
  ['Rejected.ResourceExist 409', create(web)],
  ['InvalidParameter 400', ['PutSecretValue', { ...web, VersionId: 'v1', SecretData: 'x', VersionStages: 'next' }]],
  ['Forbidden.ResourceNotFound 404', ['GetSecretValue', { SecretName: 'none' }]],
  ['Forbidden.ResourceNotFound 404', ['GetSecretValue', { ...web, VersionId: 'v9' }]],
  ['Forbidden.ResourceNotFound 404', ['DescribeSecret', { SecretName: 'none' }]],
  ['InvalidParameter 400', ['DescribeSecret', { ...web, FetchTags: 'yes' }]],
  ['InvalidParameter 400', ['ListSecrets', { PageSize: '101' }]],
  ['InvalidParameter 400', ['ListSecrets', { Filters: '[{"Key":"constructor","Values":["x"]}]' }]],
  ['InvalidParameter 400', ['ListSecrets', { Filters: '[{"Key":"TagKey"}]' }]],
  ['InvalidParameter 400', ['ListSecretVersionIds', { ...web, PageNumber: '0' }]],
  ['InvalidParameter 400', stage({ VersionStage: 'next' })],
  ['InvalidParameter 400', stage({ VersionStage: 'ACSCurrent', RemoveFromVersion: 'v0' })],
  ['Forbidden.ResourceNotFound 404', stage({ VersionStage: 'next', MoveToVersion: 'v9' })],
  ['Rejected.InvalidRequest 400', stage({ VersionStage: 'next', RemoveFromVersion: 'v0' })],
  ['InvalidParameter 400', ['DeleteSecret', { ...web, RecoveryWindowInDays: '6' }]],
  ['InvalidParameter 400', ['DeleteSecret', { ...web, RecoveryWindowInDays: '7', ForceDeleteWithoutRecovery: 'true' }]],
  ['Rejected.ResourceInUse 409', ['RestoreSecret', web]],
  ['InvalidAction.NotFound 404', ['RotateSecret', web]],
];

describe('a refusal', () => {
  it.each(refusals)('is %s: %j', async (code, [action, parameters]) => {
    const { clouds } = await withSecret();
    expect(await refusalOf(byAcs3(clouds)(action, parameters))).toBe(code);
  });

  it('has the envelope of KMS', async () => {
    const { call } = await begin();
    const { data } = await call('DescribeSecret', web).then(Promise.reject, (error) => error);
    expect(Object.keys(data).sort()).toEqual(['Code', 'HttpStatus', 'Message', 'RequestId']);
  });

  it('comes to who may do nothing, to who asks too often, and to an account that is full', async () => {
    const { clouds, call } = await begin({ clock: testClock(), limits: { 'kms.secrets': 1 } });
    clouds.admin.setLimits({ 'alibaba.signatureWindowMs': Number.MAX_SAFE_INTEGER });
    const nobody = openApiCall(clouds, clouds.credentials.alibabaUnpermitted, VERSION);
    expect(await refusalOf(nobody('ListSecrets', {}))).toBe('Forbidden.NoPermission 403');
    await aSecret(call);
    expect(await refusalOf(aSecret(call, 'second'))).toBe('Rejected.LimitExceeded 400');
    for (const [kind, action, query] of [
      ['create', 'DeleteSecret', web],
      ['value', 'GetSecretValue', web],
      ['list', 'ListSecrets', {}],
    ] as const) {
      clouds.admin.setLimits({ [`kms.requestsPerSecond.${kind}`]: 1 });
      const both = [await refusalOf(byAcs3(clouds)(action, query)), await refusalOf(byAcs3(clouds)(action, query))];
      expect(both).toEqual([expect.objectContaining({ RequestId: expect.any(String) }), 'Rejected.Throttling 429']);
      await refusalOf(call('RestoreSecret', web));
    }
  });

  it('keeps from their values whose instance is gone', async () => {
    const { clouds, call } = await begin();
    await aSecret(call, 'web', { DKMSInstanceId: 'kst-local' });
    clouds.admin.setLimits({ 'kms.instances': [] });
    expect(await refusalOf(secretData(call))).toBe('Forbidden.DKMSInstanceNotFound 403');
  });

  it.each(Object.entries(kmsErrors))(
    'can be asked for as a fault, with its own status: %s',
    async (code, { status }) => {
      const { clouds, call } = await withSecret();
      clouds.admin.addFault({ match: { service: 'kms' }, fault: { kind: 'refuse', code } });
      expect(await refusalOf(call('DescribeSecret', web))).toBe(`${code} ${status}`);
    },
  );
});

describe('a request', () => {
  it.each(['rpc', 'acs3'])('has its parameters in the query, in a form, or in both: %s', async (signature) => {
    const { clouds } = await begin();
    const call = signature === 'rpc' ? byRpc(clouds) : byAcs3(clouds);
    await call('CreateSecret', { ...web, VersionId: 'v0' }, { SecretData: 'a+b &c' });
    await call('PutSecretValue', {}, { ...web, VersionId: 'v1', SecretData: 'second' });
    expect([await secretData(call), await secretData(call, { VersionId: 'v0' })]).toEqual(['second', 'a+b &c']);
  });

  it('needs no nonce in the older signature, as its page knows none', async () => {
    const { clouds } = await withSecret();
    const { alibaba } = clouds.credentials;
    const host = `127.0.0.1:${clouds.port}`;
    const signed = rpcV1('ecs', 'DescribeSecret', { ...web, Version: VERSION, SignatureNonce: '' }, alibaba, { host });
    expect(await send(clouds.port, signed)).toMatchObject({ status: 200, body: web });
    const region = { RegionId: 'cn-hangzhou', SignatureNonce: '' };
    const elsewhere = rpcV1('ecs', 'DescribeKeyPairs', region, alibaba, { host });
    expect((await send(clouds.port, elsewhere)).code).toBe('MissingParameter');
  });

  it('is logged by its name, and no value is shown by any page of the admin endpoint', async () => {
    const { clouds, call } = await begin();
    const SecretData = 'never to be shown';
    await call('CreateSecret', { ...web, VersionId: 'v0', SecretData });
    await call('PutSecretValue', { ...web, VersionId: 'v1' }, { SecretData });
    await refusalOf(call('PutSecretValue', { ...web, VersionId: '' }, { SecretData }));
    await secretData(call);
    expect(clouds.admin.requests()[0]).toMatchObject({ service: 'kms', action: 'CreateSecret', name: 'web' });
    const { routes } = (await (await fetch(`${clouds.endpoint}/admin`)).json()) as { routes: string[] };
    for (const route of routes.filter((one) => one.startsWith('GET ')))
      expect(await (await fetch(`${clouds.endpoint}${route.slice(4)}`)).text()).not.toContain(SecretData);
  });
});

describe('a fault', () => {
  const match = { service: 'kms', action: 'PutSecretValue', name: 'web' } as const;
  const faults: readonly (readonly [Fault, isDone: boolean])[] = [
    ...(['drop', 'server-error'] as const).flatMap((kind) => [
      [{ kind, when: 'before-commit' }, false] as const,
      [{ kind, when: 'after-commit' }, true] as const,
    ]),
    [{ kind: 'refuse', code: 'InternalFailure', when: 'after-commit' }, true],
    [{ kind: 'empty-body' }, true],
    [{ kind: 'truncated', how: 'length' }, true],
    [{ kind: 'throttle' }, false],
  ];

  it.each(faults)('happens before or after the secret is changed: %j (changed: %s)', async (fault, isDone) => {
    const { clouds, call } = await withSecret();
    clouds.admin.addFault({ match, fault });
    await expect(put(byAcs3(clouds), 'v1')).rejects.toThrow();
    expect('v1' in (await stagesOf(call))).toBe(isDone);
    expect(clouds.admin.faults()).toMatchObject([{ seen: 1, done: 1 }]);
  });

  it('throttles in KMS’s own words', async () => {
    const { clouds } = await withSecret();
    clouds.admin.addFault({ match, fault: { kind: 'throttle' } });
    expect(await refusalOf(put(byAcs3(clouds), 'v1'))).toBe('Rejected.Throttling 429');
  });
});
