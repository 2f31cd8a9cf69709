// What each cloud shows: fields, precision, pages, filters, regions.
import { describe, expect, it } from 'vitest';
import { testClock } from '../doubles/test-clock.ts';
import { created, idOf, namesOf } from './support/created.ts';
import { call, createCall, type Fields, type ServiceName } from './support/raw.ts';
import { started } from './support/started.ts';

describe('the answer to a create', () => {
  it.each([
    ['ens', ['KeyPairFingerPrint', 'KeyPairId', 'KeyPairName', 'PrivateKeyBody', 'RequestId']],
    ['ecs', ['KeyPairFingerPrint', 'KeyPairId', 'KeyPairName', 'PrivateKeyBody', 'RequestId']],
  ] as const)('has the fields of its page and no others on %s', async (service, fields) => {
    const [answer] = await created(await started(), service, ['a1']);
    expect(Object.keys(answer?.body ?? {}).sort()).toEqual(fields);
  });

  it('has the fields of its page and no others on cvm', async () => {
    const [answer] = await created(await started(), 'cvm', ['a1']);
    expect(Object.keys(answer?.body ?? {}).sort()).toEqual(['KeyPair', 'RequestId']);
    const fields = ['KeyId', 'KeyName', 'PrivateKey', 'ProjectId', 'PublicKey'];
    expect(Object.keys((answer?.body.KeyPair ?? {}) as object).sort()).toEqual(fields);
  });

  it('has the time of the server’s own clock in its Date header', async () => {
    const clouds = await started({ clock: testClock(Date.parse('2026-03-01T12:34:56Z')) });
    const options = { nowMs: Date.parse('2026-03-01T12:34:56Z') };
    const { headers } = await call(clouds, 'ens', 'DescribeKeyPairs', {}, options);
    expect(headers.date).toBe('Sun, 01 Mar 2026 12:34:56 GMT');
    clouds.admin.advanceClock(60_000);
    expect((await call(clouds, 'ens', 'DescribeKeyPairs', {}, options)).headers.date).toBe(
      'Sun, 01 Mar 2026 12:35:56 GMT',
    );
  });
});

describe('a listing', () => {
  const nowMs = Date.parse('2026-03-01T12:34:56Z');

  it('has seconds and ids, and no key, on ENS', async () => {
    const clouds = await started({ clock: testClock(nowMs) });
    await call(clouds, 'ens', 'CreateKeyPair', { KeyPairName: 'a1' }, { nowMs });
    const { body } = await call(clouds, 'ens', 'DescribeKeyPairs', {}, { nowMs });
    expect(body.KeyPairs).toEqual({
      KeyPair: [
        {
          CreationTime: '2026-03-01T12:34:56Z',
          KeyPairFingerPrint: expect.stringMatching(/^[0-9a-f]{32}$/),
          KeyPairId: expect.stringMatching(/^ssh-5/),
          KeyPairName: 'a1',
        },
      ],
    });
  });

  it('has minutes, colons and no id on ECS, and the public key when asked for it', async () => {
    const clouds = await started({ clock: testClock(nowMs) });
    await call(clouds, 'ecs', 'CreateKeyPair', { KeyPairName: 'a1' }, { nowMs });
    const shown = {
      CreationTime: '2026-03-01T12:34Z',
      KeyPairFingerPrint: expect.stringMatching(/^([0-9a-f]{2}:){15}[0-9a-f]{2}$/),
      KeyPairName: 'a1',
      ResourceGroupId: '',
      Tags: { Tag: [] },
    };
    const without = await call(clouds, 'ecs', 'DescribeKeyPairs', {}, { nowMs });
    expect(without.body.KeyPairs).toEqual({ KeyPair: [shown] });
    const with_ = await call(clouds, 'ecs', 'DescribeKeyPairs', { IncludePublicKey: true }, { nowMs });
    expect(with_.body.KeyPairs).toEqual({ KeyPair: [{ ...shown, PublicKey: expect.stringMatching(/^ssh-rsa \S+$/) }] });
  });

  it('has the key’s own comment, not its id, null where there are no tags, and never a private key on CVM', async () => {
    const clouds = await started({ clock: testClock(nowMs) });
    const created = await call(clouds, 'cvm', 'CreateKeyPair', createCall('cvm', 'a1'), { nowMs });
    const { body } = await call(clouds, 'cvm', 'DescribeKeyPairs', {}, { nowMs });
    expect(body.KeyPairSet).toEqual([
      {
        KeyId: idOf(created),
        KeyName: 'a1',
        ProjectId: 0,
        Description: '',
        PublicKey: expect.stringMatching(/^ssh-rsa \S+ skey_\d+$/),
        AssociatedInstanceIds: [],
        CreatedTime: '2026-03-01T12:34:56Z',
        Tags: null,
      },
    ]);
    expect(body.TotalCount).toBe(1);
  });
});

