// What is told of a cloud's answer (ids, fingerprints, codes, request ids) has the form that it should have, and no part of the
// private key that came with it.
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fingerprintIn, idIn } from '../../../lib/providers/fields.ts';
import { repeatsKey } from '../../../lib/providers/key-echo.ts';
import { type Operation, refused, requestIdIn } from '../../../lib/providers/outcome.ts';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
const base64 = pem.replace(/-----[^-]*-----|\s/g, '');
const operation: Operation = { service: 'ens', refusals: new Map(), action: 'CreateKeyPair', changes: true };
const idOf = (KeyPairId: unknown, key: unknown = pem) => idIn(operation, { fields: { KeyPairId }, key });

describe('a part of a key', () => {
  it.each([0, 1, 2, 3, 700])('is found in base64 wherever it begins: at %i', (from) => {
    for (const before of ['', 'ssh-', 'x', 'ab'])
      expect(repeatsKey(pem, `${before}${base64.slice(from, from + 16)}`)).toBe(true);
  });

  it.each([0, 1, 600])('is found in hex wherever it begins: at %i', (from) => {
    const hex = Buffer.from(base64, 'base64')
      .toString('hex')
      .slice(from, from + 16);
    for (const word of [hex, hex.toUpperCase(), hex.replace(/..(?!$)/g, '$&:')])
      expect(repeatsKey(pem, word)).toBe(true);
  });

  it('is found whatever the spelling of the key that came', () => {
    for (const key of [pem, pem.replaceAll('\n', '\\n'), base64, Buffer.from(pem).toString('base64')])
      expect(repeatsKey(key, base64.slice(300, 320))).toBe(true);
  });

  it('is not found in what has nothing of it', () => {
    const words = [
      'ssh-5oqob0ljvw41ch6shtiscox',
      'skey-9aw29h32',
      '7d8c:ad',
      '473469C7-AA6F-4DC5-B3DB-A3DC0DE3C83E',
      '',
    ];
    for (const word of words) expect(repeatsKey(pem, word), word).toBe(false);
    expect(repeatsKey(undefined, base64)).toBe(false);
  });
});

describe('an id', () => {
  it.each(['ssh-50cynkq42ls3a2tb5zi9qxxxx', 'ssh-bp67acfmxazb4p', 'skey-1'])('is %s', (id) => {
    expect(idOf(id)).toBe(id);
  });

  it.each([
    ['the key itself', pem],
    ['a line of it', pem.split('\n')[1]],
    ['a piece of it that looks like an id', `ssh-${base64.replace(/[+/=]/g, '').slice(0, 12)}${base64.slice(0, 9)}`],
    ['longer than any', 'a'.repeat(64)],
    ['two lines', 'ssh-1\nx'],
    ['with a blank', 'ssh 1'],
    ['empty', ''],
    ['a number', 7],
  ])('is not %s; then it is not known what was done', (_, id) => {
    expect(() => idOf(id)).toThrow(expect.objectContaining({ code: 'OUTCOME_UNKNOWN', effect: 'unknown' }));
  });
});

describe('a fingerprint', () => {
  it.each([
    ['a8:75:05', 'a8:75:05'],
    ['MD5:A87505', 'a8:75:05'],
    ['7880c1ad****', '7880c1ad****'],
    [`SHA256:${'a'.repeat(43)}`, `SHA256:${'a'.repeat(43)}`],
  ])('may be %s', (given, expected) => {
    expect(fingerprintIn(given, pem)).toBe(expected);
  });

  it.each([pem, base64.slice(0, 64), 'x y', 7, `SHA256:${base64.slice(0, 43)}`])('is not %j', (given) => {
    expect(fingerprintIn(given, pem)).toBeUndefined();
  });
});

describe('what is told of a refusal', () => {
  const told = (code: string, requestId: unknown) =>
    refused(
      operation,
      { code, requestId: requestIdIn(requestId, pem), key: pem },
      {
        status: 400,
        headers: {},
        body: Buffer.alloc(0),
      },
    );

  it('is its code and its request id, which may have a tab behind it', () => {
    const requestId = '125B04C7-3D0D-4245-AF96-14E3758E3F06';
    expect(told('InvalidKeyPair.NotFound', `${requestId}\t`)).toMatchObject({
      upstreamCode: 'InvalidKeyPair.NotFound',
      requestId,
    });
  });

  it.each([pem, base64.slice(0, 40), 'a'.repeat(64), 'Not Found', '', '<html>', 'Code\n'])(
    'is neither a code nor a request id that is %j',
    (word) => {
      const { upstreamCode, requestId, message, effect } = told(word, word);
      expect({ upstreamCode, requestId, effect }).toEqual({
        upstreamCode: 'unprintable',
        requestId: undefined,
        effect: 'unknown',
      });
      if (word !== '') expect(message).not.toContain(word);
    },
  );
});
