import { describe, expect, it } from 'vitest';
import { accessFrom } from '../../../lib/access/access.ts';
import { compiledFrom, OPEN } from '../../../lib/access/access-document.ts';
import { compile } from '../../../lib/access/compile.ts';
import { identityKey } from '../../../lib/identity.ts';
import { compiledFile } from '../../../local/compiled-file.ts';

const portal = { issuer: 'https://login.example.com', keys: 'https://login.example.com/keys', audience: 'keyvend' };
const grant = {
  id: 'web',
  who: { issuer: 'portal', subject: 'portal' },
  may: ['vend', 'read'],
  on: { provider: ['ecs'], account: ['default'], region: 'any', name: ['web:*'] },
};
const document = { version: 1, issuers: { portal }, grants: [grant] };
const withGrant = (over: object) => ({ ...document, grants: [{ ...grant, ...over }] });
const withIssuer = (over: object) => ({ ...document, issuers: { portal: { ...portal, ...over } } });
const on = (over: object) => withGrant({ on: { ...grant.on, ...over } });
const without = (field: keyof typeof grant.on) => {
  const { [field]: _, ...rest } = grant.on;
  return withGrant({ on: rest });
};

describe('an access document', () => {
  it('is compiled with a digest, by which functions know that it was checked', () => {
    const { compiled, warnings } = compile(document);
    expect(warnings).toEqual([]);
    expect(compiled.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(compiledFrom(JSON.stringify(compiled))).toEqual(compiled);
    expect(accessFrom(JSON.stringify(compiled)).digest).toBe(compiled.digest);
  });

  it.each([
    ['one that was changed afterwards', (json: string) => json.replace('"web:*"', '"*"')],
    ['one that was never compiled', () => JSON.stringify(document)],
    ['no JSON', () => 'access'],
    ['other words', () => OPEN.toUpperCase()],
    ['nothing', () => ''],
  ])('is refused by functions when it is %s', (_, changed) => {
    expect(() => accessFrom(changed(JSON.stringify(compile(document).compiled)))).toThrow(TypeError);
  });

  it('hands the bounds of a grant to whoever uses it', () => {
    const floors = { minCoverage: 0.1, mayRecordHostKeys: true };
    const { compiled } = compile(withGrant({ floors }));
    const who = { kind: 'token', id: 'portal', issuer: 'portal', claims: { sub: 'portal' } } as const;
    const at = { provider: 'ecs', account: 'default', region: 'r', name: 'web:1' } as const;
    expect(accessFrom(JSON.stringify(compiled)).grantFor(who, 'vend', at)?.floors).toEqual(floors);
  });

  it('hands the key of secrets to whoever vends by it, by a grant that lists the key which the request names', () => {
    const limits = { keyPairs: 5 };
    const [limited, listing] = [
      { ...grant, id: 'limited', secretKeys: ['alias/a', 'alias/b'], limits },
      { ...grant, id: 'plain', secretKey: 'alias/usual' },
    ];
    const { compiled, warnings } = compile({ ...document, grants: [limited, listing] });
    expect(warnings).toEqual([]);
    const access = accessFrom(JSON.stringify(compiled));
    const who = { kind: 'token', id: 'portal', issuer: 'portal', claims: { sub: 'portal' } } as const;
    const at = { provider: 'ecs', account: 'default', region: 'r', name: 'web:1' } as const;
    expect(access.grantFor(who, 'vend', at)).toMatchObject({ id: 'plain', secretKey: 'alias/usual' });
    expect(access.grantFor(who, 'vend', at, 'alias/b')?.id).toBe('limited');
    expect(access.grantFor(who, 'vend', at, 'alias/usual')?.id).toBe('plain');
    expect(access.withSecretKey).toEqual(['plain']);
  });

  it('that ships as the example can be used, and nothing about it is doubtful', () => {
    expect(compiledFile('access/example.yaml').warnings).toEqual([]);
  });

  it('allows no more key pairs than fit where they are counted, however long their names are', () => {
    const longest = {
      provider: 'ecs',
      account: 'a'.repeat(32),
      region: 'r'.repeat(63),
      name: 'n'.repeat(129),
    } as const;
    const bytes = (most: number) => most * (Buffer.byteLength(identityKey(longest)) + 1);
    expect(() => compile(withGrant({ limits: { keyPairs: 1_500 } }))).not.toThrow();
    expect(bytes(1_500)).toBeLessThan(400 * 1024); // DynamoDB: the largest item
  });

  it.each<[string, unknown]>([
    ['a field that is not known', { ...document, admins: [] }],
    ['a field that is not known, in a grant', withGrant({ deny: true })],
    ['another version', { ...document, version: 2 }],
    ['no account', without('account')],
    ['no region', without('region')],
    ['no provider', without('provider')],
    ['no name', without('name')],
    ['a bound that there is not', withGrant({ floors: { minHosts: 1 } })],
    ['a bound out of its range', withGrant({ floors: { minCoverage: 1.1 } })],
    ['a bound that is no number', withGrant({ floors: { minOverlapDays: '7' } })],
    ['more key pairs than one item of a ledger holds', withGrant({ limits: { keyPairs: 1_501 } })],
    ['more vends a minute than one item of a ledger holds', withGrant({ limits: { vendsPerMinute: 1_001 } })],
    ['a key of secrets that can be none', withGrant({ secretKey: 'alias/team web' })],
    ['keys of secrets that are one', withGrant({ secretKeys: 'alias/team-web' })],
    ['keys of secrets that are none', withGrant({ secretKeys: [] })],
    ['an empty list', on({ name: [] })],
    ['a right that there is not', withGrant({ may: ['vendor'] })],
    ['a provider that there is not', on({ provider: ['gcp'] })],
    ['a prefix that ends within a word', on({ name: ['team-a*'] })],
    ['a lone asterisk', on({ name: ['*'] })],
    ['an asterisk in the middle', on({ name: ['web*:prod'] })],
    ['two asterisks', on({ name: ['web:**'] })],
    ['a regular expression', on({ name: ['web:.*'] })],
    ['a name that no provider of it permits', on({ provider: ['cvm'], name: ['web:*'] })],
    ['who without anything but an issuer', withGrant({ who: { issuer: 'portal' } })],
    ['who with an empty list', withGrant({ who: { issuer: 'portal', groups: [] } })],
    ['who with empty claims', withGrant({ who: { issuer: 'portal', claims: {} } })],
    ['an issuer that is not there', withGrant({ who: { issuer: 'other', subject: 'a' } })],
    ['an issuer that every object has', withGrant({ who: { issuer: 'constructor', subject: 'a' } })],
    ['groups, where nobody says which claim that is', withGrant({ who: { issuer: 'portal', groups: ['a'] } })],
    ['a subject that is a number', withGrant({ who: { issuer: 'portal', subject: 5 } })],
    ['a subject that begins with a blank', withGrant({ who: { issuer: 'portal', subject: ' a' } })],
    ['a subject with a zero-width space', withGrant({ who: { issuer: 'portal', subject: 'a\u200bb' } })],
    ['a role of AWS without its account', withGrant({ who: { awsRole: { role: 'r' } } })],
    ['a queue without a sender', withGrant({ who: { queue: 'any' } })],
    ['two grants of one id', { ...document, grants: [grant, grant] }],
    ['an issuer with neither audience nor claim', withIssuer({ audience: undefined })],
    ['an issuer whose required claims are none', withIssuer({ audience: undefined, require: {} })],
    ['an issuer without keys', withIssuer({ keys: undefined })],
    ['an issuer whose keys come by http', withIssuer({ keys: 'http://login.example.com/keys' })],
    ['two issuers that are one', { ...document, issuers: { portal, again: portal } }],
    ['no grants', { version: 1, issuers: { portal } }],
    ['a list', [document]],
    ['nothing', null],
  ])('cannot be used with %s', (_, written) => {
    expect(() => compile(JSON.parse(JSON.stringify(written)))).toThrow(/cannot be used/);
  });

  it.each<[string, unknown, RegExp]>([
    [
      'is contained in another',
      {
        ...document,
        grants: [grant, { ...grant, id: 'all', may: 'any', on: { ...grant.on, provider: 'any', name: 'any' } }],
      },
      /web: all allows all of it already/,
    ],
    [
      'has a key for what it does not let anybody vend',
      withGrant({ may: ['read'], secretKey: 'alias/team-web' }),
      /web: its secretKey and secretKeys count for what is vended/,
    ],
    ['lets somebody vend and not read', withGrant({ may: ['vend'] }), /may as well read/],
    ['names what one of its providers does not permit', on({ provider: ['ecs', 'cvm'] }), /cvm permits none/],
    [
      'leaves an issuer without a grant',
      { ...document, issuers: { portal, other: { ...portal, issuer: 'https://b' } } },
      /other: no grant/,
    ],
    [
      'lets a pull request rotate',
      {
        ...document,
        issuers: { portal: { ...portal, issuer: 'https://token.actions.githubusercontent.com' } },
        grants: [{ ...grant, who: { issuer: 'portal', claims: { repository_id: '1' } }, may: ['rotate'] }],
      },
      /pull request/,
    ],
  ])('is warned about when a grant %s', (_, written, warning) => {
    expect(compile(written).warnings.join('\n')).toMatch(warning);
  });
});
