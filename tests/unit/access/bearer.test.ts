import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { bearer } from '../../../lib/access/bearer.ts';
import type { IssuerOptions } from '../../../lib/access/issuer.ts';
import { AUDIENCE, clock, ISSUER, issuer, now, outcome, signer, verifier } from './tokens.ts';

const good = await signer('k1');
const other = await signer('k1'); // the same key id, another key
const verify = verifier(issuer([good.jwk]));

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const claims = { iss: ISSUER, aud: AUDIENCE, sub: 'portal', exp: now() + 3_600 };
/** Signed with the public key as if it were a shared secret. */
const confused = () => {
  const text = `${base64url({ alg: 'HS256', kid: 'k1' })}.${base64url(claims)}`;
  return `${text}.${createHmac('sha256', JSON.stringify(good.jwk)).update(text).digest('base64url')}`;
};

describe('the check of a bearer token', () => {
  it('says who is calling, by which issuer, and all that the token says', async () => {
    const caller = await verify(await good.token({ scope: 'vend' }));
    expect(caller).toMatchObject({
      id: `${ISSUER} portal`,
      issuer: 'default',
      claims: { sub: 'portal', scope: 'vend' },
    });
    expect(await verify((await good.token()).replace('Bearer', 'bearer'))).toMatchObject({ id: `${ISSUER} portal` });
  });

  it.each<[string, string, () => Promise<string | undefined> | string | undefined]>([
    ['a request without a token', 'TOKEN_MISSING', () => undefined],
    ['a token under another scheme', 'TOKEN_MISSING', () => 'Basic dXNlcjpwYXNz'],
    ['an empty token', 'TOKEN_MISSING', () => 'Bearer '],
    ['a token that is not a JWT', 'TOKEN_REFUSED', () => 'Bearer a.b.c'],
    ['a token that only its issuer can read', 'TOKEN_REFUSED', () => 'Bearer 2YotnFZFEjr1zCsicMWpAA+/~=='],
    ['an encrypted token', 'TOKEN_REFUSED', () => 'Bearer a.b.c.d.e'],
    ['an expired token', 'TOKEN_EXPIRED', () => good.token({ exp: now() - 60 })],
    ['a token for another service', 'TOKEN_AUDIENCE', () => good.token({ aud: 'billing' })],
    ['a token for no service', 'TOKEN_AUDIENCE', () => good.token({ aud: undefined })],
    ['a token from another issuer', 'TOKEN_REFUSED', () => good.token({ iss: 'https://evil.example' })],
    ['a token from an issuer that is spelled otherwise', 'TOKEN_REFUSED', () => good.token({ iss: `${ISSUER}/` })],
    ['a token from nobody', 'TOKEN_REFUSED', () => good.token({ iss: undefined })],
    ['a token from several issuers', 'TOKEN_REFUSED', () => good.token({ iss: [ISSUER] })],
    ['a token that never expires', 'TOKEN_REFUSED', () => good.token({ exp: undefined })],
    ['a token signed with another key', 'TOKEN_REFUSED', () => other.token()],
    ['a token that brings its own key', 'TOKEN_REFUSED', () => other.token({}, { jwk: other.jwk })],
    [
      'a token that says where its key is',
      'TOKEN_REFUSED',
      () => other.token({}, { jku: 'https://evil.example/jwks' }),
    ],
    ['an unsigned token', 'TOKEN_REFUSED', () => `Bearer ${base64url({ alg: 'none' })}.${base64url(claims)}.`],
    ['a token signed with a shared secret', 'TOKEN_REFUSED', () => `Bearer ${confused()}`],
  ])('refuses %s', async (_, code, header) => {
    await expect(verify(await header())).rejects.toMatchObject({ name: 'VendingError', code });
  });

  it('never repeats what a token says, neither to the caller nor as a cause for the log', async () => {
    const said = 'mallory-was-here';
    for (const [over, header] of [
      [{ exp: now() - 60, said }],
      [{ aud: said }],
      [{ sub: `${said}\n` }],
      [{ iss: said }],
      [{ nbf: now() + 60, said }],
      [{ token_use: 'id', said }],
      [{}, { typ: said }],
      [{}, { kid: said }],
    ] as const) {
      const error = await verify(await good.token(over, header)).then(
        () => 'accepted',
        (refused: Error) => `${refused.message} ${refused.cause} ${JSON.stringify(refused)}`,
      );
      expect(error).toContain('token');
      expect(error).not.toContain(said);
    }
  });
});

