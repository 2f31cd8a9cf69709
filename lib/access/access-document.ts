// The access document as a function reads it: compiled, and checked when it was (compile.ts). Its digest says that it was.

import type { Bounds } from '../policy-bounds.ts';
import type { ProviderName } from '../provider-table.ts';
import type { Right } from '../rights.ts';
import { sha256Hex } from '../sha256.ts';

/** One text, or one of a list. */
export type OneOf = string | readonly string[];

/** Whose a grant is. All that it says must hold. */
export type Who =
  | {
      /** By the name that it has among `issuers`. */
      readonly issuer: string;
      readonly subject?: OneOf;
      readonly client?: OneOf;
      readonly groups?: OneOf;
      readonly scopes?: OneOf;
      readonly claims?: Readonly<Record<string, OneOf>>;
    }
  | { readonly awsRole: { readonly account: string; readonly role: string } }
  | { readonly awsUser: { readonly account: string; readonly user: string } }
  | { readonly queue: OneOf; readonly sender: OneOf };

export type Any = 'any';

/** Where a grant holds. Every field is written out. */
export interface On {
  readonly provider: readonly ProviderName[] | Any;
  readonly account: readonly string[] | Any;
  readonly region: readonly string[] | Any;
  /** As patterns.ts reads them. */
  readonly name: readonly string[] | Any;
}

export interface Grant {
  readonly id: string;
  readonly who: Who;
  readonly may: readonly Right[] | Any;
  readonly on: On;
  readonly limits?: { readonly vendsPerMinute?: number; readonly keyPairs?: number };
  /** The key of the store's that secrets get which are vended by it, where the request names none. */
  readonly secretKey?: string;
  /** Those that a request may name. */
  readonly secretKeys?: readonly string[] | Any;
  /** Bounds of the policies that are put by it, in place of the configuration's: tighter or looser. */
  readonly floors?: Bounds;
}

/** Who is believed, and what its claims are called. `default` is the one of the configuration, unless it is written out. */
export interface IssuerEntry {
  readonly issuer?: string;
  readonly keys?: string;
  readonly audience?: OneOf;
  readonly require?: Readonly<Record<string, OneOf>>;
  readonly idTokens?: boolean;
  readonly maxLifetimeSeconds?: number;
  /** The paths of claims (claims.ts). */
  readonly client?: string;
  readonly groups?: string;
  readonly scopes?: string;
}

export interface AccessDocument {
  readonly version: 1;
  readonly issuers: Readonly<Record<string, IssuerEntry>>;
  readonly grants: readonly Grant[];
}

export interface CompiledAccess {
  /** SHA-256 of the document's JSON, in hex. */
  readonly digest: string;
  readonly document: AccessDocument;
}

/** In these words, and no others, a deployment says that there is no document. */
export const OPEN = 'every valid token may do everything';

export const digestOf = (document: AccessDocument): string => sha256Hex(JSON.stringify(document));

/** @throws {TypeError} for anything that compile.ts did not make */
export function compiledFrom(json: string): CompiledAccess {
  const compiled = objectFrom(json);
  if (compiled?.document?.version === 1 && digestOf(compiled.document) === compiled.digest) return compiled;
  throw new TypeError(
    'KEYVEND_ACCESS is no access document that was checked: make it with npx keyvend access compile FILE',
  );
}

function objectFrom(json: string): CompiledAccess | undefined {
  try {
    return JSON.parse(json) as CompiledAccess;
  } catch {
    return undefined;
  }
}
