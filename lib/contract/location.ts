// Where a key pair is found over HTTP: its path and query, from its identity and back. Apart from the schemas, which a function
// that only vends has no use for.
import type { Identity } from '../identity.ts';
import { isProvider } from '../provider-table.ts';
import { InvalidRequest } from './problem-of.ts';

/**
 * Where `oneOf` finds the identity again; what goes without saying is left out.
 * @param below what of it is meant: `/rotations/<id>`
 */
export function locationOf({ provider: word, account, region, name }: Identity, below = ''): string {
  const query = new URLSearchParams({
    ...(word === 'ens' ? {} : { region }),
    ...(account === 'default' ? {} : { account }),
  }).toString();
  return `/v1/${word}/key-pairs/${encodeURIComponent(name)}${below}${query && `?${query}`}`;
}

/** What a path says after the key pair's name: `rotations`, an id. */
export const below = (path: string): string[] => path.split('/').slice(5);

/** @param path `/v1/{provider}/key-pairs/{name}`, and whatever is below it @throws {InvalidRequest} */
export function oneOf(path: string, query: URLSearchParams): Identity {
  const [, , word, , name = ''] = path.split('/');
  if (!isProvider(word)) throw new InvalidRequest([{ pointer: '#/provider', detail: 'is ens, ecs or cvm' }]);
  const region = query.get('region') ?? (word === 'ens' ? 'global' : '');
  if (!/^[a-z0-9-]{1,64}$/.test(region)) throw new InvalidRequest([{ pointer: '#/region', detail: 'is missing' }]);
  const account = query.get('account') ?? 'default';
  return { provider: word, account, region, name: decoded(name) };
}

function decoded(name: string): string {
  try {
    const text = decodeURIComponent(name);
    if (/^[A-Za-z0-9:_-]{1,128}$/.test(text)) return text;
  } catch {}
  throw new InvalidRequest([{ pointer: '#/name', detail: 'is not in the form it has to have' }]);
}
