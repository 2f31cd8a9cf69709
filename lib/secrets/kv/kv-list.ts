// Everything of a deployment's, by walking the tree: providers, accounts, regions, names. Pages start after an identity.
import { type Identity, identityKey, identityOf } from '../../identity.ts';
import { together } from '../../together.ts';
import type { SecretPage, StoredSecret } from '../secret-store.ts';
import { cursorAfter, PAGE, positionOf } from '../secrets-cursor.ts';
import { spelled } from '../spelled.ts';
import { readersPath } from './kv-copy.ts';
import { identityAt, placeOf } from './kv-path.ts';
import type { KvScope } from './kv-scope.ts';
import { stateIn, storedSecret } from './kv-state.ts';

/** How many states are read at a time. */
const AT_ONCE = 8;
/** Provider, account, region, name. */
const LEVELS = 4;

export async function list(scope: KvScope, cursor?: string): Promise<SecretPage> {
  const after = cursor === undefined ? undefined : identityOf(positionOf(cursor));
  const found: Identity[] = [];
  for await (const identity of identitiesAfter(scope, after)) {
    if (found.length === PAGE)
      return { secrets: await shown(scope, found), cursor: cursorAfter(identityKey(found.at(-1)!)) };
    found.push(identity);
  }
  return { secrets: await shown(scope, found) };
}

/** In the order of their folders, as the server has them: `name/` with its slash. */
async function* identitiesAfter({ kv, prefix }: KvScope, after: Identity | undefined): AsyncGenerator<Identity> {
  const from = after && [after.provider, after.account, after.region, after.name].map(spelled);
  async function* below(words: readonly string[], edge: readonly string[] | undefined): AsyncGenerator<Identity> {
    const [word] = edge ?? [];
    const isLast = words.length === LEVELS - 1;
    // Where the last page ended, a folder is walked once more, for what comes after that in it.
    const names = await kv.list([prefix, ...words].join('/'), word !== undefined && isLast ? `${word}/` : '');
    for (const name of names) {
      if (!name.endsWith('/') || (word !== undefined && name < `${word}/`)) continue;
      const inner = [...words, name.slice(0, -1)];
      if (!isLast) yield* below(inner, name === `${word}/` ? edge?.slice(1) : undefined);
      else {
        const identity = identityAt(inner);
        if (identity !== undefined) yield identity;
      }
    }
  }
  yield* below([], from);
}

/** What is somebody else's is left out, and so is what cannot be read as a state of ours. */
async function shown(scope: KvScope, identities: readonly Identity[]): Promise<StoredSecret[]> {
  const { kv, prefix, deployment } = scope;
  const secrets: (StoredSecret | undefined)[] = [];
  await together([...identities.entries()], AT_ONCE, async ([i, identity]) => {
    const { data } = await kv.read(placeOf(prefix, identity).state);
    const state = data && stateIn(data);
    if (state?.deployment === deployment && state.identity === identityKey(identity))
      secrets[i] = storedSecret(identity, readersPath(scope, identity), state);
  });
  return secrets.filter((secret) => secret !== undefined);
}
