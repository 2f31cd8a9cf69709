// Who is let in, and in which words everyone else is turned away; asked by the official SDKs.
import Ecs from '@alicloud/ecs20140526';
import { describe, expect, it } from 'vitest';
import type { AlibabaCredentials, Clouds, TencentCredentials } from '../../local/clouds/clouds.ts';
import { call } from './support/raw.ts';
import { cvmClient, ecsClient, openApiCall, rpcCall } from './support/sdks.ts';
import { started } from './support/started.ts';

const minute = 60_000;
type Ask<C> = (clouds: Clouds, credentials: C) => Promise<unknown>;

const alibaba: Record<string, Ask<AlibabaCredentials>> = {
  'ACS3 (ECS SDK)': (clouds, credentials) =>
    ecsClient(clouds, credentials).describeKeyPairs(new Ecs.DescribeKeyPairsRequest({ regionId: 'cn-hangzhou' })),
  'RPC v1 (ECS SDK)': (clouds, credentials) =>
    ecsClient(clouds, credentials, 'v2').describeKeyPairs(new Ecs.DescribeKeyPairsRequest({ regionId: 'cn-hangzhou' })),
  'ACS3 (openapi-core)': (clouds, credentials) => openApiCall(clouds, credentials)('DescribeKeyPairs', {}),
  'RPC v1 (rpc-client)': (clouds, credentials) => rpcCall(clouds, credentials)('DescribeKeyPairs', {}),
};
const tencent: Record<string, Ask<TencentCredentials>> = Object.fromEntries(
  (['TC3-HMAC-SHA256', 'HmacSHA256', 'HmacSHA1'] as const).map((signMethod) => [
    signMethod,
    (clouds: Clouds, credentials: TencentCredentials) =>
      cvmClient(clouds, credentials, { signMethod }).DescribeKeyPairs({}),
  ]),
);

/** Who asks, after what was done to the server, and the code they get; empty for those who are let in. */
interface Case<C> {
  readonly who: (clouds: Clouds) => C;
  readonly first?: (clouds: Clouds) => void;
  readonly code: string;
}
const good = { code: '' };
const ofAlibaba: Record<string, Case<AlibabaCredentials>> = {
  'the permanent key': { who: ({ credentials }) => credentials.alibaba, ...good },
  'a temporary key with its token': { who: ({ credentials }) => credentials.alibabaSts, ...good },
  'a wrong secret': {
    who: ({ credentials }) => ({ ...credentials.alibaba, accessKeySecret: 'wrong' }),
    code: 'SignatureDoesNotMatch',
  },
  'an unknown key id': {
    who: ({ credentials }) => ({ ...credentials.alibaba, accessKeyId: 'LTAI-nobody' }),
    code: 'InvalidAccessKeyId.NotFound',
  },
  "the other cloud's key": {
    who: ({ credentials: { tencent } }) => ({ accessKeyId: tencent.secretId, accessKeySecret: tencent.secretKey }),
    code: 'InvalidAccessKeyId.NotFound',
  },
  'an inactive key': { who: ({ credentials }) => credentials.alibabaInactive, code: 'InvalidAccessKeyId.Inactive' },
  'a clock 14 minutes behind': {
    who: ({ credentials }) => credentials.alibaba,
    first: ({ admin }) => admin.advanceClock(14 * minute),
    ...good,
  },
  'a clock 16 minutes behind': {
    who: ({ credentials }) => credentials.alibaba,
    first: ({ admin }) => admin.advanceClock(16 * minute),
    code: 'InvalidTimeStamp.Expired',
  },
  'a clock 16 minutes ahead': {
    who: ({ credentials }) => credentials.alibaba,
    first: ({ admin }) => admin.advanceClock(-16 * minute),
    code: 'InvalidTimeStamp.Expired',
  },
  'a clock outside a narrower window': {
    who: ({ credentials }) => credentials.alibaba,
    first: ({ admin }) => {
      admin.setLimits({ 'alibaba.signatureWindowMs': 10_000 });
      admin.advanceClock(20_000);
    },
    code: 'InvalidTimeStamp.Expired',
  },
  'a temporary key without its token': {
    who: ({ credentials: { alibabaSts } }) => ({
      accessKeyId: alibabaSts.accessKeyId,
      accessKeySecret: alibabaSts.accessKeySecret,
    }),
    code: 'MissingSecurityToken',
  },
  'an expired token': {
    who: ({ credentials }) => credentials.alibabaExpired,
    code: 'InvalidSecurityToken.Expired',
  },
  'a malformed token': {
    who: ({ credentials }) => ({ ...credentials.alibabaSts, securityToken: 'nonsense' }),
    code: 'InvalidSecurityToken.Malformed',
  },
  "another key's token": {
    who: ({ credentials: { alibabaExpired, alibabaSts } }) => ({
      ...alibabaSts,
      securityToken: alibabaExpired.securityToken ?? '',
    }),
    code: 'InvalidSecurityToken.MismatchWithAccessKey',
  },
};
const ofTencent: Record<string, Case<TencentCredentials>> = {
  'the permanent key': { who: ({ credentials }) => credentials.tencent, ...good },
  'a temporary key with its token': { who: ({ credentials }) => credentials.tencentSts, ...good },
  'a wrong secret': {
    who: ({ credentials }) => ({ ...credentials.tencent, secretKey: 'wrong' }),
    code: 'AuthFailure.SignatureFailure',
  },
  'an unknown key id': {
    who: ({ credentials }) => ({ ...credentials.tencent, secretId: 'AKID-nobody' }),
    code: 'AuthFailure.SecretIdNotFound',
  },
  'a disabled key': { who: ({ credentials }) => credentials.tencentInactive, code: 'AuthFailure.SecretIdNotFound' },
  'a clock 4 minutes behind': {
    who: ({ credentials }) => credentials.tencent,
    first: ({ admin }) => admin.advanceClock(4 * minute),
    ...good,
  },
  'a clock 6 minutes behind': {
    who: ({ credentials }) => credentials.tencent,
    first: ({ admin }) => admin.advanceClock(6 * minute),
    code: 'AuthFailure.SignatureExpire',
  },
  'a clock 6 minutes ahead': {
    who: ({ credentials }) => credentials.tencent,
    first: ({ admin }) => admin.advanceClock(-6 * minute),
    code: 'AuthFailure.SignatureExpire',
  },
  'a temporary key without its token': {
    who: ({ credentials: { tencentSts } }) => ({ secretId: tencentSts.secretId, secretKey: tencentSts.secretKey }),
    code: 'AuthFailure.TokenFailure',
  },
  'an expired token': { who: ({ credentials }) => credentials.tencentExpired, code: 'AuthFailure.TokenFailure' },
  'a malformed token': {
    who: ({ credentials }) => ({ ...credentials.tencentSts, token: 'nonsense' }),
    code: 'AuthFailure.TokenFailure',
  },
  "another key's token": {
    who: ({ credentials: { tencentExpired, tencentSts } }) => ({ ...tencentSts, token: tencentExpired.token ?? '' }),
    code: 'AuthFailure.TokenFailure',
  },
};

