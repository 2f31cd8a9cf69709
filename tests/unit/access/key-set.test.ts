// Which published keys count, and by which algorithm.
import { exportJWK, generateKeyPair, generateSecret } from 'jose';
import { describe, expect, it } from 'vitest';
import { issuerKeys } from '../../../lib/access/issuer-keys.ts';
import { testClock } from '../../doubles/test-clock.ts';
import { AUDIENCE, carelessSigner, clock, ISSUER, issuer, now, outcome, signer, verifier } from './tokens.ts';

const accepted = `${ISSUER} portal`;
const good = await signer('good');

describe('a token is accepted', () => {
  it.each(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'])(
    'when it is signed by %s, whether or not the key names the algorithm',
    async (alg) => {
      const { jwk, token } = await signer('k', alg);
      const { alg: _, ...unnamed } = jwk;
      for (const key of [jwk, unnamed, { ...unnamed, use: 'sig' }, { ...unnamed, key_ops: ['verify'] }])
        expect(await outcome(verifier(issuer([key]))(await token()))).toBe(accepted);
    },
  );

  it('by a key of its own algorithm alone, if it has one', async () => {
    const { jwk, token } = await signer('k', 'RS256');
    for (const alg of ['RS384', 'PS256', 'RS256x', 'none', 'HS256'])
      expect(await outcome(verifier(issuer([{ ...jwk, alg }]))(await token()))).toBe('TOKEN_REFUSED');
  });

  it('by a key for signatures alone', async () => {
    const { jwk, token } = await signer('k', 'RS256');
    for (const other of [{ use: 'enc' }, { use: '' }, { use: null }, { key_ops: ['encrypt'] }, { key_ops: [] }])
      expect(await outcome(verifier(issuer([{ ...jwk, ...other }]))(await token()))).toBe('TOKEN_REFUSED');
  });

  it('by either of two keys that share a `kid`, so that neither locks the other out', async () => {
    const other = await signer('good');
    const stranger = await signer('good');
    const verify = verifier(issuer([good.jwk, other.jwk, good.jwk]));
    expect(await outcome(verify(await good.token()))).toBe(accepted);
    expect(await outcome(verify(await other.token()))).toBe(accepted);
    expect(await outcome(verify(await other.token({ exp: now() - 60 })))).toBe('TOKEN_EXPIRED');
    expect(await outcome(verify(await stranger.token()))).toBe('TOKEN_REFUSED');
  });

  it('without a `kid` as well, when one of the keys has signed it', async () => {
    const other = await signer('other');
    const verify = verifier(issuer([good.jwk, other.jwk]));
    expect(await outcome(verify(await other.token({}, { kid: undefined })))).toBe(accepted);
    expect(await outcome(verify(await (await signer('x')).token({}, { kid: undefined })))).toBe('TOKEN_REFUSED');
  });

  it.each<[string, unknown]>([
    ['null', null],
    ['a word', 'key'],
    ['a list', []],
    ['an empty object', {}],
    ['a kind of key from the future', { kty: 'NEW', kid: 'good' }],
    ['a modulus that is none', { kty: 'RSA', kid: 'good', n: 5, e: 'AQAB' }],
    ['a point that is not on its curve', { kty: 'EC', crv: 'P-256', kid: 'good', x: 'AA', y: 'AA' }],
    ['an RSA key without an exponent', { kty: 'RSA', kid: 'good', n: good.jwk.n }],
  ])('though %s stands among the keys', async (_, odd) => {
    expect(await outcome(verifier(issuer([odd, good.jwk]))(await good.token()))).toBe(accepted);
  });

  it('by no key that cannot be read, which is not our own failure', async () => {
    const point = { kty: 'EC', crv: 'P-256', kid: 'ec', x: 'AA', y: 'AA' };
    const { token } = await signer('ec', 'ES256');
    expect(await outcome(verifier(issuer([point]))(await token()))).toBe('TOKEN_REFUSED');
  });
});

describe('a key that must not count', async () => {
  const weak = carelessSigner('weak', 1_024);
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
  const secret = await generateSecret('HS256', { extractable: true });
  const published = [
    weak.jwk,
    { ...(await exportJWK(privateKey)), kid: 'private' },
    { ...(await exportJWK(secret)), kid: 'symmetric' },
    { ...(await exportJWK(publicKey)), kid: 'encrypts', use: 'enc' },
    { ...carelessSigner('encrypts weakly', 1_024).jwk, use: 'enc' },
    good.jwk,
  ];

  it('is left out, named to an operator once, and the others serve', async () => {
    const warned: object[] = [];
    const time = testClock(clock.wallMs());
    const warn = (_: string, fields: object) => void warned.push(fields);
    const keys = issuerKeys({ name: 'default', fetch: async () => ({ keys: published }), clock: time, warn });
    const verify = verifier(issuer([], { keys }));
    for (let times = 0; times < 3; times += 1) {
      expect(await outcome(verify(await good.token()))).toBe(accepted);
      time.advance(300_000);
    }
    expect(warned).toEqual([
      { issuer: 'default', kid: 'weak', reason: 'weak RSA' },
      { issuer: 'default', kid: 'private', reason: 'private' },
      { issuer: 'default', kid: 'symmetric', reason: 'symmetric' },
    ]);
  });

  it.each([512, 1_024, 2_047])(
    'since it is an RSA key of %i bits makes its tokens refused by a code of their own',
    async (bits) => {
      const { jwk, token } = carelessSigner('weak', bits);
      expect(await outcome(verifier(issuer([jwk, good.jwk]))(await token()))).toBe('TOKEN_KEY_WEAK');
      const { n, ...rest } = jwk;
      const zeros = Buffer.concat([Buffer.alloc(256), Buffer.from(n!, 'base64url')]).toString('base64url');
      expect(await outcome(verifier(issuer([{ ...rest, n: zeros }]))(await token()))).toBe('TOKEN_KEY_WEAK');
    },
  );

  it('since anyone can sign for its exponent of 1 makes its tokens refused as well', async () => {
    const { jwk, token } = carelessSigner('weak');
    for (const e of ['AQ', 'AAE', 'AA', ''])
      expect(await outcome(verifier(issuer([{ ...jwk, e }]))(await token()))).toBe('TOKEN_KEY_WEAK');
  });

  it('says nothing against a token of another key', async () => {
    const verify = verifier(issuer(published));
    expect(await outcome(verify(await (await signer('unknown')).token()))).toBe('TOKEN_REFUSED');
    expect(await outcome(verify(await (await signer('private')).token()))).toBe('TOKEN_REFUSED');
  });

  it('gives way to a better one of the same `kid`', async () => {
    const better = await signer('weak');
    expect(await outcome(verifier(issuer([weak.jwk, better.jwk]))(await better.token()))).toBe(accepted);
  });

  it('is never the key of a token that was signed with what everybody can read', async () => {
    const { SignJWT } = await import('jose');
    const claims = { iss: ISSUER, aud: AUDIENCE, sub: 'portal', exp: now() + 60 };
    const token = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'symmetric' }).sign(secret);
    expect(await outcome(verifier(issuer(published))(`Bearer ${token}`))).toBe('TOKEN_REFUSED');
  });
});
