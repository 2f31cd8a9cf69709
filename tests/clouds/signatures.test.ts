// Our reading of each signature against printed vectors and the official signers.
import { createHash } from 'node:crypto';
import { OpenApiUtil } from '@alicloud/openapi-core';
import Sign from 'tencentcloud-sdk-nodejs-common/tencentcloud/common/sign.js';
import { describe, expect, it } from 'vitest';
import { type Received, received } from '../../local/clouds/http/received.ts';
import { readAcs3 } from '../../local/clouds/signatures/acs3.ts';
import type { Claim } from '../../local/clouds/signatures/claim.ts';
import { readRpcV1, rpcSignature, rpcStringToSign } from '../../local/clouds/signatures/rpc-v1.ts';
import { readTc3 } from '../../local/clouds/signatures/tc3.ts';
import { readTencentV1 } from '../../local/clouds/signatures/tencent-v1.ts';
import { acs3, rpcV1, tc3, type Wire } from './support/raw.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const asReceived = ({ method, target, headers, body }: Wire): Received =>
  received(method, target, Object.entries(headers).flat(), Buffer.from(body));
/** Whether the signature is one a holder of the secret makes. */
const verifies = (claim: Claim, secret: string): boolean =>
  claim.stringsToSign.some((text) => claim.sign(secret, text) === claim.signature);

describe('our reading of a signature', () => {
  it('verifies the vector printed for ACS3: RunInstances', () => {
    const claim = readAcs3(
      asReceived({
        method: 'POST',
        target: '/?ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai',
        headers: {
          host: 'ecs.cn-shanghai.aliyuncs.com',
          'x-acs-action': 'RunInstances',
          'x-acs-content-sha256': sha256(''),
          'x-acs-date': '2023-10-26T10:22:32Z',
          'x-acs-signature-nonce': '3156853299f313e23d1673dc12e1703d',
          'x-acs-version': '2014-05-26',
          authorization:
            'ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0',
        },
        body: '',
      }),
    );
    expect(sha256(claim.canonicalRequest ?? '')).toBe(
      '7ea06492da5221eba5297e897ce16e55f964061054b7695beedaac1145b1e259',
    );
    expect(verifies(claim, 'YourAccessKeySecret')).toBe(true);
  });

  it.each([
    [
      'DescribeRegions',
      'AccessKeyId=testid&Action=DescribeRegions&Format=XML&SignatureMethod=HMAC-SHA1&SignatureNonce=3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf&SignatureVersion=1.0&Timestamp=2016-02-23T12%3A46%3A24Z&Version=2014-05-26',
      'OLeaidS1JvxuMvnyHOwuJ+uX5qY=',
    ],
    [
      'CreateKey, which has no nonce',
      'AccessKeyId=testid&Action=CreateKey&Format=json&SignatureMethod=HMAC-SHA1&SignatureVersion=1.0&Timestamp=2016-03-28T03%3A13%3A08Z&Version=2016-01-20',
      '41wk2SSX1GJh7fwnc5eqOfiJPFg=',
    ],
  ])('verifies the vector printed for RPC v1: %s', (_name, query, signature) => {
    const request = asReceived({ method: 'GET', target: `/?${query}`, headers: {}, body: '' });
    expect(rpcSignature('testsecret', rpcStringToSign(request))).toBe(signature);
  });

  it.each([
    {
      signed: 'content-type;host',
      secret: 'Gu5t9xGARNpq86cd98joQYCN3EXAMPLE',
      canonical: '5ffe6a04c0664d6b969fab9a13bdab201d63ee709638e2749d62a09ca18d7031',
      signature: '72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168',
    },
    {
      signed: 'content-type;host;x-tc-action',
      secret: '*'.repeat(32),
      canonical: '7019a55be8395899b900fb5564e4200d984910f34794a27cb3fb7d10ff6a1e84',
      signature: '10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f',
    },
  ])(
    'verifies the vector printed for TC3: DescribeInstances, signing $signed',
    ({ signed, secret, canonical, signature }) => {
      const claim = readTc3(
        asReceived({
          method: 'POST',
          target: '/',
          headers: {
            host: 'cvm.tencentcloudapi.com',
            'content-type': 'application/json; charset=utf-8',
            'x-tc-action': 'DescribeInstances',
            'x-tc-version': '2017-03-12',
            'x-tc-timestamp': '1551113065',
            authorization: `TC3-HMAC-SHA256 Credential=AKID/2019-02-25/cvm/tc3_request, SignedHeaders=${signed}, Signature=${signature}`,
          },
          body: '{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name": "instance-name"}]}',
        }),
      );
      expect(sha256(claim.canonicalRequest ?? '')).toBe(canonical);
      expect(verifies(claim, secret)).toBe(true);
    },
  );
});

