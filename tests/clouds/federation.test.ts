// Temporary credentials for a token of somebody else's issuer: the clouds that stand in as the official clients see them, and our adapters on
// those clouds.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../lib/clock.ts';
import { withRoles } from '../../lib/platforms/role-keys.ts';
import { Secret } from '../../lib/secret.ts';
import { createTransport } from '../../lib/transport/transport.ts';
import { type Clouds, startClouds } from '../../local/clouds/clouds.ts';
import { type ServedIssuer, servedIssuer } from '../../local/stack/issuer.ts';
import { testClock } from '../doubles/test-clock.ts';
import { cvmClient, ecsClient } from './support/sdks.ts';

const ROLE = {
  alibaba: {
    roleArn: 'acs:ram::1000000000000001:role/keyvend',
    oidcProviderArn: 'acs:ram::1000000000000001:oidc-provider/ops',
  },
  tencent: { roleArn: 'qcs::cam::uin/100000000001:roleName/keyvend', providerId: 'ops' },
};

describe('a role instead of an access key', { timeout: 60_000 }, () => {
  let folder: string;
  let tokens: ServedIssuer;
  let clouds: Clouds;
  let tokenFile: string;
  const token = (subject = 'keyvend') => tokens.token(subject, 1);
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'keyvend-role-'));
    tokens = await servedIssuer('sts');
    const at = tokens.url;
    const trust = { issuer: at, audience: 'sts', keys: tokens.keysUri, subject: 'keyvend' };
    clouds = await startClouds({
      federation: [
        { ...trust, cloud: 'alibaba', provider: ROLE.alibaba.oidcProviderArn, roleArn: ROLE.alibaba.roleArn },
        { ...trust, cloud: 'tencent', provider: ROLE.tencent.providerId, roleArn: ROLE.tencent.roleArn },
      ],
    });
    tokenFile = join(folder, 'token');
    writeFileSync(tokenFile, await token());
    writeFileSync(join(folder, 'ca.pem'), clouds.ca);
  });
  afterEach(async () => {
    await clouds.close();
    await tokens.stop();
    rmSync(folder, { recursive: true });
  });

  const keys = (stored: object, clock = systemClock) =>
    withRoles(async () => new Secret(JSON.stringify({ ...stored, tokenFile })), {
      transport: createTransport({ clock: systemClock, ca: clouds.ca }),
      ...{ clock, session: 'keyvend-main' },
      endpoints: { KEYVEND_ALIBABA_STS_ENDPOINT: clouds.tlsEndpoint, KEYVEND_TENCENT_STS_ENDPOINT: clouds.tlsEndpoint },
    });
  const keyOf = async (provider: 'ecs' | 'cvm', stored: object, clock = systemClock) =>
    JSON.parse((await keys(stored, clock)(provider, 'default'))!.reveal());

  it('gives keys that the clouds take, as their official clients find', async () => {
    const alibaba = await keyOf('ecs', ROLE.alibaba);
    const tencent = await keyOf('cvm', ROLE.tencent);
    const { DescribeKeyPairsRequest } = await import('@alicloud/ecs20140526');
    const listed = await ecsClient(clouds, alibaba).describeKeyPairs(
      new DescribeKeyPairsRequest({ regionId: 'cn-hangzhou' }),
    );
    expect(listed.body?.totalCount).toBe(0);
    expect((await cvmClient(clouds, tencent).DescribeKeyPairs({})).TotalCount).toBe(0);
  });

  it('is what the official credential providers ask for as well', async () => {
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') };
    const run = async (script: string) =>
      JSON.parse((await promisify(execFile)(process.execPath, ['-e', script], { env })).stdout);
    const host = new URL(clouds.tlsEndpoint).host;
    const alibaba = await run(`
      const provider = require('@alicloud/credentials/dist/src/providers/oidc_role_arn').default.builder()
        .withRoleArn('${ROLE.alibaba.roleArn}').withOIDCProviderArn('${ROLE.alibaba.oidcProviderArn}')
        .withOIDCTokenFilePath(${JSON.stringify(tokenFile)}).withStsEndpoint('${host}').build();
      provider.getCredentials().then((got) => console.log(JSON.stringify(got)));`);
    expect(alibaba).toMatchObject({ accessKeyId: expect.stringMatching(/^STS\./), securityToken: expect.any(String) });
    const tencent = await run(`
      const { OIDCRoleArnCredential } = require('tencentcloud-sdk-nodejs-common/tencentcloud/common/credential');
      const provider = new OIDCRoleArnCredential({ region: 'ap-guangzhou' }, { RoleArn: '${ROLE.tencent.roleArn}', ProviderId: 'ops',
        RoleSessionName: 'keyvend', WebIdentityToken: require('fs').readFileSync(${JSON.stringify(tokenFile)}, 'utf8') });
      provider.endpoint = '${host}';
      provider.getCredential().then((got) => console.log(JSON.stringify(got)));`);
    expect(tencent).toMatchObject({ secretId: expect.stringMatching(/^AKID/), token: expect.any(String) });
  });

  it('is asked for once, and again before it ends', async () => {
    const clock = testClock(Date.now());
    const source = keys(ROLE.alibaba, clock);
    const asked = () => clouds.admin.requests().filter(({ action }) => action === 'AssumeRoleWithOIDC').length;
    const ids = [];
    for (const minutes of [0, 10, 20, 25]) {
      clock.advance(minutes * 60_000);
      ids.push(JSON.parse((await source('ecs', 'default'))!.reveal()).accessKeyId);
    }
    expect(asked()).toBe(2);
    expect(new Set(ids).size).toBe(2);
  });

  it.each<[string, 'ecs' | 'cvm', object, () => Promise<string>]>([
    ['a token of another subject', 'ecs', ROLE.alibaba, () => token('mallory')],
    ['a token of another subject', 'cvm', ROLE.tencent, () => token('mallory')],
    ['a token that is none', 'ecs', ROLE.alibaba, async () => 'nonsense'],
    ['a role that there is not', 'ecs', { ...ROLE.alibaba, roleArn: 'acs:ram::1:role/other' }, token],
    ['an issuer that is not known', 'cvm', { ...ROLE.tencent, providerId: 'other' }, token],
    ['a role without its issuer', 'ecs', { roleArn: ROLE.alibaba.roleArn }, token],
  ])('is refused for %s (%s), and nothing of the token is told', async (_, provider, role, made) => {
    const text = await made();
    writeFileSync(tokenFile, text);
    const failure = await keyOf(provider, role).then(
      () => undefined,
      (error: Error) => error,
    );
    expect(failure).toMatchObject({ code: 'CREDENTIALS_REFUSED', effect: 'none' });
    expect(JSON.stringify(failure) + failure?.message).not.toContain(text.slice(-20));
  });
});
