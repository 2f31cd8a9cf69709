// The key that the embedded store seals with: from a file, from a passphrase, or unwrapped by a key management service. A wrong one is reported at once.
import { createSecretKey, type KeyObject, randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { VendingError } from '../../errors.ts';
import { Secret } from '../../secret.ts';
import type { SqliteFile } from '../../sqlite/sqlite-file.ts';
import { keyFromFile } from './key-file.ts';
import { type SealBinding, seal, unseal } from './seal.ts';

export type KeySource =
  /** A path. The file is made at first use, with mode 0600. */
  | { readonly file: string }
  /** `cost` is scrypt's N, a power of two; default 2^17, which takes 128 MiB. Used at first; then the stored one counts. */
  | { readonly passphrase: Secret; readonly cost?: number }
  | { readonly wrapping: KeyWrapping };

/** A service that keeps a key which never leaves it. */
export interface KeyWrapping {
  /** A new key of 32 bytes, wrapped. @throws {VendingError} STORE_REFUSED, STORE_UNAVAILABLE */
  make(): Promise<Uint8Array>;
  /** @throws {VendingError} as `make` */
  unwrap(wrapped: Uint8Array): Promise<Buffer>;
}

const fromOf = (source: KeySource): Recipe['from'] =>
  'file' in source ? 'file' : 'passphrase' in source ? 'passphrase' : 'wrapped key';

/** How the key is found again. Stored in the clear: none of it helps without the file, the passphrase or the service. */
interface Recipe {
  readonly from: 'file' | 'passphrase' | 'wrapped key';
  /** Of a wrapped key, the wrapped key itself. */
  readonly salt: Uint8Array;
  readonly cost: number;
}

const PLACE: SealBinding = ['key check'];
const BLOCK_SIZE = 8;
const LARGEST_COST = 2 ** 20;
const derive = promisify<string, Uint8Array, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(
  scrypt,
);

/** @throws {VendingError} STORE_REFUSED for a wrong passphrase or key file, or for one where the store was made with the other */
export async function openKey(file: SqliteFile, source: KeySource): Promise<KeyObject> {
  const known = readRecipe(file);
  const recipe = known ?? (await newRecipe(source));
  if (fromOf(source) !== recipe.from) {
    throw new VendingError('STORE_REFUSED', `The secret store was made with a ${recipe.from}, not with what is given`);
  }
  const key = createSecretKey(await keyBytes(recipe, source, known === undefined));
  return agreed(file, recipe, key) ?? openKey(file, source);
}

/** The first process to write the check value decides; undefined when another one did so with another recipe. */
function agreed(file: SqliteFile, recipe: Recipe, key: KeyObject): KeyObject | undefined {
  const row = file.write(() => {
    const { from, salt, cost } = recipe;
    const check = seal(key, PLACE, new Secret('keyvend'));
    file.database
      .prepare('INSERT INTO key (one, source, salt, cost, sealed) VALUES (1, ?, ?, ?, ?) ON CONFLICT DO NOTHING')
      .run(from, salt, cost, check);
    return file.database.prepare('SELECT source, salt, cost, sealed FROM key').get();
  });
  if (row === undefined || Buffer.compare(row.salt as Uint8Array, recipe.salt) !== 0) return undefined;
  try {
    unseal(key, PLACE, row.sealed as Uint8Array);
  } catch {
    throw new VendingError('STORE_REFUSED', `The ${recipe.from} is not the one that this secret store was made with`);
  }
  return key;
}

function readRecipe(file: SqliteFile): Recipe | undefined {
  const row = file.read(() => file.database.prepare('SELECT source, salt, cost FROM key').get());
  if (row === undefined) return undefined;
  const recipe = { from: row.source, salt: row.salt, cost: Number(row.cost) } as Recipe;
  if (!isCost(recipe.cost))
    throw new VendingError('STORE_REFUSED', 'The secret store has a scrypt cost that is out of range');
  return recipe;
}

async function newRecipe(source: KeySource): Promise<Recipe> {
  const cost = 'passphrase' in source ? (source.cost ?? 2 ** 17) : 2;
  if (!isCost(cost)) throw new TypeError('the cost is a power of two, at most 2^20');
  return { from: fromOf(source), salt: 'wrapping' in source ? await source.wrapping.make() : randomBytes(16), cost };
}

const isCost = (cost: number): boolean => cost >= 2 && cost <= LARGEST_COST && Number.isInteger(Math.log2(cost));

/** RFC 7914. Off the main thread, as it takes some 0.3 s. */
async function keyBytes({ salt, cost }: Recipe, source: KeySource, first: boolean): Promise<Buffer> {
  if ('file' in source) return keyFromFile(source.file, first);
  if ('wrapping' in source) return source.wrapping.unwrap(salt);
  const passphrase = source.passphrase.reveal();
  if (passphrase === '') throw new TypeError('an empty passphrase protects nothing');
  const maxmem = 2 * 128 * BLOCK_SIZE * cost;
  return derive(passphrase.normalize('NFC'), salt, 32, { N: cost, r: BLOCK_SIZE, p: 1, maxmem });
}
