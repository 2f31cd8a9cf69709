// What a signed request claims, before any secret is known. One file per scheme turns a request into a claim.
import type { Received } from '../http/received.ts';

export interface Claim {
  readonly keyId: string;
  /** The STS token, where the scheme found one. */
  readonly token: string | undefined;
  /** Milliseconds since the epoch, by the client's clock. */
  readonly signedAtMs: number;
  /** What may come only once inside the window. TC3 signs nothing of the kind, so there a replay verifies. */
  readonly once: string | undefined;
  /** The signature as sent. */
  readonly signature: string;
  /** What the client should have signed; more than one where official SDKs disagree (the port in Tencent's host). */
  readonly stringsToSign: readonly [string, ...string[]];
  /** The text behind the hash in the string to sign (ACS3, TC3), for the message of a mismatch. */
  readonly canonicalRequest?: string;
  /** The signature a holder of `secret` makes of one string to sign, in the encoding it is sent in. */
  sign(secret: string, stringToSign: string): string;
}

/**
 * Reads one scheme's claim. Pure: no clock, no memory, no secret.
 * @throws {Refused} in the cloud's own code when the signature's parts are missing or malformed
 */
export type Scheme = (request: Received) => Claim;
