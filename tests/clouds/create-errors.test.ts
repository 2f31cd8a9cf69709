// Every error row of the three CreateKeyPair pages, raised and compared: code, status, message and envelope.
import { describe, expect, it } from 'vitest';
import type { Clouds } from '../../local/clouds/clouds.ts';
import { type Answer, call, createCall, type Fields, type ServiceName } from './support/raw.ts';
import { started } from './support/started.ts';

interface Row {
  readonly service: ServiceName;
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** What makes it happen. Without it, no key-pair request can, and the fault plan raises the row. */
  readonly raise?: (clouds: Clouds) => Promise<Answer>;
  /** The page's own spelling, where the code on the wire is another. */
  readonly row?: string;
}
const create =
  (service: ServiceName, fields: Fields, options: { region?: string } = {}) =>
  (clouds: Clouds): Promise<Answer> =>
    call(clouds, service, 'CreateKeyPair', fields, options);
/** The second of two. */
const again =
  (service: ServiceName, change: (clouds: Clouds) => void, name = 'second') =>
  async (clouds: Clouds): Promise<Answer> => {
    expect((await call(clouds, service, 'CreateKeyPair', createCall(service, 'first'))).code).toBe('');
    change(clouds);
    return call(clouds, service, 'CreateKeyPair', createCall(service, name));
  };
const ens = { service: 'ens', status: 400 } as const;
const cvm = { service: 'cvm', status: 200 } as const;
const tags = (Key: string) => [{ ResourceType: 'keypair', Tags: [{ Key, Value: 'v' }] }];

const rows: readonly Row[] = [
  {
    ...ens,
    code: 'MissingParameter',
    message: 'The input parameter that is mandatory for processing this request is not supplied.',
    raise: create('ens', {}),
  },
  {
    ...ens,
    code: 'NoPermission',
    message: 'Permission denied.',
    raise: (clouds) =>
      call(clouds, 'ens', 'CreateKeyPair', createCall('ens', 'a1'), { alibaba: clouds.credentials.alibabaUnpermitted }),
  },
  {
    ...ens,
    row: 'InvalidParameter.%s',
    code: 'InvalidParameter.KeyPairName',
    message: 'The specified field KeyPairName invalid. Please check it again.',
    raise: create('ens', { KeyPairName: '1st' }),
  },
  {
    ...ens,
    code: 'InvalidParameter',
    message: 'The errorMessage is the key pair name exists. Please check it again.',
    raise: again('ens', ({ admin }) => admin.setBehaviour({ 'ens.duplicateName': 'InvalidParameter' }), 'first'),
  },
  { ...ens, code: 'InvalidSecurityGroupId.NotFound', message: 'The specified SecurityGroupId does not exist.' },
  { ...ens, code: 'SecurityGroupRuleConflict.Duplicated', message: 'The SecurityGroup rule already exists.' },
  {
    ...ens,
    code: 'AuthorizationLimitExceed',
    message: 'The limit of authorization records in the security group reaches.',
  },
  {
    ...ens,
    code: 'ens.interface.error',
    message: 'An error occurred while calling the API.',
    raise: again('ens', ({ admin }) => admin.setLimits({ 'ens.keyPairs': 1 })),
  },
  { ...ens, code: 'CallInterface', message: 'Call Interface Happen Error.' },

  {
    service: 'ecs',
    status: 400,
    code: 'InvalidKeyPairName.Malformed',
    message: 'Specified Key Pair name is not valid.',
    raise: create('ecs', { KeyPairName: 'http://x' }),
  },
  {
    service: 'ecs',
    status: 400,
    code: 'KeyPair.AlreadyExist',
    message: 'The key pair already exist.',
    raise: again('ecs', () => undefined, 'first'),
  },
  {
    service: 'ecs',
    status: 400,
    code: 'Duplicate.TagKey',
    message: 'The Tag.N.Key contain duplicate key.',
    raise: create('ecs', { KeyPairName: 'a1', 'Tag.1.Key': 'k', 'Tag.2.Key': 'k' }),
  },
  {
    service: 'ecs',
    status: 400,
    code: 'InvalidTagKey.Malformed',
    message: 'The specified Tag.n.Key is not valid.',
    raise: create('ecs', { KeyPairName: 'a1', 'Tag.1.Key': 'acs:k' }),
  },
  {
    service: 'ecs',
    status: 400,
    code: 'InvalidTagValue.Malformed',
    message: 'The specified Tag.n.Value is not valid.',
    raise: create('ecs', { KeyPairName: 'a1', 'Tag.1.Key': 'k', 'Tag.1.Value': 'see https://x' }),
  },
  {
    service: 'ecs',
    status: 403,
    code: 'QuotaExceed.KeyPair',
    message: 'The key pair quota exceeds.',
    raise: again('ecs', ({ admin }) => admin.setLimits({ 'ecs.keyPairsPerRegion': 1 })),
  },
  {
    service: 'ecs',
    status: 403,
    code: 'QuotaExceed.Tags',
    message: 'The number of tags exceeds the limit of 20.',
    raise: create('ecs', {
      KeyPairName: 'a1',
      ...Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`Tag.${n + 1}.Key`, `k${n}`])),
    }),
  },
  {
    service: 'ecs',
    status: 404,
    code: 'InvalidRegionId.NotFound',
    message: 'The RegionId provided does not exist in our records.',
    raise: create('ecs', { KeyPairName: 'a1', RegionId: 'mars-1' }),
  },
  {
    service: 'ecs',
    status: 404,
    code: 'InvalidResourceGroup.NotFound',
    message: 'The ResourceGroup provided does not exist in our records.',
    raise: create('ecs', { KeyPairName: 'a1', ResourceGroupId: 'rg-nowhere' }),
  },

  {
    ...cvm,
    code: 'FailedOperation.TagKeyReserved',
    message: 'The tag key specified in the request is reserved for the system.',
    raise: create('cvm', { KeyName: 'a1', ProjectId: 0, TagSpecification: tags('qcs:owner') }),
  },
  { ...cvm, code: 'InternalServerError', message: 'Internal error.' },
  {
    ...cvm,
    code: 'InvalidKeyPair.LimitExceeded',
    message: 'The number of key pairs exceeds the limit.',
    raise: again('cvm', ({ admin }) => admin.setLimits({ 'cvm.keyPairs': 1 })),
  },
  {
    ...cvm,
    code: 'InvalidKeyPairName.Duplicate',
    message: 'Key pair name already exists.',
    raise: again('cvm', () => undefined, 'first'),
  },
  {
    ...cvm,
    code: 'InvalidKeyPairNameEmpty',
    message: 'The key name cannot be empty.',
    raise: create('cvm', { KeyName: '', ProjectId: 0 }),
  },
  {
    ...cvm,
    code: 'InvalidKeyPairNameIncludeIllegalChar',
    message: 'The key name contains invalid characters. Key names can only contain letters, numbers and underscores.',
    raise: create('cvm', { KeyName: 'a-b', ProjectId: 0 }),
  },
  {
    ...cvm,
    code: 'InvalidKeyPairNameTooLong',
    message: 'The key name cannot exceed 25 characters.',
    raise: create('cvm', { KeyName: 'a'.repeat(26), ProjectId: 0 }),
  },
  {
    ...cvm,
    code: 'InvalidParameterValue',
    message: 'Incorrect parameter value.',
    raise: create('cvm', { KeyName: 'a1', ProjectId: -1 }),
  },
  {
    ...cvm,
    code: 'InvalidProjectId.NotFound',
    message: 'Invalid project ID: the specified project ID does not exist.',
    raise: create('cvm', { KeyName: 'a1', ProjectId: 4711 }),
  },
  {
    ...cvm,
    code: 'LimitExceeded.TagResourceQuota',
    message: 'Exceeded the upper limit of resources bound to the tag.',
    raise: async (clouds) => {
      clouds.admin.setLimits({ 'cvm.resourcesPerTag': 1 });
      await create('cvm', { KeyName: 'a1', ProjectId: 0, TagSpecification: tags('team') })(clouds);
      return create('cvm', { KeyName: 'a2', ProjectId: 0, TagSpecification: tags('team') })(clouds);
    },
  },
  { ...cvm, code: 'MissingParameter', message: 'Missing parameter.', raise: create('cvm', { KeyName: 'a1' }) },
];

