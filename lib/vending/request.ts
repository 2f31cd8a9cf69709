// When two requests are the same one: equal canonical bodies.
import { createHash } from 'node:crypto';
import type { Request } from './record.ts';

/** SHA-256 of the request with its fields and tags in order, in hex. Order and absent fields make no difference. */
export function requestHash({ tags = {}, resourceGroupId, projectId }: Request): string {
  const inOrder = Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const canonical = JSON.stringify([inOrder, resourceGroupId ?? null, projectId ?? null]);
  return createHash('sha256').update(canonical).digest('hex');
}
