import { describe, expect, it } from 'vitest';
import { fingerprints, normaliseFingerprint } from '../../../lib/ssh/fingerprint.ts';
import { cvmSample } from './keys.ts';

const md5 = '2a:9e:ed:97:1f:57:2c:11:5b:3f:79:22:80:21:e6:51';

it('fingerprints of the sample key are those that ssh-keygen prints', () => {
  expect(fingerprints(cvmSample)).toEqual({ md5, sha256: 'SHA256:7kEDPZu7L8dUNYq/vpqL4n7l16aU8WDpv1jjSUnRDLQ' });
});

describe('normaliseFingerprint', () => {
  it.each([
    md5,
    '2a9eed971f572c115b3f79228021e651',
    '2A9EED971F572C115B3F79228021E651',
    `MD5:${md5}`,
    `md5:${md5.toUpperCase()}`,
    ` ${md5}\n`,
  ])('gives hex with colons for %j', (text) => {
    expect(normaliseFingerprint(text)).toBe(md5);
  });

  it('keeps the number of octets', () => {
    expect(normaliseFingerprint(`SHA1:${'0A'.repeat(20)}`)).toBe(Array(20).fill('0a').join(':'));
    expect(normaliseFingerprint('ab'.repeat(32))).toBe(Array(32).fill('ab').join(':'));
    expect(normaliseFingerprint('AB')).toBe('ab');
  });

  it.each([
    '7880c1ad4687fdbf7a6da2131****',
    '89:f0:ba:62:ac:b8:aa:e1:61:5e:fd:81:69:86:6d:6b:f0:c0:5a:**',
    'SHA256:7kEDPZu7L8dUNYq/vpqL4n7l16aU8WDpv1jjSUnRDLQ',
    'abc',
    'a:bc:d',
    'ab:cdef',
    'ab:',
    'Not Hex',
    '',
  ])('leaves %j as it came, trimmed', (text) => {
    expect(normaliseFingerprint(text)).toBe(text);
    expect(normaliseFingerprint(` ${text}\t`)).toBe(text);
  });
});
