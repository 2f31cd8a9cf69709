// What a successor's pair is called at the cloud. Names are never parsed: the ledger says whose successor it is.

import type { Identity } from '../../identity.ts';
import { rowOf } from '../../provider-table.ts';
import { sha256Hex } from '../../sha256.ts';

/**
 * @param number 2 for the first successor
 * @returns `web_r2`; where that is too long, the name's beginning and six characters that tell it from others with the same one
 */
export function successorName({ provider, name }: Identity, number: number): string {
  const suffix = `_r${number}`;
  const plain = `${name}${suffix}`;
  const { longest } = rowOf(provider).name; // every provider takes letters, digits and `_` after the first character
  if (plain.length <= longest) return plain;
  const digest = sha256Hex(name).slice(0, 6);
  return `${name.slice(0, longest - suffix.length - digest.length - 1)}_${digest}${suffix}`;
}