/** What clients send and signers stumble over. */
const values = [
  '',
  ' ',
  'a b',
  ' leading and trailing ',
  'a+b',
  'a%2Bb',
  '%',
  '100%25',
  "!'()*~",
  '-_.~',
  'a/b/c',
  'a=b&c=d',
  '?#[]@',
  'キーペア',
  'é',
  '🔑🗝',
  'Zażółć gęślą jaźń',
  '"quoted" \\ back',
  '{"json":["a","b"]}',
  'line\nbreak',
  '\t',
  'x'.repeat(3000),
  'ssh-rsa AAAAB3NzaC1yc2E+/= me@here',
];
const nowMs = Date.parse('2026-03-01T12:34:56Z');
const key = { accessKeyId: 'LTAI-x', accessKeySecret: 's3cret' };
const sts = { ...key, securityToken: 'token/+=' };

describe.each(
  values.map((value, index) => ({ value, shown: JSON.stringify(value.slice(0, 30)), odd: index % 2 === 1 })),
)('a request with the value $shown', ({ value, odd }) => {
  const alibaba = odd ? sts : key;
  const fields = { KeyPairName: value, 'Tag.1.Key': 'k', 'Tag.10.Key': value, 'Tag.2.Key': 'é', A: '' };

  it('is verified when the official signer signs it with ACS3', () => {
    const claim = readAcs3(asReceived(acs3('ecs', 'CreateKeyPair', fields, alibaba, { nowMs, host: 'h:1' })));
    expect(verifies(claim, key.accessKeySecret)).toBe(true);
    expect(claim).toMatchObject({ keyId: 'LTAI-x', signedAtMs: nowMs, token: odd ? 'token/+=' : undefined });
  });

  it('is verified when the official signer signs it with RPC v1, in the query and in a form', () => {
    const wire = rpcV1('ecs', 'CreateKeyPair', fields, alibaba, { nowMs });
    const claim = readRpcV1(asReceived(wire));
    expect(verifies(claim, key.accessKeySecret)).toBe(true);
    expect(claim).toMatchObject({ keyId: 'LTAI-x', signedAtMs: nowMs, token: odd ? 'token/+=' : undefined });

    const all = Object.fromEntries(new URLSearchParams(wire.target.slice(2)));
    delete all.Signature;
    const Signature = OpenApiUtil.getRPCSignature(all, 'POST', key.accessKeySecret);
    const form = new URLSearchParams({ ...all, Signature });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const posted = readRpcV1(asReceived({ method: 'POST', target: '/', headers, body: form.toString() }));
    expect(verifies(posted, key.accessKeySecret)).toBe(true);
  });

  it('is verified when the official signer signs it with TC3', () => {
    const wire = tc3(
      'CreateKeyPair',
      { KeyName: value, Tags: [value] },
      { secretId: 'AKID-x', secretKey: 's3cret' },
      { nowMs },
    );
    expect(verifies(readTc3(asReceived(wire)), 's3cret')).toBe(true);
  });

  it.each(['HmacSHA1', 'HmacSHA256'] as const)(
    'is verified when the official signer signs it with %s',
    (SignatureMethod) => {
      const all = {
        Action: 'CreateKeyPair',
        KeyName: value,
        Nonce: '7',
        SecretId: 'AKID-x',
        SignatureMethod,
        Timestamp: '1772368496',
      };
      // What AbstractClient.formatSignString puts together.
      const names = Object.keys(all).sort() as (keyof typeof all)[];
      const text = `POSTh:1/?${names.map((name) => `${name}=${all[name]}`).join('&')}`;
      const Signature = Sign.default.sign('s3cret', text, SignatureMethod);
      const body = new URLSearchParams({ ...all, Signature }).toString();
      const headers = { host: 'h:1', 'content-type': 'application/x-www-form-urlencoded' };
      expect(verifies(readTencentV1(asReceived({ method: 'POST', target: '/', headers, body })), 's3cret')).toBe(true);
    },
  );
});