/** rpc-client appends `Error` to every code. */
const codeOf = (answer: Promise<unknown>): Promise<string> =>
  answer.then(
    () => '',
    (error: { code?: string }) => String(error.code).replace(/Error$/, ''),
  );

function table<C>(clients: Record<string, Ask<C>>, cases: Record<string, Case<C>>): void {
  for (const [scheme, ask] of Object.entries(clients)) {
    describe(scheme, () => {
      it.each(Object.entries(cases))(
        'is let in or refused as it should be with %s',
        async (_name, { who, first, code }) => {
          const clouds = await started();
          first?.(clouds);
          expect(await codeOf(ask(clouds, who(clouds)))).toBe(code);
        },
      );
    });
  }
}
table(alibaba, ofAlibaba);
table(tencent, ofTencent);

describe('a key that may sign but nothing else', () => {
  it.each([
    ['ens', 400, 'NoPermission', 'Permission denied.'],
    ['ecs', 403, 'Forbidden.RAM', expect.stringContaining('not authorized')],
    ['cvm', 200, 'UnauthorizedOperation', 'Unauthorized operation.'],
  ] as const)('is refused by %s with %i %s', async (service, status, code, message) => {
    const clouds = await started();
    const { alibabaUnpermitted: alibaba, tencentUnpermitted: tencent } = clouds.credentials;
    const answer = await call(clouds, service, 'DescribeKeyPairs', {}, { alibaba, tencent });
    expect(answer).toMatchObject({ status, code, message });
  });
});

describe('the credentials of a server', () => {
  it('may include added ones, whose account sees none of the others’ pairs', async () => {
    const own = {
      cloud: 'alibaba',
      keyId: 'LTAI-own',
      secret: 's',
      account: 'other',
      active: true,
      permitted: true,
    } as const;
    const clouds = await started({ credentials: [own] });
    const alibaba = { accessKeyId: own.keyId, accessKeySecret: own.secret };
    expect((await call(clouds, 'ens', 'CreateKeyPair', { KeyPairName: 'a1' })).code).toBe('');
    expect((await call(clouds, 'ens', 'DescribeKeyPairs', {}, { alibaba })).body.TotalCount).toBe(0);
    expect((await call(clouds, 'ens', 'CreateKeyPair', { KeyPairName: 'a1' }, { alibaba })).code).toBe('');
  });

  it('have different secrets after each start', async () => {
    const [one, other] = [await started(), await started()];
    expect(one.credentials.alibaba.accessKeyId).toBe(other.credentials.alibaba.accessKeyId);
    expect(one.credentials.alibaba.accessKeySecret).not.toBe(other.credentials.alibaba.accessKeySecret);
    expect(one.credentials.tencent.secretKey).not.toBe(other.credentials.tencent.secretKey);
  });
});
