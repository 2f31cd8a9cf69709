// What is on the path of one attempt: its key, or a stone on its grave, with which everything begins that was sent to it before.
import { Secret } from '../../secret.ts';
import { sha256Hex } from '../../sha256.ts';
import type { Fields } from './kv-http.ts';

/** The field that a reader asks for: `bao kv get -field=private_key`. */
export const KEY_FIELD = 'private_key';

export const keyData = (key: Secret, keyPairId: string | undefined): Fields => ({
  [KEY_FIELD]: key.reveal(),
  ...(keyPairId !== undefined && { key_pair_id: keyPairId }),
});

export const keyIn = (data: Fields | undefined): Secret | undefined => {
  const text = data?.[KEY_FIELD];
  return typeof text === 'string' ? new Secret(text) : undefined;
};

const GRAVE = 'removed_key_sha256';

/**
 * Stands in a removed key's place, so that no other key can be put under its id. A digest gives away nothing of what has 256 bits of its own.
 * It is empty where no key was ever put, or nobody knows which.
 */
export const stoneFor = (data: Fields | undefined): Fields => {
  const key = keyIn(data);
  return { [GRAVE]: key === undefined ? digestIn(data) : digestOf(key) };
};

export const isStone = (data: Fields | undefined): boolean => typeof data?.[GRAVE] === 'string';

/** Whether another key than this one has, or had, its place there. */
export function isOther(data: Fields | undefined, key: Secret): boolean {
  const standing = keyIn(data);
  if (standing !== undefined) return standing.reveal() !== key.reveal();
  return digestIn(data) !== '' && digestIn(data) !== digestOf(key);
}

const digestIn = (data: Fields | undefined): string => String(data?.[GRAVE] ?? '');
const digestOf = (key: Secret): string => sha256Hex(key.reveal());
