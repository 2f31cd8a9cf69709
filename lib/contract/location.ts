// Where a key pair is found over HTTP: its path and query, from its identity and back.
import { DEFAULT_ACCOUNT, defaultRegion, type Identity } from '../identity.ts';
import { identityFrom } from './fields.ts';
import { inQuery, queryFields } from './parse.ts';

/**
 * The path and query where `identityAt` finds the identity again; defaults are left out.
 * @param below the part of it that is meant: `/rotations/<id>`
 */
export function locationOf({ provider, account, region, name }: Identity, below = ''): string {
  const query = new URLSearchParams({
    ...(region === defaultRegion(provider) ? {} : { region }),
    ...(account === DEFAULT_ACCOUNT ? {} : { account }),
  }).toString();
  return `/v1/${provider}/key-pairs/${encodeURIComponent(name)}${below}${query && `?${query}`}`;
}

/**
 * @param parameters those of the path, `provider` and `name`, as they were sent
 * @param also fields of the query that say something else
 * @throws {InvalidRequest}
 */
export function identityAt(
  parameters: Readonly<Record<string, string>>,
  query: URLSearchParams,
  also: readonly string[] = [],
): Identity {
  const { account, region } = queryFields(query, ['account', 'region', ...also]);
  return inQuery(() =>
    identityFrom({ provider: parameters.provider, account, region, name: decoded(parameters.name ?? '') }),
  );
}

/** What cannot be decoded is no name. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return '';
  }
}