/** The envelope of the answer, exactly as the cloud has it. */
function expectEnvelope({ headers, text }: Answer, { service, code, message }: Row): void {
  const body = JSON.parse(text);
  expect(headers['content-type']).toContain('application/json');
  if (service === 'cvm') {
    expect(body).toEqual({
      Response: { Error: { Code: code, Message: message }, RequestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    });
    return;
  }
  expect(body).toEqual({
    RequestId: expect.stringMatching(/^[0-9A-F-]{36}$/),
    HostId: expect.stringContaining('127.0.0.1'),
    Code: code,
    Message: message,
    Recommend: expect.stringContaining(encodeURIComponent(code)),
  });
}

describe.each(rows)('the error $code of CreateKeyPair on $service', (row) => {
  const { service, status, code, message, raise } = row;

  if (raise) {
    it('is raised by a request', async () => {
      const clouds = await started();
      const answer = await raise(clouds);
      expect(answer).toMatchObject({ status, code, message });
      expectEnvelope(answer, row);
    });
  }

  it('is raised by the fault plan, and no pair is made', async () => {
    const clouds = await started();
    const detail = code === 'InvalidParameter' ? 'the key pair name exists' : message;
    clouds.admin.addFault({ match: { service, action: 'CreateKeyPair' }, fault: { kind: 'refuse', code, detail } });
    const answer = await call(clouds, service, 'CreateKeyPair', createCall(service, 'a1'));
    expect(answer).toMatchObject({ status, code, message });
    expectEnvelope(answer, row);
    expect(clouds.admin.pairs()).toEqual([]);
    expect((await call(clouds, service, 'CreateKeyPair', createCall(service, 'a1'))).code).toBe('');
  });
});

it('the table covers the 29 rows of the three pages', () => {
  const count = (service: ServiceName): number => rows.filter((row) => row.service === service).length;
  expect([count('ens'), count('ecs'), count('cvm')]).toEqual([9, 9, 11]);
});
