// Every switch: how to see its effect, and what is seen with each value, the default first.
import { generateKeyPairSync } from 'node:crypto';
import { expect } from 'vitest';
import { publicKeyLine } from '../../../lib/ssh/public-key.ts';
import type { Clouds } from '../../../local/clouds/clouds.ts';
import { digest, digestNames } from '../../../local/clouds/keys/digests.ts';
import { privateKeyFormats } from '../../../local/clouds/keys/private-key-formats.ts';
import type { Behaviour } from '../../../local/clouds/settings/behaviour.ts';
import { aSecret, byAcs3, type KmsCall, put, refusalOf, stagesOf } from './kms.ts';
import { type Answer, call, createCall, type Fields, keyObject, privateKeyOf, type ServiceName } from './raw.ts';
import { openApiCall } from './sdks.ts';

const line = publicKeyLine(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey);
const create = (clouds: Clouds, service: ServiceName, name = 'a1', region?: string): Promise<Answer> =>
  call(clouds, service, 'CreateKeyPair', createCall(service, name), region ? { region } : {});
const list = async (clouds: Clouds, service: ServiceName, fields = {}): Promise<Record<string, unknown>[]> => {
  const { body } = await call(clouds, service, 'DescribeKeyPairs', fields);
  return (body.KeyPairSet ?? (body.KeyPairs as unknown as { KeyPair: unknown }).KeyPair) as Record<string, unknown>[];
};
/** The codes of two creates of one name. */
const duplicate = async (clouds: Clouds, service: ServiceName): Promise<string> => {
  await create(clouds, service);
  return (await create(clouds, service)).code;
};
const bits = (pem: string): number => Number(keyObject(pem).asymmetricKeyDetails?.modulusLength);
const imported = (clouds: Clouds, service: 'ens' | 'ecs'): Promise<Answer> =>
  call(clouds, service, 'ImportKeyPair', { KeyPairName: 'mine', PublicKeyBody: line });

/** A template of two versions, of which the second is the default. @returns its id */
const template = async (clouds: Clouds, service: 'ecs' | 'cvm'): Promise<string> => {
  const region = service === 'ecs' ? 'cn-hangzhou' : 'ap-guangzhou';
  return (await clouds.admin.fleet.addTemplate({ service, region, name: 'front', data: [{}, {}] })).id;
};
const renamed = async (clouds: Clouds, KeyName: string): Promise<string> =>
  (await call(clouds, 'cvm', 'ModifyKeyPairAttribute', { KeyId: clouds.admin.pairs()[0]?.id, KeyName })).code;

type Look = (clouds: Clouds) => Promise<unknown>;
type Table = {
  readonly [K in keyof Behaviour]: { readonly look: Look; readonly want: readonly [Behaviour[K], unknown][] };
};

/** Puts two events on a bus, or on one that is not there. */
const putTwo = async (clouds: Clouds, EventBusName = 'ours') => {
  clouds.admin.events.addBus('ours');
  const EventList = JSON.stringify(['a1', 'a2'].map((Id) => ({ Id, Source: 'x', Type: 'y' })));
  return openApiCall(clouds, clouds.credentials.alibaba, '2020-04-01')('PutEvents', {}, { EventBusName, EventList });
};
const dataOf = async (clouds: Clouds) =>
  (await putTwo(clouds)).Data as unknown as { FailedEntryCount: number; EntryList: Record<string, string>[] };

const wrongTwice: Look = async (clouds) =>
  (await call(clouds, 'ens', 'CreateKeyPair', {}, { alibaba: { accessKeyId: 'nobody', accessKeySecret: 'x' } })).code;
const fullAndTaken: Look = async (clouds) => {
  clouds.admin.setLimits({ 'ens.keyPairs': 1, 'ecs.keyPairsPerRegion': 1, 'cvm.keyPairs': 1 });
  return [await duplicate(clouds, 'ens'), await duplicate(clouds, 'ecs'), await duplicate(clouds, 'cvm')];
};
const fingerprintOf =
  (service: 'ens' | 'ecs'): Look =>
  async (clouds) => {
    const { body } = await create(clouds, service);
    const key = keyObject(String(body.PrivateKeyBody));
    const hex = String(body.KeyPairFingerPrint).replaceAll(':', '');
    return digestNames.filter((name) => digest(name, key) === hex);
  };
