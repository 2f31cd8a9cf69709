// When two requests are the same: when their canonical bodies are equal.
import { sha256Hex } from '../sha256.ts';
import type { Request } from './record.ts';

/**
 * SHA-256 of the request with its fields and tags in order, in hex. Order and absent fields make no difference.
 * @param successorOf sets a rotation's successor apart from whatever a caller can ask for
 */
export function requestHash(request: Request, successorOf?: string): string {
  const { tags = {}, resourceGroupId, projectId, keySource, keyBits, publicKey } = request;
  const inOrder = Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const mark = successorOf === undefined ? [] : [successorOf];
  // What came later is only there where it was asked for: the rest keeps the hash that it has on record.
  const later = { keySource, keyBits, publicKey };
  const key = Object.values(later).every((value) => value === undefined) ? [] : [later];
  const canonical = JSON.stringify([inOrder, resourceGroupId ?? null, projectId ?? null, ...mark, ...key]);
  return sha256Hex(canonical);
}
