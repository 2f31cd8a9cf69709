// From a claim to a credential: key, status, time, token, signature, replay, in the order the gateways suggest.
// The two clouds check the same things and differ in their words.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Credential } from '../accounts/credentials.ts';
import type { Refused } from '../refused.ts';
import type { Claim } from './claim.ts';
import type { SeenOnce } from './seen-once.ts';

/** Each cloud's refusals. */
export interface Refusals {
  unknownKey(): Refused;
  inactiveKey(): Refused;
  stale(): Refused;
  tokenMissing(): Refused;
  tokenUnknown(): Refused;
  tokenOfAnotherKey(): Refused;
  tokenExpired(): Refused;
  mismatch(claim: Claim): Refused;
  replayed(): Refused;
}

export interface Verification {
  readonly credentials: readonly Credential[];
  readonly nowMs: number;
  /** How far the client's clock may be off, to either side. */
  readonly windowMs: number;
  readonly seen: SeenOnce;
  readonly refusals: Refusals;
}

/** @throws {Refused} in the cloud's own code */
export function authenticate(claim: Claim, { credentials, nowMs, windowMs, seen, refusals }: Verification): Credential {
  const credential = credentials.find(({ keyId }) => keyId === claim.keyId);
  if (!credential) throw refusals.unknownKey();
  if (!credential.active) throw refusals.inactiveKey();
  if (Math.abs(nowMs - claim.signedAtMs) > windowMs) throw refusals.stale();
  checkToken(claim.token, credential, { credentials, nowMs, refusals });
  if (!claim.stringsToSign.some((text) => sameText(claim.sign(credential.secret, text), claim.signature))) {
    throw refusals.mismatch(claim);
  }
  if (claim.once !== undefined && seen.repeated(`${claim.keyId} ${claim.once}`, nowMs, 2 * windowMs)) {
    throw refusals.replayed();
  }
  return credential;
}

function checkToken(
  token: string | undefined,
  credential: Credential,
  { credentials, nowMs, refusals }: Pick<Verification, 'credentials' | 'nowMs' | 'refusals'>,
): void {
  if (!token) {
    if (credential.token === undefined) return;
    throw refusals.tokenMissing();
  }
  const owner = credentials.find((other) => other.token !== undefined && sameText(other.token, token));
  if (!owner) throw refusals.tokenUnknown();
  if (owner !== credential) throw refusals.tokenOfAnotherKey();
  if (credential.expiresAtMs !== undefined && credential.expiresAtMs <= nowMs) throw refusals.tokenExpired();
}

/** In constant time whatever the lengths: digests are compared, not the texts. */
function sameText(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
