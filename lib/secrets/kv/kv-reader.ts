// A key for its reader, whose rights are to the readers' copies and nothing else: so the state is not asked.
import type { Identity } from '../../identity.ts';
import type { Secret } from '../../secret.ts';
import type { Kv } from './kv-calls.ts';
import { keyIn } from './kv-key.ts';
import { placeOf } from './kv-path.ts';

/** @param versionId default the current one @returns undefined where nothing is there, or a removed key's stone */
export async function revealToReader(
  kv: Kv,
  prefix: string,
  identity: Identity,
  versionId?: string,
): Promise<Secret | undefined> {
  const place = placeOf(prefix, identity);
  return keyIn((await kv.read(versionId === undefined ? place.current : place.version(versionId))).data);
}
