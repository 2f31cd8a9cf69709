// Nothing signed can be changed on the way, and nothing that must be signed can be left out.
import { createHash } from 'node:crypto';
import { OpenApiUtil } from '@alicloud/openapi-core';
import { describe, expect, it } from 'vitest';
import { acs3, rpcV1, send, tc3, type Wire } from './support/raw.ts';
import { started } from './support/started.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** One thing changed after signing. */
type Change = (wire: Wire) => Wire;
const header =
  (name: string, value: string): Change =>
  (wire) => ({ ...wire, headers: { ...wire.headers, [name]: value } });
/** The same server by another of its names, which a signature tells apart. */
const anotherName: Change = (wire) => header('host', wire.headers.host!.replace('127.0.0.1', 'localhost'))(wire);
const authorization =
  (from: string | RegExp, to: string): Change =>
  (wire) =>
    header('authorization', wire.headers.authorization!.replace(from, to))(wire);
const query =
  (name: string, value: string): Change =>
  (wire) => {
    const pairs = new URLSearchParams(wire.target.slice(2));
    pairs.set(name, value);
    return { ...wire, target: `/?${pairs}` };
  };
const leftOut =
  (name: string): Change =>
  (wire) => {
    const pairs = new URLSearchParams(wire.target.slice(2));
    pairs.delete(name);
    const { [name]: _gone, ...headers } = wire.headers;
    return { ...wire, headers, target: wire.target === '/' ? '/' : `/?${pairs}` };
  };

describe('a request changed after signing', () => {
  it.each<[string, Change, string]>([
    ['a parameter', query('KeyPairName', 'other'), 'SignatureDoesNotMatch'],
    ['one parameter more', query('Extra', ''), 'SignatureDoesNotMatch'],
    ['the method', (wire) => ({ ...wire, method: 'GET' }), 'SignatureDoesNotMatch'],
    ['the action', header('x-acs-action', 'DeleteKeyPairs'), 'SignatureDoesNotMatch'],
    ['the version', header('x-acs-version', '2014-05-26'), 'SignatureDoesNotMatch'],
    ['the nonce', header('x-acs-signature-nonce', 'other'), 'SignatureDoesNotMatch'],
    ['the host', anotherName, 'SignatureDoesNotMatch'],
    ['the body', (wire) => ({ ...wire, body: 'KeyPairName=other' }), 'SignatureDoesNotMatch'],
    ['the body’s digest', header('x-acs-content-sha256', sha256('x')), 'SignatureDoesNotMatch'],
    ['a header that steers, unsigned', header('x-acs-extra', '1'), 'IncompleteSignature'],
    ['a content type, unsigned', header('content-type', 'application/x-www-form-urlencoded'), 'IncompleteSignature'],
    ['an action that is not signed', authorization('x-acs-action;', ''), 'IncompleteSignature'],
    ['a date that is not signed', authorization('x-acs-date;', ''), 'IncompleteSignature'],
    ['a host that is not signed', authorization('host;', ''), 'IncompleteSignature'],
    ['the signature', authorization(/[0-9a-f]{64}$/, '0'.repeat(64)), 'SignatureDoesNotMatch'],
    ['a signature in capitals', (wire) => authorization(/[0-9a-f]{64}$/, 'A'.repeat(64))(wire), 'IncompleteSignature'],
    ['no authorization', leftOut('authorization'), 'IncompleteSignature'],
    ['no date', leftOut('x-acs-date'), 'MissingParameter'],
    ['no nonce', leftOut('x-acs-signature-nonce'), 'MissingParameter'],
    ['a date of another form', header('x-acs-date', '1 March 2026'), 'InvalidTimeStamp.Format'],
    ['an unknown version', header('x-acs-version', '2000-01-01'), 'InvalidVersion'],
    ['an unknown action', header('x-acs-action', 'StopTheWorld'), 'InvalidAction.NotFound'],
  ])('is refused under ACS3 for the change "%s"', async (_name, change, code) => {
    const clouds = await started();
    const options = { host: `127.0.0.1:${clouds.port}` };
    const wire = acs3('ens', 'CreateKeyPair', { KeyPairName: 'mine' }, clouds.credentials.alibaba, options);
    expect(await send(clouds.port, change(wire))).toMatchObject({ code });
    expect(clouds.admin.pairs()).toEqual([]);
    expect((await send(clouds.port, wire)).code).toBe('');
  });

  it.each<[string, Change, string]>([
    ['a parameter', query('KeyPairName', 'other'), 'SignatureDoesNotMatch'],
    ['one parameter more', query('Extra', ''), 'SignatureDoesNotMatch'],
    [
      'a form that was not there',
      (wire) => ({
        ...wire,
        headers: { ...wire.headers, 'content-type': 'application/x-www-form-urlencoded' },
        body: 'KeyPairName=other',
      }),
      'SignatureDoesNotMatch',
    ],
    ['the method', (wire) => ({ ...wire, method: 'POST' }), 'SignatureDoesNotMatch'],
    ['the action', query('Action', 'DescribeKeyPairs'), 'SignatureDoesNotMatch'],
    ['the nonce', query('SignatureNonce', 'other'), 'SignatureDoesNotMatch'],
    ['the signature', query('Signature', 'AAAAAAAAAAAAAAAAAAAAAAAAAAA='), 'SignatureDoesNotMatch'],
    ['another algorithm', query('SignatureMethod', 'HMAC-SHA256'), 'IncompleteSignature'],
    ['no signature', leftOut('Signature'), 'MissingParameter'],
    ['no nonce', leftOut('SignatureNonce'), 'MissingParameter'],
    ['no key id', leftOut('AccessKeyId'), 'MissingParameter'],
    ['no timestamp', leftOut('Timestamp'), 'IllegalTimestamp'],
    ['a timestamp of another form', query('Timestamp', '2026-03-01 12:00'), 'InvalidTimeStamp.Format'],
    ['no version', leftOut('Version'), 'InvalidVersion'],
  ])('is refused under RPC v1 for the change "%s"', async (_name, change, code) => {
    const clouds = await started();
    const options = { host: `127.0.0.1:${clouds.port}` };
    const wire = rpcV1('ens', 'CreateKeyPair', { KeyPairName: 'mine' }, clouds.credentials.alibaba, options);
    expect(await send(clouds.port, change(wire))).toMatchObject({ code });
    expect(clouds.admin.pairs()).toEqual([]);
    expect((await send(clouds.port, wire)).code).toBe('');
  });

  it.each<[string, Change, string]>([
    ['the body', (wire) => ({ ...wire, body: wire.body.replace('mine', 'ours') }), 'AuthFailure.SignatureFailure'],
    ['the query', (wire) => ({ ...wire, target: '/?a=b' }), 'AuthFailure.SignatureFailure'],
    ['the content type', header('content-type', 'application/json; charset=utf-8'), 'AuthFailure.SignatureFailure'],
    [
      'the timestamp',
      (wire) => header('x-tc-timestamp', `${Number(wire.headers['x-tc-timestamp']) + 1}`)(wire),
      'AuthFailure.SignatureFailure',
    ],
    ['the scope’s day', authorization(/\d{4}-\d\d-\d\d/, '2020-01-01'), 'AuthFailure.SignatureFailure'],
    ['the scope’s service', authorization('/cvm/', '/cbs/'), 'AuthFailure.SignatureFailure'],
    ['the host', anotherName, 'AuthFailure.SignatureFailure'],
    ['a host that is not signed', authorization(';host', ''), 'AuthFailure.InvalidAuthorization'],
    ['no authorization', leftOut('authorization'), 'AuthFailure.InvalidAuthorization'],
    ['another word for it', authorization('TC3-HMAC-SHA256', 'SKIP'), 'AuthFailure.InvalidAuthorization'],
    ['no timestamp', leftOut('x-tc-timestamp'), 'MissingParameter'],
    ['no version', leftOut('x-tc-version'), 'MissingParameter'],
    ['an unknown version', header('x-tc-version', '2000-01-01'), 'NoSuchVersion'],
    ['an unknown action', header('x-tc-action', 'StopTheWorld'), 'InvalidAction'],
    ['another method', (wire) => ({ ...wire, method: 'PUT' }), 'UnsupportedProtocol'],
  ])('is refused under TC3 for the change "%s"', async (_name, change, code) => {
    const clouds = await started();
    const options = { host: `127.0.0.1:${clouds.port}` };
    const wire = tc3('CreateKeyPair', { KeyName: 'mine', ProjectId: 0 }, clouds.credentials.tencent, options);
    expect(await send(clouds.port, change(wire))).toMatchObject({ code, status: 200 });
    expect(clouds.admin.pairs()).toEqual([]);
    expect((await send(clouds.port, wire)).code).toBe('');
  });
});

