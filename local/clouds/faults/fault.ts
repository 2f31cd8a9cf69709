// What can be made to go wrong with one call, and for which calls. Rules are data: they come in over the admin endpoint.
import type { DigestName } from '../keys/digests.ts';
import type { PrivateKeyFormat } from '../keys/private-key-formats.ts';
import type { byThemselves } from '../protocols/protocol.ts';
import type { ServiceName } from '../state/registry.ts';
import type { echoForms, echoPlaces } from './echo.ts';

/** Before or after the call has had its effect on the server. After is the cruel one: the client cannot tell. */
export type When = 'before-commit' | 'after-commit';

export type Fault = {
  /** Waits first; alone (`kind: 'delay'`) or before the rest. */
  readonly delayMs?: number;
  /** Where it waits; default `before-commit`. */
  readonly delayWhen?: When;
} & (
  | { readonly kind: 'delay'; readonly delayMs: number }
  /** Any documented code; any other one with `status` and `message`. `detail` fills a message's `%s`. */
  | {
      readonly kind: 'refuse';
      readonly code: string;
      readonly status?: number;
      readonly message?: string;
      readonly detail?: string;
      readonly when?: When;
    }
  | { readonly kind: 'throttle'; readonly retryAfterMs?: number }
  | { readonly kind: 'drop'; readonly when: When }
  | { readonly kind: 'stall'; readonly when: When }
  /** An HTML page, as a load balancer answers; default 502. */
  | { readonly kind: 'server-error'; readonly status?: number; readonly when: When }
  | { readonly kind: 'empty-body' }
  /** `length`: the connection ends before the promised length; `json`: half of the text with a length that fits. */
  | { readonly kind: 'truncated'; readonly how: 'length' | 'json' }
  | { readonly kind: 'malformed-json' }
  /** A path such as `KeyPairId` or `KeyPair.PrivateKey`; in every entry of a list. */
  | { readonly kind: 'missing-field'; readonly field: string }
  | { readonly kind: 'wrong-type'; readonly field: string }
  /** Alibaba's error fields in an answer with status 200. */
  | { readonly kind: 'error-in-200'; readonly code: string }
  /** The fingerprint of another key; for CVM, which has none, another public key. */
  | { readonly kind: 'wrong-fingerprint' }
  | { readonly kind: 'other-private-key' }
  /** How this one answer hashes and spells the key. */
  | {
      readonly kind: 'variant';
      readonly digest?: DigestName;
      readonly colons?: boolean;
      readonly format?: PrivateKeyFormat;
    }
  /** The answer repeats its private key, or a part of it, in another place. */
  | { readonly kind: 'echo'; readonly place: (typeof echoPlaces)[number]; readonly form: (typeof echoForms)[number] }
  /** Pads the answer with blanks behind its JSON; default 8 MiB. */
  | { readonly kind: 'oversized'; readonly bytes?: number }
  /** Sends the answer in pieces; default 16 bytes every 50 ms. */
  | { readonly kind: 'trickle'; readonly bytes?: number; readonly everyMs?: number }
);
export type FaultKind = Fault['kind'];

export interface FaultRule {
  /** All given fields must fit; with none given, every call fits. */
  readonly match?: {
    readonly service?: ServiceName | (typeof byThemselves)[number];
    readonly action?: string;
    readonly name?: string;
    readonly region?: string;
  };
  /** How many calls it takes; default 1. */
  readonly times?: number | 'always';
  /** How many fitting calls pass first; default 0. */
  readonly skip?: number;
  readonly fault: Fault;
}
