// Every row of the error tables on the clouds' CreateKeyPair pages, raised by the local cloud and read by the adapter.
// Where a key-pair request can cause the row, one does; the others ("planned") are put there by the fault plan.
import { describe, expect, it } from 'vitest';
import type { Effect, FailureCode } from '../../lib/errors.ts';
import type { NewPair } from '../../lib/providers/provider.ts';
import { type ServiceName, serviceNames } from '../../local/clouds/state/registry.ts';
import { failureOf } from './key-pair-provider.ts';
import { type LocalHarness, localCloud } from './local-clouds.ts';

type Cause = 'planned' | ((cloud: LocalHarness) => Promise<Partial<NewPair>> | Partial<NewPair>);
type Row = [upstreamCode: string, code: FailureCode, effect: Effect, cause: Cause];

const call = { timeoutMs: 10_000 };
const tagged = (key: string, value = 'v') => ({ tags: { [key]: value } });
const manyTags = { tags: Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`key${i}`, 'v'])) };
const taken = async ({ provider, pair }: LocalHarness) => {
  await provider.create(pair('web_1'), call);
  return {};
};
const full = ({ clouds }: LocalHarness) => {
  clouds.admin.setLimits({ 'ens.keyPairs': 0, 'ecs.keyPairsPerRegion': 0, 'cvm.keyPairs': 0 });
  return {};
};

const rows: Record<ServiceName, Row[]> = {
  ens: [
    ['MissingParameter', 'INVALID_REQUEST', 'none', () => ({ name: '' })],
    ['NoPermission', 'PERMISSION_DENIED', 'none', 'planned'],
    ['InvalidParameter.KeyPairName', 'INVALID_REQUEST', 'unknown', () => ({ name: '1-digit-first' })],
    ['InvalidParameter', 'INVALID_REQUEST', 'unknown', 'planned'],
    ['InvalidSecurityGroupId.NotFound', 'CLOUD_REFUSED', 'unknown', 'planned'],
    ['SecurityGroupRuleConflict.Duplicated', 'CLOUD_REFUSED', 'unknown', 'planned'],
    ['AuthorizationLimitExceed', 'CLOUD_REFUSED', 'unknown', 'planned'],
    ['ens.interface.error', 'OUTCOME_UNKNOWN', 'unknown', 'planned'],
    ['CallInterface', 'OUTCOME_UNKNOWN', 'unknown', 'planned'],
  ],
  ecs: [
    ['InvalidKeyPairName.Malformed', 'INVALID_REQUEST', 'none', () => ({ name: 'http://web' })],
    ['KeyPair.AlreadyExist', 'NAME_TAKEN', 'unknown', taken],
    ['Duplicate.TagKey', 'TAGS_REFUSED', 'unknown', 'planned'], // an object cannot hold a key twice
    ['InvalidTagKey.Malformed', 'TAGS_REFUSED', 'unknown', () => tagged('acs:mine')],
    ['InvalidTagValue.Malformed', 'TAGS_REFUSED', 'unknown', () => tagged('site', 'http://a')],
    ['QuotaExceed.KeyPair', 'QUOTA_REACHED', 'none', full],
    ['QuotaExceed.Tags', 'TAG_QUOTA_REACHED', 'unknown', () => manyTags],
    ['InvalidRegionId.NotFound', 'REGION_UNKNOWN', 'none', () => ({ region: 'xx-nowhere-9' })],
    ['InvalidResourceGroup.NotFound', 'RESOURCE_GROUP_UNKNOWN', 'none', () => ({ resourceGroupId: 'rg-none' })],
  ],
  cvm: [
    ['FailedOperation.TagKeyReserved', 'TAGS_REFUSED', 'unknown', () => tagged('qcs:mine')],
    ['InternalServerError', 'OUTCOME_UNKNOWN', 'unknown', 'planned'],
    ['InvalidKeyPair.LimitExceeded', 'QUOTA_REACHED', 'none', full],
    ['InvalidKeyPairName.Duplicate', 'NAME_TAKEN', 'unknown', taken],
    ['InvalidKeyPairNameEmpty', 'INVALID_REQUEST', 'none', () => ({ name: '' })],
    ['InvalidKeyPairNameIncludeIllegalChar', 'INVALID_REQUEST', 'none', () => ({ name: 'web-1' })],
    ['InvalidKeyPairNameTooLong', 'INVALID_REQUEST', 'none', () => ({ name: 'w'.repeat(26) })],
    ['InvalidParameterValue', 'INVALID_REQUEST', 'none', 'planned'],
    ['InvalidProjectId.NotFound', 'PROJECT_UNKNOWN', 'none', () => ({ projectId: 424242 })],
    [
      'LimitExceeded.TagResourceQuota',
      'TAG_QUOTA_REACHED',
      'unknown',
      ({ clouds }) => {
        clouds.admin.setLimits({ 'cvm.resourcesPerTag': 0 });
        return tagged('team');
      },
    ],
    ['MissingParameter', 'INVALID_REQUEST', 'none', 'planned'],
  ],
};