describe('several issuers', async () => {
  const staff = await signer('k1');
  const build = await signer('k1');
  const at = (name: string) => `https://${name}.example`;
  const both = verifier(
    issuer([staff.jwk], { name: 'staff', issuer: at('staff'), audience: ['keyvend', 'https://keyvend.example'] }),
    issuer([build.jwk], { name: 'build', issuer: at('build'), require: { project: ['7', '8'], token_use: 'access' } }),
  );
  const wanted = { iss: at('build'), aud: undefined, project: '7', token_use: 'access' };

  it('are told apart by `iss`, and equal subjects of two issuers are two callers', async () => {
    expect(await both(await staff.token({ iss: at('staff') }))).toMatchObject({
      id: `${at('staff')} portal`,
      issuer: 'staff',
    });
    expect(await both(await build.token(wanted))).toMatchObject({ id: `${at('build')} portal`, issuer: 'build' });
  });

  it('vouch for themselves alone: the key of one does not sign for another', async () => {
    expect(await outcome(both(await build.token({ iss: at('staff') })))).toBe('TOKEN_REFUSED');
    expect(await outcome(both(await staff.token(wanted)))).toBe('TOKEN_REFUSED');
  });

  it('may have several audiences, of which a token names one', async () => {
    const token = (aud: unknown) => staff.token({ iss: at('staff'), aud });
    expect(await outcome(both(await token('https://keyvend.example')))).toBe(`${at('staff')} portal`);
    expect(await outcome(both(await token(['other', 'keyvend'])))).toBe(`${at('staff')} portal`);
    for (const aud of [['other'], [], 'keyvend.example', {}, { keyvend: true }, [['keyvend']]])
      expect(await outcome(both(await token(aud)))).toBe('TOKEN_AUDIENCE');
  });

  it.each<[object, string]>([
    [{ project: '8' }, 'accepted'],
    [{ project: ['1', '8'] }, 'accepted'],
    [{ project: 7 }, 'TOKEN_AUDIENCE'],
    [{ project: '77' }, 'TOKEN_AUDIENCE'],
    [{ project: '7 8' }, 'TOKEN_AUDIENCE'],
    [{ project: undefined }, 'TOKEN_AUDIENCE'],
    [{ token_use: true }, 'TOKEN_AUDIENCE'],
    [{ token_use: undefined, aud: 'keyvend' }, 'TOKEN_AUDIENCE'],
  ])('may require claims instead: with %j a token is %s', async (over, expected) => {
    const said = await outcome(both(await build.token({ ...wanted, ...over })));
    expect(said.startsWith('https:') ? 'accepted' : said).toBe(expected);
  });

  it('may have both, and then a token needs both', async () => {
    const strict = verifier(issuer([good.jwk], { audience: 'keyvend', require: { 'realm_access.roles': 'vend' } }));
    const roles = { realm_access: { roles: ['read', 'vend'] } };
    expect(await outcome(strict(await good.token(roles)))).toBe(`${ISSUER} portal`);
    expect(await outcome(strict(await good.token({ ...roles, aud: 'other' })))).toBe('TOKEN_AUDIENCE');
    expect(await outcome(strict(await good.token()))).toBe('TOKEN_AUDIENCE');
  });

  it.each<[string, (one: IssuerOptions) => readonly IssuerOptions[]]>([
    ['there are none', () => []],
    ['one has neither an audience nor a required claim', ({ audience: _, ...one }) => [one]],
    ['one requires no claim at all', ({ audience: _, ...one }) => [{ ...one, require: {} }]],
    ['an audience is empty', (one) => [{ ...one, audience: '' }]],
    ['a list of audiences is empty', (one) => [{ ...one, audience: [] }]],
    ['a required claim can be nothing', (one) => [{ ...one, require: { token_use: [] } }]],
    ['a required claim can be empty', (one) => [{ ...one, require: { token_use: ['access', ''] } }]],
    ['two have the same `iss`', (one) => [one, { ...one, name: 'other' }]],
    ['two have the same name', (one) => [one, { ...one, issuer: 'https://other.example' }]],
    ['an `iss` is empty', (one) => [{ ...one, issuer: '' }]],
    [
      'an `iss` has a blank, so that it would not be clear where a subject begins',
      (one) => [{ ...one, issuer: 'a b' }],
    ],
    ['no token could be short enough', (one) => [{ ...one, maxLifetimeSeconds: 0 }]],
  ])('are refused at the start when %s', (_, issuers) => {
    expect(() => bearer(issuers(issuer([good.jwk])), clock)).toThrow(TypeError);
  });
});
