import { createHmac } from 'node:crypto';
import { exportJWK, generateKeyPair, type JSONWebKeySet, type JWTPayload, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { bearer } from '../../../lib/access/bearer.ts';
import { testClock } from '../../doubles/test-clock.ts';

const issuer = 'https://issuer.example';
const audience = 'keyvend';
const clock = testClock();
const now = () => Math.floor(clock.wallMs() / 1_000);

async function signer(kid: string) {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: 'RS256' };
  const token = (claims: Record<string, unknown> = {}) =>
    new SignJWT({ iss: issuer, aud: audience, sub: 'portal', exp: now() + 3_600, ...claims } as JWTPayload)
      .setProtectedHeader({ alg: 'RS256', kid })
      .sign(privateKey);
  return { jwk, token };
}
const good = await signer('k1');
const other = await signer('k1'); // the same key id, another key
const verify = (keys: JSONWebKeySet = { keys: [good.jwk] }) =>
  bearer({ issuer, audience, keys: async () => keys, nowMs: () => clock.wallMs() });

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const claims = { iss: issuer, aud: audience, sub: 'portal', exp: now() + 3_600 };
/** Signed with the public key as if it were a shared secret. */
const confused = () => {
  const text = `${base64url({ alg: 'HS256', kid: 'k1' })}.${base64url(claims)}`;
  return `${text}.${createHmac('sha256', JSON.stringify(good.jwk)).update(text).digest('base64url')}`;
};

describe('the check of a bearer token', () => {
  it('says who is calling', async () => {
    expect(await verify()(`Bearer ${await good.token()}`)).toEqual({ id: `${issuer} portal` });
    expect(await verify()(`bearer ${await good.token()}`)).toEqual({ id: `${issuer} portal` });
  });

  it.each<[string, string, () => Promise<string | undefined> | string | undefined]>([
    ['a request without a token', 'TOKEN_MISSING', () => undefined],
    ['a token under another scheme', 'TOKEN_MISSING', () => 'Basic dXNlcjpwYXNz'],
    ['an empty token', 'TOKEN_MISSING', () => 'Bearer '],
    ['a token that is not a JWT', 'TOKEN_REFUSED', () => 'Bearer a.b.c'],
    ['an expired token', 'TOKEN_EXPIRED', async () => `Bearer ${await good.token({ exp: now() - 1 })}`],
    ['a token for another service', 'TOKEN_AUDIENCE', async () => `Bearer ${await good.token({ aud: 'billing' })}`],
    [
      'a token from another issuer',
      'TOKEN_REFUSED',
      async () => `Bearer ${await good.token({ iss: 'https://evil.example' })}`,
    ],
    ['a token that is not valid yet', 'TOKEN_REFUSED', async () => `Bearer ${await good.token({ nbf: now() + 60 })}`],
    ['a token that never expires', 'TOKEN_REFUSED', async () => `Bearer ${await good.token({ exp: undefined })}`],
    ['a token signed with another key', 'TOKEN_REFUSED', async () => `Bearer ${await other.token()}`],
    ['an unsigned token', 'TOKEN_REFUSED', () => `Bearer ${base64url({ alg: 'none' })}.${base64url(claims)}.`],
    ['a token signed with a shared secret', 'TOKEN_REFUSED', () => `Bearer ${confused()}`],
  ])('refuses %s', async (_, code, header) => {
    await expect(verify()(await header())).rejects.toMatchObject({ name: 'VendingError', code });
  });

  it('accepts a key published later once it fetches the keys again, which it does at most once a minute', async () => {
    const next = await signer('k2');
    let asked = 0;
    const published: JSONWebKeySet = { keys: [good.jwk] };
    const check = bearer({
      issuer,
      audience,
      nowMs: () => clock.wallMs(),
      keys: async () => {
        asked += 1;
        return { keys: [...published.keys] };
      },
    });
    await check(`Bearer ${await good.token()}`);
    published.keys.push(next.jwk);
    await expect(check(`Bearer ${await next.token()}`)).rejects.toMatchObject({ code: 'TOKEN_REFUSED' });
    expect(asked).toBe(1);
    clock.advance(60_000);
    expect(await check(`Bearer ${await next.token()}`)).toEqual({ id: `${issuer} portal` });
    expect(asked).toBe(2);
  });
});