for (const provider of serviceNames) {
  const start = localCloud(provider);

  describe(`a row of ${provider.toUpperCase()}'s CreateKeyPair page`, () => {
    it.each(rows[provider])('%s comes out as %s, with the effect %s', async (upstreamCode, code, effect, cause) => {
      const cloud = await start();
      const over = cause === 'planned' ? {} : await cause(cloud);
      if (cause === 'planned') cloud.fault('create', { kind: 'refuse', code: upstreamCode, detail: 'KeyPairName' });
      const before = cloud.names().length;
      const failure = await failureOf(cloud.provider.create({ ...cloud.pair('web_1'), ...over }, call));
      expect(failure).toMatchObject({ name: 'VendingError', code, effect, upstreamCode });
      expect(failure.requestId).toMatch(/^[0-9A-Fa-f-]{36}$/);
      expect(failure.message).toContain(upstreamCode);
      expect(cloud.names()).toHaveLength(before);
    });
  });

  describe(`a refusal by ${provider.toUpperCase()} at the door`, () => {
    const refusals: [what: string, code: FailureCode, act: (cloud: LocalHarness) => void][] = [
      ['a credential without permission', 'PERMISSION_DENIED', () => {}],
      ['a wrong secret', 'CREDENTIALS_REFUSED', () => {}],
      [
        'a request that was signed long ago',
        'CLOCK_SKEWED',
        ({ clouds }) => void clouds.admin.advanceClock(16 * 60_000),
      ],
      ['a request that comes too fast', 'THROTTLED', ({ throttle }) => throttle('create', 1_500)],
    ];
    it.each(refusals)('has its code and no effect for %s', async (what, code, act) => {
      const cloud = await start();
      act(cloud);
      const { alibaba, alibabaUnpermitted, tencent, tencentUnpermitted } = cloud.clouds.credentials;
      const credentials = what.includes('permission')
        ? { alibaba: alibabaUnpermitted, tencent: tencentUnpermitted }
        : what.includes('secret')
          ? { alibaba: { ...alibaba, accessKeySecret: 'guess' }, tencent: { ...tencent, secretKey: 'guess' } }
          : { alibaba, tencent };
      const failure = await failureOf(cloud.as(credentials).create(cloud.pair('web_1'), call));
      expect(failure).toMatchObject({ code, effect: 'none' });
      expect(cloud.names()).toEqual([]);
    });
  });
}

describe('an unknown code of a cloud', () => {
  const start = localCloud('ecs');
  it.each([
    ['Brand.New', 400, 'CLOUD_REFUSED'],
    ['Brand.New', 500, 'OUTCOME_UNKNOWN'],
    ['Forbidden.Anything', 403, 'PERMISSION_DENIED'],
    ['InvalidKeyPairName.Malformed', 500, 'OUTCOME_UNKNOWN'],
    ['Throttling.Whatever', 503, 'THROTTLED'],
  ])('comes out by its kind and status: %s with %i is %s', async (upstreamCode, status, code) => {
    const cloud = await start();
    cloud.fault('create', { kind: 'refuse', code: upstreamCode, status, message: 'm' });
    const failure = await failureOf(cloud.provider.create(cloud.pair('web_1'), call));
    const never = code === 'PERMISSION_DENIED' || code === 'THROTTLED';
    expect(failure).toMatchObject({ code, upstreamCode, effect: never ? 'none' : 'unknown' });
  });

  it('is not repeated when it could be anything', async () => {
    const cloud = await start();
    const code = '-----BEGIN RSA PRIVATE KEY-----';
    cloud.fault('create', { kind: 'refuse', code, status: 400, message: code });
    const failure = await failureOf(cloud.provider.create(cloud.pair('web_1'), call));
    expect(failure.upstreamCode).toBe('unprintable');
    expect(failure.message).not.toContain('BEGIN');
  });
});