describe('ACS3’s digest of the body', () => {
  it('must be that of the body, even if a client signs another one beside the right one', async () => {
    const clouds = await started();
    const { accessKeyId, accessKeySecret } = clouds.credentials.alibaba;
    const wire = acs3('ens', 'DescribeKeyPairs', {}, clouds.credentials.alibaba, { host: `127.0.0.1:${clouds.port}` });
    const { authorization: _old, ...signed } = wire.headers;
    const headers = { ...signed, 'x-acs-content-sha256': sha256('x') };
    const request = { method: 'POST', pathname: '/', query: {}, headers };
    const authorization = OpenApiUtil.getAuthorization(
      request as unknown as Parameters<typeof OpenApiUtil.getAuthorization>[0],
      'ACS3-HMAC-SHA256',
      sha256(''),
      accessKeyId,
      accessKeySecret,
    );
    const answer = await send(clouds.port, { ...wire, headers: { ...headers, authorization } });
    expect(answer.code).toBe('SignatureDoesNotMatch');
  });
});

describe('the message of an Alibaba mismatch', () => {
  it('holds the string that the server signs, so that a client can compare', async () => {
    const clouds = await started();
    const wire = rpcV1(
      'ens',
      'CreateKeyPair',
      { KeyPairName: 'mine' },
      { ...clouds.credentials.alibaba, accessKeySecret: 'x' },
      { host: `127.0.0.1:${clouds.port}` },
    );
    const { message } = await send(clouds.port, wire);
    expect(message).toContain('server string to sign is:GET&%2F&AccessKeyId%3D');
    expect(message).toContain('KeyPairName%3Dmine');
  });
});
