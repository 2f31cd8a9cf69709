// Issuers of tokens for tests: keys made here, published as a set, and tokens with any header and any claims.
import { createSign, generateKeyPairSync } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { bearer } from '../../../lib/access/bearer.ts';
import type { IssuerOptions } from '../../../lib/access/issuer.ts';
import { issuerKeys } from '../../../lib/access/issuer-keys.ts';
import { type TestClock, testClock } from '../../doubles/test-clock.ts';

export const ISSUER = 'https://issuer.example';
export const AUDIENCE = 'keyvend';
/** As long as a request usually has. */
export const LEFT_MS = 28_000;

/** Stands still, unless a test makes one of its own. */
export const clock = testClock();
export const now = (on: TestClock = clock) => Math.floor(on.wallMs() / 1_000);

export interface Signer {
  readonly jwk: JWK;
  /** @returns the value of an Authorization header; `undefined` takes a claim or a header parameter away */
  token(claims?: object, header?: object): Promise<string>;
}

export async function signer(kid = 'k1', alg = 'RS256', on: TestClock = clock): Promise<Signer> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return {
    jwk: { ...(await exportJWK(publicKey)), kid, alg },
    token: async (claims = {}, header = {}) =>
      `Bearer ${await new SignJWT({ ...usual(on), ...claims })
        .setProtectedHeader({ alg, kid, ...header })
        .sign(privateKey)}`,
  };
}

const usual = (on: TestClock) => ({ iss: ISSUER, aud: AUDIENCE, sub: 'portal', iat: now(on), exp: now(on) + 3_600 });

/** By Node alone: it signs with keys, and under headers, that jose refuses. */
export function carelessSigner(kid: string, modulusLength = 2_048): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength });
  // JSON has numbers that JSON.stringify does not write.
  const json = (value: object) => JSON.stringify(value).replace('"1e999"', '1e999');
  const part = (value: object) => Buffer.from(json(value)).toString('base64url');
  return {
    jwk: { ...(publicKey.export({ format: 'jwk' }) as JWK), kid },
    token: async (claims = {}, header = {}) => {
      const text = `${part({ alg: 'RS256', kid, ...header })}.${part({ ...usual(clock), ...claims })}`;
      return `Bearer ${text}.${createSign('sha256').update(text).sign(privateKey).toString('base64url')}`;
    },
  };
}

export type Published = readonly unknown[];

/** An issuer whose keys are at hand. */
export function issuer(keys: Published, over: Partial<IssuerOptions> = {}): IssuerOptions {
  const fetch = async () => ({ keys });
  return {
    name: 'default',
    issuer: ISSUER,
    ...(over.require === undefined && { audience: AUDIENCE }),
    keys: issuerKeys({ name: 'default', fetch, clock, warn: () => {} }),
    ...over,
  };
}

/** The check of a header, for one issuer or several. */
export function verifier(...issuers: readonly IssuerOptions[]) {
  const verify = bearer(issuers, clock);
  return (authorization: string | undefined) => verify(authorization, LEFT_MS);
}

/** @returns who calls, or the code that it is refused with */
export const outcome = (work: Promise<{ readonly id: string }>): Promise<string> =>
  work.then(
    ({ id }) => id,
    (error: { readonly code?: string }) => error.code ?? String(error),
  );