describe('a page', () => {
  const names = Array.from({ length: 12 }, (_, n) => `key${String(n).padStart(2, '0')}`);

  it('has 10 pairs by default on ENS and ECS, and the rest follow on later pages', async () => {
    const clouds = await started();
    for (const service of ['ens', 'ecs'] as const) {
      await created(clouds, service, names);
      const first = await call(clouds, service, 'DescribeKeyPairs');
      expect(namesOf(first)).toEqual(names.slice(0, 10));
      expect(first.body).toMatchObject({ PageNumber: 1, PageSize: 10, TotalCount: 12 });
      const second = await call(clouds, service, 'DescribeKeyPairs', { PageNumber: 3, PageSize: 5 });
      expect(namesOf(second)).toEqual(names.slice(10));
    }
  });

  it('has 20 pairs by default on CVM, and is cut by Offset and Limit', async () => {
    const clouds = await started();
    await created(clouds, 'cvm', names);
    expect(namesOf(await call(clouds, 'cvm', 'DescribeKeyPairs'))).toEqual(names);
    expect(namesOf(await call(clouds, 'cvm', 'DescribeKeyPairs', { Offset: 10, Limit: 1 }))).toEqual(['key10']);
  });

  it.each<[ServiceName, Fields, string]>([
    ['ens', { PageNumber: '0' }, 'InvalidParameter.PageNumber'],
    ['ens', { PageSize: 'ten' }, 'InvalidParameter.PageSize'],
    ['ecs', { PageNumber: '0' }, 'InvalidParameter.PageNumber'],
    ['ecs', { PageSize: '51' }, 'InvalidParameter.PageSize'],
    ['cvm', { Limit: 0 }, 'InvalidParameterValueLimit'],
    ['cvm', { Limit: 101 }, 'InvalidParameterValueLimit'],
    ['cvm', { Offset: -1 }, 'InvalidParameterValueOffset'],
    ['cvm', { Limit: '20' }, 'InvalidParameter'],
  ])('is refused by %s for %o with %s', async (service, fields, code) => {
    expect(await call(await started(), service, 'DescribeKeyPairs', fields)).toMatchObject({ code });
  });
});

