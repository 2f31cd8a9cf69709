import { describe, expect, it } from 'vitest';
import { carelessSigner, ISSUER, issuer, now, outcome, signer, verifier } from './tokens.ts';

const { jwk, token } = await signer();
const verify = verifier(issuer([jwk]));
const accepted = `${ISSUER} portal`;
const said = async (claims: object, header: object = {}, by = verify) => outcome(by(await token(claims, header)));

describe('the time of a token', () => {
  it.each<[string, object, string]>([
    ['expired within the tolerance of two clocks', { exp: now() - 4 }, accepted],
    ['expired before that', { exp: now() - 5 }, 'TOKEN_EXPIRED'],
    ['becomes valid within the tolerance', { nbf: now() + 5 }, accepted],
    ['becomes valid later', { nbf: now() + 6 }, 'TOKEN_EARLY'],
    ['was issued within the tolerance', { iat: now() + 5 }, accepted],
    ['was issued in the future', { iat: now() + 6 }, 'TOKEN_EARLY'],
    ['does not say when it was issued', { iat: undefined }, accepted],
    ['was issued at a word', { iat: 'yesterday' }, 'TOKEN_REFUSED'],
    ['becomes valid at a word', { nbf: '0' }, 'TOKEN_REFUSED'],
    ['expires at a word', { exp: String(now() + 60) }, 'TOKEN_REFUSED'],
    ['is valid for a day', { exp: now() + 86_400 }, accepted],
    ['is valid for longer than a day', { exp: now() + 86_406 }, 'TOKEN_LIFETIME'],
    ['is valid for fifty years', { exp: now() + 50 * 31_536_000 }, 'TOKEN_LIFETIME'],
    [
      'is valid for fifty years and hides since when',
      { exp: now() + 50 * 31_536_000, iat: undefined },
      'TOKEN_LIFETIME',
    ],
    ['was valid for long, most of which is over', { iat: now() - 90_000, exp: now() + 60 }, 'TOKEN_LIFETIME'],
  ])('that %s', async (_, claims, expected) => {
    expect(await said(claims)).toBe(expected);
  });

  it('is limited as the issuer is configured, or not at all, but there is always an end', async () => {
    const short = verifier(issuer([jwk], { maxLifetimeSeconds: 600 }));
    expect(await said({ exp: now() + 600 }, {}, short)).toBe(accepted);
    expect(await said({ exp: now() + 606 }, {}, short)).toBe('TOKEN_LIFETIME');
    const unlimited = verifier(issuer([jwk], { maxLifetimeSeconds: Number.POSITIVE_INFINITY }));
    expect(await said({ exp: now() + 50 * 31_536_000 }, {}, unlimited)).toBe(accepted);
    const careless = carelessSigner('k1');
    const endless = verifier(issuer([careless.jwk], { maxLifetimeSeconds: Number.POSITIVE_INFINITY }));
    expect(await outcome(endless(await careless.token({ exp: '1e999' })))).toBe('TOKEN_LIFETIME');
  });
});

describe('the subject of a token', () => {
  it.each([
    'portal',
    'c',
    '5',
    'auth0|5f7c',
    'repo:acme@12/web@34:ref:refs/heads/main',
    'system:serviceaccount:build:deployer',
    'Zoë Müller',
    'x'.repeat(255),
  ])('may be "%s"', async (sub) => {
    expect(await said({ sub })).toBe(`${ISSUER} ${sub}`);
  });

  it.each([
    undefined,
    null,
    5,
    true,
    {},
    ['mallory'],
    '',
    ' ',
    '\t',
    '\u3000',
    'a\nb',
    'a\u0000',
    'a\u007f',
    'a\u0085',
    'a\u2028b',
    'a\u202eb',
    '\ud800',
    'x'.repeat(256),
  ])('cannot be %j', async (sub) => {
    expect(await said({ sub })).toBe('TOKEN_REFUSED');
  });
});

describe('the kind of a token', () => {
  it.each([undefined, 'JWT', 'jwt', 'at+jwt', 'AT+JWT', 'application/at+jwt', 'Application/At+Jwt'])(
    'is accepted when its header says %s',
    async (typ) => {
      expect(await said({}, { typ })).toBe(accepted);
    },
  );

  it.each([
    'logout+jwt',
    'application/logout+jwt',
    'id+jwt',
    'dpop+jwt',
    'secevent+jwt',
    'application/jwt+x',
    'text/at+jwt',
    'at+jwt ',
    '',
    5,
    null,
    ['JWT'],
    ['at+jwt'],
    {},
  ])('is refused when its header says %j', async (typ) => {
    expect(await said({}, { typ })).toBe('TOKEN_KIND');
  });

  const ofLogin = [
    { nonce: 'n' },
    { at_hash: 'h' },
    { c_hash: 'h' },
    { s_hash: 'h' },
    { token_use: 'id' },
    { typ: 'ID' },
  ];
  const ofNoCall = [
    { events: { 'http://schemas.openid.net/event/backchannel-logout': {} } },
    { events: null },
    { typ: 'Refresh' },
    { typ: 'Offline' },
    { typ: 'Logout' },
    { typ: ['Logout'] },
  ];

  it.each([...ofLogin, ...ofNoCall])('is refused when it says %j', async (claims) => {
    expect(await said(claims)).toBe('TOKEN_KIND');
  });

  it.each([{ token_use: 'access' }, { typ: 'Bearer' }])('is accepted when it says %j', async (claims) => {
    expect(await said(claims)).toBe(accepted);
  });

  describe('at an issuer whose ID tokens are meant', () => {
    const login = verifier(issuer([jwk], { idTokens: true }));
    it.each(ofLogin)('is accepted when it says %j', async (claims) => {
      expect(await said(claims, {}, login)).toBe(accepted);
    });
    it.each(ofNoCall)('is still refused when it says %j', async (claims) => {
      expect(await said(claims, {}, login)).toBe('TOKEN_KIND');
    });
    it('is still refused when its header says logout+jwt', async () => {
      expect(await said({}, { typ: 'logout+jwt' }, login)).toBe('TOKEN_KIND');
    });
  });
});

describe('the header of a token', () => {
  const careless = carelessSigner('k1');
  const by = verifier(issuer([careless.jwk]));

  it.each<[string, object]>([
    [
      'demands an extension that nobody here knows',
      { crit: ['https://example.com/new'], 'https://example.com/new': 1 },
    ],
    ['demands one that it does not have', { crit: ['https://example.com/new'] }],
    ['demands a payload that is not encoded', { crit: ['b64'], b64: false }],
    ['demands nothing, at length', { crit: [] }],
    ['demands what the standard has anyway', { crit: ['alg'] }],
    ['demands by a word instead of a list', { crit: 'b64', b64: true }],
    ['has a payload that may not be encoded', { crit: ['b64'], b64: 'no' }],
    ['names two algorithms', { alg: ['RS256'] }],
    ['names no algorithm', { alg: undefined }],
  ])('makes it refused when it %s, though it is signed', async (_, header) => {
    expect(await outcome(by(await careless.token()))).toBe(accepted);
    expect(await outcome(by(await careless.token({}, header)))).toBe('TOKEN_REFUSED');
  });
});
