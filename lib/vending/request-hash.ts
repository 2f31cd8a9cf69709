// When two requests are the same: when their canonical bodies are equal.
import { sha256Hex } from '../sha256.ts';
import type { Request } from './record.ts';

/**
 * SHA-256 of the request with its fields and tags in order, in hex. Order and absent fields make no difference.
 * @param successorOf sets a rotation's successor apart from whatever a caller can ask for
 */
export function requestHash(request: Request, successorOf?: string): string {
  const { tags = {}, resourceGroupId, projectId, keySource, keyBits, publicKey } = request;
  const { secretTags = {}, secretKey } = request;
  const mark = successorOf === undefined ? [] : [successorOf];
  // What came later is there only where it says anything: a request without it is the one that it always was.
  const key = { keySource, keyBits, publicKey };
  const ofKey = Object.values(key).every((value) => value === undefined) ? [] : [{ key }];
  const secret = { tags: inOrder(secretTags), key: secretKey };
  const ofSecret = secret.tags.length === 0 && secretKey === undefined ? [] : [{ secret }];
  const canonical = [inOrder(tags), resourceGroupId ?? null, projectId ?? null, ...mark, ...ofKey, ...ofSecret];
  return sha256Hex(JSON.stringify(canonical));
}

const inOrder = (tags: Readonly<Record<string, string>>) =>
  Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
