// The token issuers that a deployment trusts: those of its access document, and the one of its configuration, called `default`.
import type { Access } from '../access/access.ts';
import type { IssuerEntry } from '../access/access-document.ts';
import { keysAt } from '../access/fetch-keys.ts';
import type { IssuerOptions } from '../access/issuer.ts';
import { issuerKeys } from '../access/issuer-keys.ts';
import type { Log } from '../application/runtime.ts';
import type { Clock } from '../clock.ts';
import type { Configuration } from './configuration.ts';

export function issuersFrom(
  configuration: Configuration,
  { issuers }: Pick<Access, 'issuers'>,
  clock: Clock,
  { warn }: Pick<Log, 'warn'>,
): readonly IssuerOptions[] {
  const ofConfiguration = {
    issuer: configuration.KEYVEND_ISSUER,
    keys: configuration.KEYVEND_JWKS_URI,
    audience: configuration.KEYVEND_AUDIENCE,
  };
  const optionsOf = ([name, entry]: readonly [string, IssuerEntry]): IssuerOptions => {
    // Written out, it stands for itself: an audience beside a claim that is required would be one condition more than was meant.
    const { issuer, keys, audience } = entry.issuer === undefined ? { ...entry, ...ofConfiguration } : entry;
    const { require, idTokens, maxLifetimeSeconds = configuration.KEYVEND_TOKEN_LIFETIME_SECONDS } = entry;
    return {
      name,
      issuer: issuer ?? '',
      ...(audience === undefined ? {} : { audience }),
      ...(require === undefined ? {} : { require }),
      ...(idTokens === undefined ? {} : { idTokens }),
      maxLifetimeSeconds,
      keys: issuerKeys({
        name,
        fetch: keysAt(keys ?? ''),
        clock,
        freshMs: configuration.KEYVEND_KEYS_FRESH_SECONDS * 1_000,
        warn,
      }),
    };
  };
  const named = Object.entries(issuers);
  return (named.length === 0 ? [['default', {}] as const] : named).map(optionsOf);
}
