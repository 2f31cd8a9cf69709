// A host that may know keys of long ago: whichever of them opens it lets the key that counts in, and then they are taken out.
import { VendingError } from '../errors.ts';
import type { Secret } from '../secret.ts';
import { addKey, type HostAccess, type KeyHalves, proveKey, type RemovedLines, removeKeys } from './keys-on-host.ts';

/** A key whose private half is fetched where no other key opens the host, and only there. */
export interface LazyKey {
  /** An OpenSSH line. */
  readonly publicKey: string;
  /** Undefined where it is not stored any more. */
  readonly privateKey: () => Promise<Secret | undefined>;
}

export interface KnownKeys {
  /** The one that counts. */
  readonly standing: KeyHalves;
  /** Others that may still be on hosts, the newest first: a host that knows one of them is left as it is, without the older ones. */
  readonly valid: readonly LazyKey[];
  /** Those that should be on no host any more, the newest first. */
  readonly older: readonly LazyKey[];
}

/**
 * Leaves the host without any of the older keys.
 * @returns how many of their lines were there
 * @throws {VendingError} LOGIN_REFUSED when no key opens it; HOST_LINE_ABSENT, HOST_COMMAND_FORCED and what else `addKey` and
 * `removeKey` throw
 */
export async function catchUp(given: HostAccess, { standing, valid, older }: KnownKeys): Promise<RemovedLines> {
  const reach = { ...given, own: [standing.privateKey] }; // a jump host on the way is up to date
  try {
    return await removeKeys(reach, older, standing);
  } catch (error) {
    if (!isUnknown(error)) throw error;
    for await (const key of stored(valid)) {
      const done = await removeKeys(reach, older, key).catch(unlessUnknown);
      if (done !== undefined) return done;
    }
    for await (const key of stored(older)) {
      const done = await letIn(reach, key, standing, older).catch(unlessUnknown);
      if (done !== undefined) return removeKeys(reach, older, standing);
    }
    throw error;
  }
}

/** The rest are taken out first, so that no more than two keys of ours open the host at any time. */
async function letIn(reach: HostAccess, present: KeyHalves, coming: KeyHalves, older: readonly LazyKey[]) {
  await removeKeys(
    reach,
    older.filter(({ publicKey }) => publicKey !== present.publicKey),
    present,
  );
  await addKey(reach, present, coming);
  return proveKey(reach, coming);
}

async function* stored(keys: readonly LazyKey[]): AsyncGenerator<KeyHalves> {
  for (const { publicKey, privateKey: fetch } of keys) {
    const privateKey = await fetch();
    if (privateKey !== undefined) yield { publicKey, privateKey };
  }
}

/** Refused by the host; or, where a management key edits, without a line there. */
const isUnknown = (error: unknown): boolean => error instanceof VendingError && unknown.includes(error.code);
const unknown: readonly string[] = ['LOGIN_REFUSED', 'JUMP_REFUSED', 'HOST_LINE_ABSENT'];

function unlessUnknown(error: unknown): undefined {
  if (!isUnknown(error)) throw error;
}
