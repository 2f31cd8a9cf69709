import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { identityAndRequest, keyPairRequest } from '../../../lib/contract/key-pair-request.ts';
import { invalidFields } from '../../../lib/contract/problem-of.ts';
import type { ProviderName } from '../../../lib/provider-table.ts';
import { publicKeyLine } from '../../../lib/ssh/public-key.ts';

const ens = { provider: 'ens', name: 'web' };
const ecs = { provider: 'ecs', name: 'web', region: 'cn-hangzhou' };
const cvm = { provider: 'cvm', name: 'web', region: 'ap-tokyo', projectId: 0 };
const requestFor = (body: Record<string, unknown>) => keyPairRequest(body.provider as ProviderName);
const pointers = (body: Record<string, unknown>) => {
  const result = requestFor(body).safeParse(body);
  return result.success ? [] : invalidFields(result.error).map(({ pointer }) => pointer);
};
const manyTags = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 'v']));

describe('a request for a key pair', () => {
  it.each<[string, Record<string, unknown>, string[]]>([
    ['a name alone on ENS', ens, []],
    [
      'a resource group, tags and an account on ECS',
      { ...ecs, resourceGroupId: 'rg-bp67acfmxazb4p', tags: { team: '', Bär: 'x' }, account: 'prod-1' },
      [],
    ],
    ['a project and 19 tags on CVM', { ...cvm, tags: manyTags(19) }, []],
    ['a name of two characters', { ...ens, name: 'ab' }, []],
    ['a name of 128 characters', { ...ecs, name: `a${':_-9'.repeat(31)}abc` }, []],
    ['a name that only begins like a URL', { ...ens, name: 'https-proxy' }, []],
    ['a CVM name of 25 characters', { ...cvm, name: '1'.repeat(25) }, []],
  ])('is accepted with %s', (_, body, expected) => expect(pointers(body)).toEqual(expected));

  it.each<[string, Record<string, unknown>, string[]]>([
    ['a name of one character', { ...ens, name: 'a' }, ['#/name']],
    ['a name of 129 characters', { ...ens, name: 'a'.repeat(129) }, ['#/name']],
    ['a name that begins with a digit', { ...ecs, name: '1web' }, ['#/name']],
    ['a URL for a name', { ...ens, name: 'http://web' }, ['#/name']],
    ['a name with a slash', { ...ecs, name: 'a/b' }, ['#/name']],
    ['a name with a newline', { ...ecs, name: 'web\n' }, ['#/name']],
    ['a name in another script', { ...ecs, name: 'ключ' }, ['#/name']],
    ['a hyphen in a name on CVM', { ...cvm, name: 'web-1' }, ['#/name']],
    ['a name of 26 characters on CVM', { ...cvm, name: 'w'.repeat(26) }, ['#/name']],
    ['a missing region', { provider: 'ecs', name: 'web' }, ['#/region']],
    ['a region on ENS', { ...ens, region: 'cn-hangzhou' }, ['#/region']],
    ['a region that is a host', { ...ecs, region: 'a.b' }, ['#/region']],
    ['a missing project', { ...cvm, projectId: undefined }, ['#/projectId']],
    ['a project that is not an integer', { ...cvm, projectId: '0' }, ['#/projectId']],
    ['two unknown fields and a wrong one', { ...ens, name: '', a: 1, b: 2 }, ['#/name', '#/a', '#/b']],
    ['a tag key that is reserved for Alibaba', { ...ecs, tags: { 'acs:x': 'v' } }, ['#/tags']],
    ["keyvend's own tag", { ...ecs, tags: { keyvend: 'v' } }, ['#/tags/keyvend']],
    ['a tag value that is a URL', { ...ecs, tags: { home: 'https://x' } }, ['#/tags/home']],
    ['twenty tags, since one is ours', { ...ecs, tags: manyTags(20) }, ['#/tags']],
    ['half a surrogate pair in a tag', { ...ecs, tags: { team: '\ud800' } }, ['#/tags/team']],
  ])('is refused for %s, and the answer names every field at fault', (_, body, expected) => {
    expect(pointers(body).sort()).toEqual(expected.sort());
  });

  // Each provider's own rules: what one permits, another may not.
  it.each<[string, object, 'taken' | 'refused', 'taken' | 'refused']>([
    ['a URL for a value', { home: 'https://x' }, 'refused', 'taken'],
    ["Alibaba's own prefix", { 'acs:x': 'v' }, 'refused', 'taken'],
    ["Alibaba's own name", { aliyun: 'v' }, 'refused', 'taken'],
    ["Tencent's own prefix", { 'qcs:x': 'v' }, 'taken', 'refused'],
    ["Tencent's own word", { projectx: 'v' }, 'taken', 'refused'],
    ["Tencent's own word in Chinese", { 项目: 'v' }, 'taken', 'refused'],
    ['a key of 127 characters', { ['k'.repeat(127)]: 'v' }, 'taken', 'taken'],
    ['a key of 128 characters', { ['k'.repeat(128)]: 'v' }, 'taken', 'refused'],
    ['a key of 129 characters', { ['k'.repeat(129)]: 'v' }, 'refused', 'refused'],
    ['127 letters of two units each', { ['𠀀'.repeat(127)]: 'v' }, 'taken', 'taken'],
    ['an empty key', { '': 'v' }, 'refused', 'refused'],
    ['no value', { team: '' }, 'taken', 'refused'],
    ['a value of 128 characters', { team: 'v'.repeat(128) }, 'taken', 'taken'],
    ['a value of 255 characters', { team: 'v'.repeat(255) }, 'refused', 'taken'],
    ['a value of 256 characters', { team: 'v'.repeat(256) }, 'refused', 'refused'],
    ['letters of other scripts', { Bär: 'ключ 東京' }, 'taken', 'taken'],
    ['all that may be beside letters', { '+-=._:/@()[],;><': '（【a b】）：' }, 'taken', 'taken'],
    ['other signs', { 'a#b': 'v' }, 'taken', 'refused'],
    ['other signs in a value', { team: 'a*b' }, 'taken', 'refused'],
    ['a blank at the end', { team: 'v ' }, 'taken', 'refused'],
    ['a blank at the beginning', { ' team': 'v' }, 'taken', 'refused'],
    ['a line end', { team: 'a\nb' }, 'taken', 'refused'],
    ['half a surrogate pair', { team: '\udc00' }, 'refused', 'refused'],
    ['19 of them', manyTags(19), 'taken', 'taken'],
    ['20 of them', manyTags(20), 'refused', 'taken'],
    ['49 of them', manyTags(49), 'refused', 'taken'],
    ['50 of them', manyTags(50), 'refused', 'refused'],
  ])('has tags by the rules of its provider: %s', (_, tags, onEcs, onCvm) => {
    const outcome = (body: Record<string, unknown>) => (pointers({ ...body, tags }).length === 0 ? 'taken' : 'refused');
    expect({ ecs: outcome(ecs), cvm: outcome(cvm) }).toEqual({ ecs: onEcs, cvm: onCvm });
  });

  // What Secrets Manager and KMS both take, whichever of them has the secret.
  it.each<[string, object, 'taken' | 'refused']>([
    ['letters, digits and the signs that both take', { 'Cost-Center_1/a.b+c=d:e@f': '4711/x_y.z+=:@-' }, 'taken'],
    ['a key and a value of 128 characters', { ['k'.repeat(128)]: 'v'.repeat(128) }, 'taken'],
    ['20 of them', manyTags(20), 'taken'],
    ['none', {}, 'taken'],
    ['21 of them', manyTags(21), 'refused'],
    ['a key of 129 characters', { ['k'.repeat(129)]: 'v' }, 'refused'],
    ['a value of 129 characters', { team: 'v'.repeat(129) }, 'refused'],
    ['a blank', { team: 'web team' }, 'refused'],
    ['no value', { team: '' }, 'refused'],
    ['a value that is no text', { team: 1 }, 'refused'],
    ['letters of another script', { Bär: 'v' }, 'refused'],
    ['a backslash, which AWS does not take', { 'a\\b': 'v' }, 'refused'],
    ['the tag that says whose a secret is', { keyvend: 'other' }, 'refused'],
    ["one that begins as keyvend's own do", { 'keyvend-identity-2': 'v' }, 'refused'],
    ['the same in capitals, which policies of AWS take for it', { KeyVend: 'v' }, 'refused'],
    ["AWS's own prefix", { 'aws:x': 'v' }, 'refused'],
    ["AWS's own prefix in capitals", { 'AWS:x': 'v' }, 'refused'],
    ["Alibaba's own prefix", { 'acs:x': 'v' }, 'refused'],
    ["Alibaba's own name", { aliyunx: 'v' }, 'refused'],
    ['a value that begins as such a key', { team: 'keyvend' }, 'taken'],
  ])('may have tags for its secret, by the rules of both stores: %s', (_, secretTags, outcome) => {
    for (const body of [ens, ecs, cvm]) {
      const wrong = pointers({ ...body, secretTags });
      expect(wrong.length === 0 ? 'taken' : 'refused').toBe(outcome);
      for (const pointer of wrong) expect(pointer).toMatch(/^#\/secretTags/);
    }
  });

  it.each<[string, unknown, 'taken' | 'refused']>([
    ['an id', '1234abcd-12ab-34cd-56ef-1234567890ab', 'taken'],
    ['an id of Alibaba', 'key-hzz62f1cb66fa42qo1234', 'taken'],
    ['an alias', 'alias/team/web_1', 'taken'],
    ['an ARN', 'arn:aws:kms:eu-central-1:123456789012:key/mrk-1234abcd', 'taken'],
    ['an ARN of Alibaba', 'acs:kms:cn-hangzhou:123456:key/key-hzz62', 'taken'],
    ['an empty text', '', 'refused'],
    ['a blank', 'alias/team web', 'refused'],
    ['a number', 7, 'refused'],
    ['a text that is too long', 'k'.repeat(513), 'refused'],
  ])('may have a key for its secret: %s', (_, secretKey, outcome) => {
    expect(pointers({ ...ens, secretKey })).toEqual(outcome === 'taken' ? [] : ['#/secretKey']);
  });

  const own = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const publicKey = publicKeyLine(own.publicKey);
  it.each([
    ['alone', publicKey],
    ['with a comment', `${publicKey} me@here`],
    ['with a comment in any letters', `${publicKey} Jörg Müller, 北京`],
    ['as a file has it', `${publicKey} me@here\n`],
    ['as a file of Windows has it', `${publicKey}\r\n`],
  ])('may name a key of its own, which is the same %s', (_, line) => {
    const { request } = identityAndRequest(keyPairRequest('ens').parse({ ...ens, publicKey: line }));
    expect(request).toEqual({ publicKey });
  });

  it.each([
    ['another kind', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ8m5Q3b8oEwQ0Vd8rPjG1b3Qk8T1k9aYpYc2x9b7uQz'],
    ['one that is cut short', publicKey.slice(0, 200)],
    ['two of them', `${publicKey}\n${publicKey}`],
    ['options before it', `no-pty ${publicKey}`],
    ['a private one', own.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()],
    ['nothing', ''],
  ])('is refused once for %s as a key of its own', (_, line) => {
    expect(pointers({ ...ens, publicKey: line })).toEqual(['#/publicKey']);
  });

  it("is refused for too many tags with the remark that one of those permitted is keyvend's own", () => {
    const result = keyPairRequest('ecs').safeParse({ ...ecs, tags: manyTags(20) });
    expect(invalidFields(result.error!)).toEqual([
      { pointer: '#/tags', detail: "has more than 19 tags; one of the 20 that are permitted is keyvend's own" },
    ]);
  });

  it('never has its values repeated in the answer', () => {
    const result = keyPairRequest('ecs').safeParse({
      ...ecs,
      name: 'p4ssw0rd!',
      tags: { team: 'acs:p4ssw0rd' },
      'p4ss w0rd': 1,
    });
    expect(JSON.stringify(invalidFields(result.error!))).not.toMatch(/p4ss/);
  });

  it('names one identity, and says what properties the pair is to have', () => {
    const { identity, request } = identityAndRequest(keyPairRequest('cvm').parse({ ...cvm, tags: { team: 'a' } }));
    expect(identity).toEqual({ provider: 'cvm', account: 'default', region: 'ap-tokyo', name: 'web' });
    expect(request).toEqual({ projectId: 0, tags: { team: 'a' } });
    expect(identityAndRequest(keyPairRequest('ens').parse(ens)).identity.region).toBe('global');
  });
});
