// The token issuers that a deployment trusts, from its configuration.
import { keysAt } from '../access/fetch-keys.ts';
import type { IssuerOptions } from '../access/issuer.ts';
import { issuerKeys } from '../access/issuer-keys.ts';
import type { Log } from '../application/runtime.ts';
import type { Clock } from '../clock.ts';
import type { Configuration } from './configuration.ts';

const NAME = 'default';

export const issuersFrom = (
  configuration: Configuration,
  clock: Clock,
  { warn }: Pick<Log, 'warn'>,
): readonly IssuerOptions[] => [
  {
    name: NAME,
    issuer: configuration.KEYVEND_ISSUER,
    audience: configuration.KEYVEND_AUDIENCE,
    maxLifetimeSeconds: configuration.KEYVEND_TOKEN_LIFETIME_SECONDS,
    keys: issuerKeys({
      name: NAME,
      fetch: keysAt(configuration.KEYVEND_JWKS_URI),
      clock,
      freshMs: configuration.KEYVEND_KEYS_FRESH_SECONDS * 1_000,
      warn,
    }),
  },
];