const digestRows = digestNames.map((name): [typeof name, unknown] => [name, [name]]);
const shape = (pem: string): unknown => ({
  header: /-----BEGIN ([A-Z ]+)-----/.exec(pem)?.[1] ?? '',
  ends: JSON.stringify(pem.slice(-2)).slice(1, -1),
  parses: bits(pem),
});
const shapes: Record<(typeof privateKeyFormats)[number], unknown> = {
  pkcs1: { header: 'RSA PRIVATE KEY', ends: '-\\n', parses: 2048 },
  pkcs8: { header: 'PRIVATE KEY', ends: '-\\n', parses: 2048 },
  'pkcs8-in-rsa-armour': { header: 'RSA PRIVATE KEY', ends: '-\\n', parses: 2048 },
  'no-final-newline': { header: 'RSA PRIVATE KEY', ends: '--', parses: 2048 },
  crlf: { header: 'RSA PRIVATE KEY', ends: '\\r\\n', parses: 2048 },
  'literal-newlines': { header: 'RSA PRIVATE KEY', ends: '\\\\n', parses: 2048 },
  'doubly-escaped': { header: 'RSA PRIVATE KEY', ends: '\\\\n', parses: 2048 },
  'bare-base64': { header: '', ends: expect.any(String), parses: 2048 },
};
const formatRows = privateKeyFormats.map((name): [typeof name, unknown] => [name, shapes[name]]);
const formatOf =
  (service: ServiceName): Look =>
  async (clouds) =>
    shape(privateKeyOf(await create(clouds, service)));
const bitsOf =
  (service: ServiceName): Look =>
  async (clouds) =>
    bits(privateKeyOf(await create(clouds, service)));
const bitRows: [1024 | 2048 | 3072 | 4096, unknown][] = [
  [2048, 2048],
  [1024, 1024],
];
const idAfterImport =
  (service: 'ens' | 'ecs'): Look =>
  async (clouds) =>
    'KeyPairId' in (await imported(clouds, service)).body;

/** The secret `web` of one version, and a call of KMS. */
const inKms =
  (look: (call: KmsCall, clouds: Clouds) => Promise<unknown>): Look =>
  async (clouds) => {
    const call = byAcs3(clouds);
    await aSecret(call);
    return look(call, clouds);
  };
const moveStage = (call: KmsCall, VersionStage: string, RemoveFromVersion: string, MoveToVersion: string) =>
  refusalOf(call('UpdateSecretVersionStage', { SecretName: 'web', VersionStage, RemoveFromVersion, MoveToVersion }));
const SCHEDULED = { SecretName: 'web', RecoveryWindowInDays: '7' };
const done = expect.objectContaining({ SecretName: 'web' });

