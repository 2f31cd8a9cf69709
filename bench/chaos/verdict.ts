// What is left of the promises when everything is over, by what anybody can see: the official clients' lists, the API's metadata,
// the stored keys, and the search for keys where none may be.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pagesOf } from '../../lib/pages.ts';
import { Secret } from '../../lib/secret.ts';
import type { SecretStore } from '../../lib/secrets/secret-store.ts';
import { fingerprintEvidence } from '../../lib/ssh/evidence.ts';
import { parsePrivateKey } from '../../lib/ssh/private-key.ts';
import { samePublicKey } from '../../lib/ssh/public-key.ts';
import type { Book, Order } from './clients.ts';
import { type Listed, listed } from './listed.ts';

export interface Verdict {
  readonly pairs: number;
  readonly acknowledged: number;
  /** Acknowledged, and there is no pair, no stored key, or another one's; or the API says something else by now. */
  readonly lost: number;
  /** A pair without a stored key, or a stored key without a pair. */
  readonly orphaned: number;
  /** Names that were answered with two different pairs. */
  readonly twoAnswers: number;
  /** Places outside of the store where part of a stored key was found. */
  readonly leaked: number;
}

/** What the API shows of a name by now, as far as it was answered with that; undefined where there is no API to ask. */
export type Shown = (order: Order) => Promise<{ readonly keyPairId: string; readonly fingerprint: string } | undefined>;

/** The names whose metadata is not what was answered. To be asked while the subject runs. */
export async function contradicted(book: Book, shown: Shown): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  for (const [name, texts] of book.answers) {
    const { keyPairId, fingerprint } = (await shown(book.orders.get(name)!)) ?? {};
    if (!texts.has(JSON.stringify({ keyPairId, fingerprint }))) names.add(name);
  }
  return names;
}

/** The text of each stored key, by `provider/name`. */
export type Keys = ReadonlyMap<string, string>;

export async function verdict(
  book: Book,
  cloudsFile: string,
  keys: Keys,
  haystack: readonly string[],
  apart: ReadonlySet<string>,
): Promise<Verdict> {
  const pairs = new Map<string, Listed[]>();
  for (const pair of await listed(cloudsFile)) pairs.set(pair.key, [...(pairs.get(pair.key) ?? []), pair]);
  const belongs = (name: string) => {
    const [pair, ...more] = pairs.get(name) ?? [];
    const text = keys.get(name);
    if (pair === undefined || more.length > 0 || text === undefined) return false;
    const key = parsePrivateKey(new Secret(text));
    return pair.publicKey === undefined
      ? fingerprintEvidence(pair.fingerprint ?? '', key) === 'agrees'
      : samePublicKey(pair.publicKey, key.publicKey);
  };
  const answered = [...book.answers.keys()];
  const lines = [...keys.values()].map((text) => text.split('\n')[3] ?? text.slice(40, 100));
  const everywhere = haystack.join('\n');
  return {
    pairs: [...pairs.values()].flat().length,
    acknowledged: answered.length,
    lost: answered.filter((name) => !belongs(name) || apart.has(name)).length,
    orphaned:
      [...pairs.keys()].filter((name) => !belongs(name) && !book.answers.has(name)).length +
      [...keys.keys()].filter((name) => !pairs.has(name)).length,
    twoAnswers: [...book.answers.values()].filter((texts) => texts.size > 1).length,
    leaked: lines.filter((line) => everywhere.includes(line)).length,
  };
}

/** What keyvend stored, as its store has it. Closes it. */
export async function storedIn(store: SecretStore): Promise<Keys> {
  const keys = new Map<string, string>();
  for await (const { secrets } of pagesOf(({ cursor }) => store.list(cursor))) {
    for (const { identity } of secrets) {
      const key = await store.reveal(identity);
      if (key !== undefined) keys.set(`${identity.provider}/${identity.name}`, key.reveal());
    }
  }
  await store.close();
  return keys;
}

/** What the glue stored: a file for each. A half-written one is no key. */
export function storedByGlue(home: string): Keys {
  const keys = new Map<string, string>();
  for (const file of readdirSync(home).filter((name) => name.endsWith('.pem'))) {
    const [, provider, name] = /^(\w+?)-(.*)\.pem$/.exec(file)!;
    try {
      keys.set(
        `${provider}/${name}`,
        parsePrivateKey(new Secret(readFileSync(join(home, file), 'utf8'))).privateKey.reveal(),
      );
    } catch {}
  }
  return keys;
}

/** Everything in a folder that is not the store itself. */
export const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('secrets.'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
