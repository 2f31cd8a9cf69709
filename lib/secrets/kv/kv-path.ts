// Where a secret is in KV version 2: a folder of its own, so that no level of the tree grows with more than one word of an identity.
// Source: OpenBao refuses `.` and `..` in paths; `spelled` makes neither.
import { type Identity, identityOf } from '../../identity.ts';
import { spelled, spelledBack } from '../spelled.ts';

/** `keyvend/ecs/default/cn-hangzhou/web=3A1`, and in it: */
export interface KvPlace {
  readonly folder: string;
  /** Which versions there are, which one is current, and whose they are. */
  readonly state: string;
  /** For readers: a copy of the current key. */
  readonly current: string;
  /** One attempt's key, or the stone on its grave. */
  version(id: string): string;
}

export function placeOf(prefix: string, { provider, account, region, name }: Identity): KvPlace {
  const folder = [prefix, ...[provider, account, region, name].map(spelled)].join('/');
  return {
    folder,
    state: `${folder}/state`,
    current: `${folder}/current`,
    version: (id) => `${folder}/versions/${checkedVersion(id)}`,
  };
}

/** The identity that a folder below the prefix stands for; undefined for one that `placeOf` did not make. */
export function identityAt(words: readonly string[]): Identity | undefined {
  try {
    const identity = identityOf(words.map(spelledBack).join('/'));
    return placeOf('', identity).folder === ['', ...words].join('/') ? identity : undefined;
  } catch {
    return undefined;
  }
}

function checkedVersion(id: string): string {
  if (!/^[A-Za-z0-9-]{32,64}$/.test(id)) throw new TypeError('a version id is a UUID');
  return id;
}