export const table: Table = {
  'order.first': {
    look: wrongTwice,
    want: [
      ['credentials', 'InvalidAccessKeyId.NotFound'],
      ['parameters', 'MissingParameter'],
    ],
  },
  'order.limits': {
    look: fullAndTaken,
    want: [
      ['duplicate-before-quota', ['PubKeyNameExisted', 'KeyPair.AlreadyExist', 'InvalidKeyPairName.Duplicate']],
      ['quota-before-duplicate', ['ens.interface.error', 'QuotaExceed.KeyPair', 'InvalidKeyPair.LimitExceeded']],
    ],
  },
  'describe.lagCalls': {
    look: async (clouds) => {
      await create(clouds, 'ecs');
      const seen: number[] = [];
      for (let n = 0; n < 3; n += 1) seen.push((await list(clouds, 'ecs')).length);
      return [...seen, (await create(clouds, 'ecs')).code];
    },
    want: [
      [0, [1, 1, 1, 'KeyPair.AlreadyExist']],
      [2, [0, 0, 1, 'KeyPair.AlreadyExist']],
    ],
  },
  'describe.lagMs': {
    look: async (clouds) => {
      await create(clouds, 'cvm');
      const before = await list(clouds, 'cvm');
      clouds.admin.advanceClock(60_000);
      return [before.length, (await list(clouds, 'cvm')).length];
    },
    want: [
      [0, [1, 1]],
      [60_000, [0, 1]],
    ],
  },
  'binding.lagMs': {
    look: async (clouds) => {
      await create(clouds, 'ecs');
      await clouds.admin.attach(clouds.admin.pairs()[0]!.id, ['i-1']);
      await clouds.admin.fleet.release('i-1');
      const remove = async () => (await call(clouds, 'ecs', 'DeleteKeyPairs', { KeyPairNames: '["a1"]' })).code;
      const atOnce = await remove();
      clouds.admin.advanceClock(60_000);
      return [atOnce, await remove()];
    },
    want: [
      [0, ['', '']],
      [60_000, ['InvalidParameter.KeypairAlreadyAttachedInstance', '']],
    ],
  },
  'alibaba.unknownKeyStatus': {
    look: async (clouds) =>
      (await call(clouds, 'ecs', 'DescribeKeyPairs', {}, { alibaba: { accessKeyId: 'nobody', accessKeySecret: 'x' } }))
        .status,
    want: [
      [404, 404],
      [400, 400],
    ],
  },
  'ens.duplicateName': {
    look: async (clouds) => [await duplicate(clouds, 'ens'), (await list(clouds, 'ens', { KeyPairName: 'a1' })).length],
    want: [
      ['PubKeyNameExisted', ['PubKeyNameExisted', 1]],
      ['InvalidParameter.KeyPairName', ['InvalidParameter.KeyPairName', 1]],
      ['InvalidParameter', ['InvalidParameter', 1]],
      ['ens.interface.error', ['ens.interface.error', 1]],
      ['accepted', ['', 2]],
    ],
  },
  'ens.quotaReached': {
    look: async (clouds) => {
      clouds.admin.setLimits({ 'ens.keyPairs': 0 });
      return (await create(clouds, 'ens')).code;
    },
    want: [
      ['ens.interface.error', 'ens.interface.error'],
      ['InvalidParameter', 'InvalidParameter'],
      ['CallInterface', 'CallInterface'],
    ],
  },
  'ens.deleteUnknown': {
    look: async (clouds) => (await call(clouds, 'ens', 'DeleteKeyPairs', { KeyPairName: 'absent' })).code,
    want: [
      ['success', ''],
      ['InvalidParameter.KeyPairName', 'InvalidParameter.KeyPairName'],
      ['InvalidParameter', 'InvalidParameter'],
      ['ens.interface.error', 'ens.interface.error'],
    ],
  },
  'ens.deleteAttached': {
    look: async (clouds) => {
      await create(clouds, 'ens');
      await clouds.admin.attach(clouds.admin.pairs()[0]!.id);
      return (await call(clouds, 'ens', 'DeleteKeyPairs', { KeyPairName: 'a1' })).code;
    },
    want: [
      ['PubKeyAttachedWithInstance', 'PubKeyAttachedWithInstance'],
      ['success', ''],
    ],
  },
  'ens.attachBound': {
    look: async (clouds) => {
      for (const name of ['a1', 'a2']) await create(clouds, 'ens', name);
      const { id } = await clouds.admin.fleet.addInstance({ service: 'ens', keyPair: 'a1', state: 'Stopped' });
      const InstanceIds = JSON.stringify([id]);
      const { body } = await call(clouds, 'ens', 'AttachKeyPair', { KeyPairName: 'a2', InstanceIds });
      return [body.FailCount, clouds.admin.fleet.instances()[0]?.keyPairs[0]?.name];
    },
    want: [
      ['replaced', [0, 'a2']],
      ['refused', [1, 'a1']],
    ],
  },
  'ens.nameFilter': {
    look: async (clouds) => {
      for (const name of ['a1', 'a2']) await create(clouds, 'ens', name);
      return (await list(clouds, 'ens', { KeyPairName: 'a1' })).length;
    },
    want: [
      ['exact', 1],
      ['ignored', 2],
    ],
  },
  'ens.pageFields': {
    look: async (clouds) => {
      const { body } = await call(clouds, 'ens', 'DescribeKeyPairs');
      return [body.PageNumber, body.PageSize, body.TotalCount];
    },
    want: [
      ['numbers', [1, 10, 0]],
      ['strings', ['1', '10', '0']],
    ],
  },
  'ens.importReturnsId': {
    look: idAfterImport('ens'),
    want: [
      [false, false],
      [true, true],
    ],
  },
  'ens.fingerprintDigest': { look: fingerprintOf('ens'), want: digestRows },
  'ens.fingerprintColons': {
    look: async (clouds) => String((await create(clouds, 'ens')).body.KeyPairFingerPrint).includes(':'),
    want: [
      [false, false],
      [true, true],
    ],
  },
  'ens.privateKeyFormat': { look: formatOf('ens'), want: formatRows },
  'ens.keyBits': { look: bitsOf('ens'), want: bitRows },
  'ecs.nameStaysTakenMs': {
    look: async (clouds) => {
      await create(clouds, 'ecs');
      await call(clouds, 'ecs', 'DeleteKeyPairs', { KeyPairNames: '["a1"]' });
      const shown = (await list(clouds, 'ecs')).length;
      const codes = [
        (await call(clouds, 'ecs', 'ImportKeyPair', { KeyPairName: 'a1', PublicKeyBody: line })).code,
        (await create(clouds, 'ecs')).code,
      ];
      clouds.admin.advanceClock(60_000);
      return [shown, ...codes, (await create(clouds, 'ecs', codes.includes('') ? 'a2' : 'a1')).code];
    },
    want: [
      [0, [0, '', 'KeyPair.AlreadyExist', '']],
      [60_000, [0, 'KeyPair.AlreadyExist', 'KeyPair.AlreadyExist', '']],
    ],
  },
  'ecs.deleteUnknown': {
    look: async (clouds) => (await call(clouds, 'ecs', 'DeleteKeyPairs', { KeyPairNames: '["absent"]' })).code,
    want: [
      ['success', ''],
      ['InvalidKeyPair.NotFound', 'InvalidKeyPair.NotFound'],
    ],
  },
  'ecs.importReturnsId': {
    look: idAfterImport('ecs'),
    want: [
      [false, false],
      [true, true],
    ],
  },
  'ecs.describeReturnsId': {
    look: async (clouds) => {
      await create(clouds, 'ecs');
      return 'KeyPairId' in (await list(clouds, 'ecs'))[0]!;
    },
    want: [
      [false, false],
      [true, true],
    ],
  },
  'ecs.defaultVersionListed': {
    look: async (clouds) => {
      const LaunchTemplateId = await template(clouds, 'ecs');
      const numbers = async (fields = {}) => {
        const query = { LaunchTemplateId, ...fields };
        const { body } = await call(clouds, 'ecs', 'DescribeLaunchTemplateVersions', query);
        const sets = body.LaunchTemplateVersionSets as unknown as { LaunchTemplateVersionSet: Fields[] };
        return sets.LaunchTemplateVersionSet.map(({ VersionNumber }) => VersionNumber);
      };
      return [await numbers(), await numbers({ DefaultVersion: 'true' })];
    },
    want: [
      [true, [[2, 1], [2]]],
      [false, [[1], [2]]],
    ],
  },
  'ecs.fingerprintDigest': { look: fingerprintOf('ecs'), want: digestRows },
  'ecs.fingerprintColons': {
    look: async (clouds) => String((await create(clouds, 'ecs')).body.KeyPairFingerPrint).includes(':'),
    want: [
      [true, true],
      [false, false],
    ],
  },
  'ecs.privateKeyFormat': { look: formatOf('ecs'), want: formatRows },
  'ecs.keyBits': { look: bitsOf('ecs'), want: bitRows },
  'cvm.namesUniquePer': {
    look: async (clouds) => {
      await create(clouds, 'cvm');
      return (await create(clouds, 'cvm', 'a1', 'ap-tokyo')).code;
    },
    want: [
      ['region', ''],
      ['account', 'InvalidKeyPairName.Duplicate'],
    ],
  },
  'cvm.nameFilter': {
    look: async (clouds) => {
      for (const name of ['web', 'web_1']) await create(clouds, 'cvm', name);
      return (await list(clouds, 'cvm', { Filters: [{ Name: 'key-name', Values: ['web'] }] })).length;
    },
    want: [
      ['exact', 1],
      ['substring', 2],
    ],
  },
  'cvm.unknownInstance': {
    look: async (clouds) => {
      const { id } = await clouds.admin.fleet.addInstance({ service: 'cvm', region: 'ap-guangzhou' });
      const { code, body } = await call(clouds, 'cvm', 'DescribeInstances', { InstanceIds: [id, 'ins-notthere'] });
      return [code, body.TotalCount];
    },
    want: [
      ['omitted', ['', 1]],
      ['InvalidInstanceId.NotFound', ['InvalidInstanceId.NotFound', undefined]],
    ],
  },
  'cvm.renameBound': {
    look: async (clouds) => {
      await create(clouds, 'cvm');
      await clouds.admin.attach(clouds.admin.pairs()[0]!.id);
      return [await renamed(clouds, 'a2'), clouds.admin.pairs()[0]?.name];
    },
    want: [
      ['accepted', ['', 'a2']],
      ['InvalidParameterValue.KeyPairNotSupported', ['InvalidParameterValue.KeyPairNotSupported', 'a1']],
    ],
  },
  'cvm.renameToOwnName': {
    look: async (clouds) => {
      await create(clouds, 'cvm');
      return renamed(clouds, 'a1');
    },
    want: [
      ['accepted', ''],
      ['InvalidKeyPairName.Duplicate', 'InvalidKeyPairName.Duplicate'],
    ],
  },
  'cvm.defaultVersionListed': {
    look: async (clouds) => {
      const LaunchTemplateId = await template(clouds, 'cvm');
      const numbers = async (fields = {}) => {
        const query = { LaunchTemplateId, ...fields };
        const { body } = await call(clouds, 'cvm', 'DescribeLaunchTemplateVersions', query);
        return (body.LaunchTemplateVersionSet as unknown as Fields[]).map((row) => row.LaunchTemplateVersion);
      };
      return [await numbers(), await numbers({ DefaultVersion: true })];
    },
    want: [
      [true, [[2, 1], [2]]],
      [false, [[1], [2]]],
    ],
  },
  'cvm.versionBase': {
    look: async (clouds) => {
      const data = { ImageId: 'img-1', Placement: { Zone: 'a' } };
      const place = { service: 'cvm', region: 'ap-guangzhou', name: 'front' } as const;
      const { id: LaunchTemplateId } = await clouds.admin.fleet.addTemplate({ ...place, data });
      await call(clouds, 'cvm', 'CreateLaunchTemplateVersion', { LaunchTemplateId, Placement: { Zone: 'b' } });
      return clouds.admin.fleet.templates()[0]?.versions[1]?.data;
    },
    want: [
      ['kept', { ImageId: 'img-1', Placement: { Zone: 'b' } }],
      ['ignored', { Placement: { Zone: 'b' } }],
    ],
  },
  'cvm.unknownParameters': {
    look: async (clouds) => (await call(clouds, 'cvm', 'DescribeKeyPairs', { Colour: 'blue' })).code,
    want: [
      ['refused', 'UnknownParameter'],
      ['ignored', ''],
    ],
  },
  'cvm.privateKeyFormat': { look: formatOf('cvm'), want: formatRows },
  'eventbridge.entries': {
    look: async (clouds) => [(await dataOf(clouds)).FailedEntryCount, clouds.admin.events.list().map(({ id }) => id)],
    want: [
      ['taken', [0, ['a1', 'a2']]],
      ['failed', [2, []]],
      ['last-failed', [1, ['a1']]],
    ],
  },
  'eventbridge.entryCode': {
    look: async (clouds) => (await dataOf(clouds)).EntryList.map(({ ErrorCode }) => ErrorCode),
    want: [
      ['absent', [undefined, undefined]],
      ['Success', ['Success', 'Success']],
    ],
  },
  'eventbridge.code': {
    look: async (clouds) => (await putTwo(clouds)).Code,
    want: [
      ['200', '200'],
      ['Success', 'Success'],
    ],
  },
  'eventbridge.refusals': {
    look: async (clouds) =>
      putTwo(clouds, 'theirs').then(
        ({ Code }) => `200 ${Code}`,
        ({ statusCode, code }) => `${statusCode} ${code}`,
      ),
    want: [
      ['in-200', '200 EventBusNotExist'],
      ['by-status', '409 EventBusNotExist'],
    ],
  },
  'kms.dropped': {
    look: inKms(async (call, clouds) => {
      clouds.admin.setLimits({ 'kms.versions': 2 });
      await put(call, 'v1', ['b']);
      await call('UpdateSecretVersionStage', {
        ...{ SecretName: 'web', VersionStage: 'b', RemoveFromVersion: 'v1' },
      });
      await put(call, 'v2', ['c']);
      return stagesOf(call);
    }),
    want: [
      ['earliest', { v1: [], v2: ['c'] }],
      ['earliest-without-stage', { v0: ['ACSCurrent'], v2: ['c'] }],
    ],
  },
  'kms.removeFrom': {
    look: inKms(async (call) => {
      for (const id of ['v1', 'v2']) await put(call, id, [id]);
      const answers = [await moveStage(call, 'v1', 'v1', 'v2'), await moveStage(call, 'v1', 'v1', 'v2')];
      return [...answers, await moveStage(call, 'v1', 'v1', 'v0'), (await stagesOf(call)).v2];
    }),
    want: [
      ['checked', [done, done, 'Rejected.InvalidRequest 400', ['v2', 'v1']]],
      ['checked-even-there', [done, 'Rejected.InvalidRequest 400', 'Rejected.InvalidRequest 400', ['v2', 'v1']]],
      ['ignored', [done, done, done, ['v2']]],
    ],
  },
  'kms.staleMove': {
    look: inKms(async (call) => {
      await put(call, 'v1', ['a']);
      return moveStage(call, 'a', 'v0', '');
    }),
    want: [
      ['Rejected.InvalidRequest', 'Rejected.InvalidRequest 400'],
      ['Rejected.UnsupportedOperation', 'Rejected.UnsupportedOperation 400'],
      ['InvalidParameter', 'InvalidParameter 400'],
    ],
  },
  'kms.putAgain': {
    look: inKms(async (call) => {
      await put(call, 'v1', ['a']);
      await put(call, 'v1', ['b']);
      return (await stagesOf(call)).v1;
    }),
    want: [
      ['changes-nothing', ['a']],
      ['moves-stages', ['a', 'b']],
    ],
  },
  'kms.secretData': {
    look: inKms((call) =>
      refusalOf(call('PutSecretValue', { SecretName: 'web', VersionId: 'v1' }, { SecretData: 'second' })),
    ),
    want: [
      ['query-or-form', done],
      ['query', 'MissingParameter 400'],
    ],
  },
  'kms.stageNames': {
    look: inKms((call) => refusalOf(put(call, 'v1', ['a.b/c']))),
    want: [
      ['any', done],
      ['narrow', 'InvalidParameter 400'],
    ],
  },
  'kms.valuesInWindow': {
    look: inKms(async (call) => {
      await call('DeleteSecret', SCHEDULED);
      return [await refusalOf(call('GetSecretValue', { SecretName: 'web' })), await refusalOf(put(call, 'v1'))];
    }),
    want: [
      ['Rejected.ResourceInDeleteWindow', Array(2).fill('Rejected.ResourceInDeleteWindow 409')],
      ['Forbidden.ResourceNotFound', Array(2).fill('Forbidden.ResourceNotFound 404')],
    ],
  },
  'kms.versionsInWindow': {
    look: inKms(async (call) => {
      await call('DeleteSecret', SCHEDULED);
      return refusalOf(stagesOf(call));
    }),
    want: [
      ['shown', { v0: ['ACSCurrent'] }],
      ['Forbidden.ResourceNotFound', 'Forbidden.ResourceNotFound 404'],
    ],
  },
  'kms.listed': {
    look: inKms(async (call) => {
      await aSecret(call, 'later');
      const { SecretList } = await call('ListSecrets');
      return (SecretList as unknown as { Secret: { SecretName: string }[] }).Secret.map((one) => one.SecretName);
    }),
    want: [
      ['oldest-first', ['web', 'later']],
      ['newest-first', ['later', 'web']],
    ],
  },
  'kms.withoutInstance': {
    look: async (clouds) => refusalOf(aSecret(byAcs3(clouds))),
    want: [
      ['accepted', done],
      ['Rejected.ShareQuotaExceedLimit', 'Rejected.ShareQuotaExceedLimit 400'],
      ['UnsupportedOperation', 'UnsupportedOperation 400'],
    ],
  },
  'cvm.keyBits': { look: bitsOf('cvm'), want: bitRows },
};
