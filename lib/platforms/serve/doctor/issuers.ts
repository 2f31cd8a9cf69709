// Whether the issuers whose tokens are taken can be asked for their keys, and are the ones that the configuration means.
import { keysAt } from '../../../access/fetch-keys.ts';
import type { IssuerOptions } from '../../../access/issuer.ts';
import { keySetOf } from '../../../access/key-set.ts';
import { type Finding, note, ok, wrong } from './finding.ts';

const PATIENCE_MS = 5_000;

export async function lookAtIssuer({
  name,
  issuer,
  keys,
}: Pick<IssuerOptions, 'name' | 'issuer'> & { readonly keys: string }): Promise<readonly Finding[]> {
  let document: unknown;
  try {
    document = await keysAt(keys)(PATIENCE_MS);
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unreadable';
    return [
      wrong(
        'issuer',
        `the keys of issuer ${name} cannot be had (${why})`,
        'Set jwks-uri, or let this machine connect there.',
      ),
    ];
  }
  const usable = usableIn(document);
  if (usable === 0)
    return [
      wrong(
        'issuer',
        `issuer ${name} publishes no key that tokens can be verified with`,
        'Set jwks-uri to its JWK Set (RFC 7517) with RSA or EC signing keys.',
      ),
    ];
  return [
    ok('issuer', `issuer ${name} publishes ${usable} ${usable === 1 ? 'key' : 'keys'}`),
    ...(await discovered(name, issuer, keys)),
  ];
}

function usableIn(document: unknown): number {
  try {
    return keySetOf(document).size;
  } catch {
    return 0;
  }
}

/** Where the issuer describes itself, it has to be the same. Source: OpenID Connect Discovery 1.0, section 4. */
async function discovered(name: string, issuer: string, keys: string): Promise<readonly Finding[]> {
  if (!/^https?:/.test(issuer)) return [];
  const at = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const said = await keysAt(at)(PATIENCE_MS).catch(() => undefined);
  const { issuer: own, jwks_uri: uri } = (said ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof own !== 'string') return [];
  return [
    ...(own === issuer
      ? []
      : [
          wrong(
            'issuer',
            `issuer ${name} calls itself something else, so its tokens are refused`,
            `Set issuer to exactly what ${at} says.`,
          ),
        ]),
    ...(uri === keys
      ? []
      : [note('issuer', `issuer ${name} says that its keys are elsewhere`, `Compare jwks-uri with ${at}.`)]),
  ];
}