describe('a filter', () => {
  it.each<[Fields, string[]]>([
    [{ KeyPairName: 'web' }, ['web']],
    [{ KeyPairName: 'web*' }, ['web', 'web-1']],
    [{ KeyPairName: '*1' }, ['web-1', 'db-1']],
    [{ KeyPairName: '*b*' }, ['web', 'web-1', 'db-1']],
    [{ KeyPairName: '*' }, ['web', 'web-1', 'db-1']],
    [{ KeyPairName: 'absent' }, []],
    [{ 'Tag.1.Key': 'team' }, ['db-1']],
    [{ 'Tag.1.Key': 'team', 'Tag.1.Value': 'a' }, ['db-1']],
    [{ 'Tag.1.Key': 'team', 'Tag.1.Value': 'b' }, []],
    [{ ResourceGroupId: 'rg-acfmlocalsecond' }, ['db-1']],
  ])('finds pairs on ECS by %o', async (fields, found) => {
    const clouds = await started();
    await created(clouds, 'ecs', ['web', 'web-1']);
    await created(clouds, 'ecs', ['db-1'], {
      ResourceGroupId: 'rg-acfmlocalsecond',
      'Tag.1.Key': 'team',
      'Tag.1.Value': 'a',
    });
    expect(namesOf(await call(clouds, 'ecs', 'DescribeKeyPairs', fields))).toEqual(found);
  });

  it('finds pairs on ECS by fingerprint', async () => {
    const clouds = await started();
    const [, second] = await created(clouds, 'ecs', ['a1', 'a2']);
    const { KeyPairFingerPrint } = second?.body ?? {};
    expect(namesOf(await call(clouds, 'ecs', 'DescribeKeyPairs', { KeyPairFingerPrint }))).toEqual(['a2']);
  });

  it('finds pairs on ENS by id, by name, and by both only where they mean one pair', async () => {
    const clouds = await started();
    const [first] = await created(clouds, 'ens', ['a1', 'a2']);
    const { KeyPairId } = first?.body ?? {};
    const find = async (fields: Fields): Promise<string[]> =>
      namesOf(await call(clouds, 'ens', 'DescribeKeyPairs', fields));
    expect(await find({ KeyPairId })).toEqual(['a1']);
    expect(await find({ KeyPairName: 'a2' })).toEqual(['a2']);
    expect(await find({ KeyPairName: 'a*' })).toEqual([]);
    expect(await find({ KeyPairId, KeyPairName: 'a2' })).toEqual([]);
  });

  const filter = (Name: string, ...Values: string[]): Fields => ({ Filters: [{ Name, Values }] });
  it.each<[Fields, string[]]>([
    [filter('key-name', 'web'), ['web']],
    [filter('key-name', 'web', 'db_1'), ['web', 'db_1']],
    [filter('project-id', '1001'), ['db_1']],
    [filter('tag-key', 'team'), ['db_1']],
    [filter('tag-value', 'a'), ['db_1']],
    [filter('tag:team', 'a', 'b'), ['db_1']],
    [filter('tag:team', 'b'), []],
    [{ KeyIds: ['skey-aaaaaaaa'] }, []],
  ])('finds pairs on CVM by %o', async (fields, found) => {
    const clouds = await started();
    await created(clouds, 'cvm', ['web', 'web_1']);
    const Tags = [{ Key: 'team', Value: 'a' }];
    await created(clouds, 'cvm', ['db_1'], { ProjectId: 1001, TagSpecification: [{ ResourceType: 'keypair', Tags }] });
    expect(namesOf(await call(clouds, 'cvm', 'DescribeKeyPairs', fields))).toEqual(found);
  });

  it.each<[string, Fields, string]>([
    ['ids and filters together', { KeyIds: ['skey-aaaaaaaa'], ...filter('key-name', 'a') }, 'InvalidParameter'],
    ['a filter that does not exist', filter('colour', 'blue'), 'InvalidFilter'],
    ['six values', filter('key-name', '1', '2', '3', '4', '5', '6'), 'InvalidFilterValue.LimitExceeded'],
    ['a short id', { KeyIds: ['skey-1122'] }, 'InvalidKeyPairId.Malformed'],
    ['101 ids', { KeyIds: Array(101).fill('skey-aaaaaaaa') }, 'InvalidParameterValue.LimitExceeded'],
    ['a parameter that does not exist', { Colour: 'blue' }, 'UnknownParameter'],
  ])('is refused by CVM for %s', async (_name, fields, code) => {
    expect(await call(await started(), 'cvm', 'DescribeKeyPairs', fields)).toMatchObject({ code });
  });
});

describe('a region', () => {
  it('keeps pairs apart on ECS, quota and names included', async () => {
    const clouds = await started({ limits: { 'ecs.keyPairsPerRegion': 1 } });
    await created(clouds, 'ecs', ['a1']);
    await created(clouds, 'ecs', ['a1'], { RegionId: 'ap-southeast-1' });
    expect(namesOf(await call(clouds, 'ecs', 'DescribeKeyPairs', { RegionId: 'eu-central-1' }))).toEqual([]);
  });

  it.each<[string, string, string]>([
    ['missing', '', 'MissingParameter'],
    ['unknown', 'mars', 'UnsupportedRegion'],
  ])('is refused by CVM when it is %s', async (_name, region, code) => {
    expect(await call(await started(), 'cvm', 'DescribeKeyPairs', {}, { region })).toMatchObject({ code });
  });

  it('keeps pairs apart on CVM', async () => {
    const clouds = await started();
    await created(clouds, 'cvm', ['a1']);
    expect(namesOf(await call(clouds, 'cvm', 'DescribeKeyPairs', {}, { region: 'ap-tokyo' }))).toEqual([]);
  });
});
