// Every key of a key pair that a host may know, by what becomes of it there.

import { VendingError } from '../../errors.ts';
import type { KnownKeys, LazyKey } from '../../hosts/catch-up.ts';
import type { Host } from '../../hosts/hosts.ts';
import type { HostAccess, KeyHalves, KnownKey } from '../../hosts/keys-on-host.ts';
import type { Version } from '../attempt.ts';
import { revealKey } from '../own-secret.ts';
import { earlierOf } from './coverage.ts';
import { hostName } from './policy.ts';
import type { Work } from './rotation-record.ts';
import type { RotationLease } from './step-support.ts';
import type { WorkLease } from './work-lease.ts';

type Keeper = Pick<WorkLease<Work>, 'ports' | 'identity' | 'record'>;

interface Also {
  /** A successor's, which is on no record of versions yet. */
  readonly coming?: Version | undefined;
  /** Ids of versions that are to go from this host, beside those that are on their way out everywhere. */
  readonly older?: readonly string[];
}

/** @param standing the key that counts on a host */
export function knownKeys(keeper: Keeper, standing: KeyHalves, { coming, older = [] }: Also = {}): KnownKeys {
  const { ports, record } = keeper;
  const lazy = ({ id, publicKey }: Version): LazyKey => {
    let revealed: ReturnType<typeof ports.store.reveal> | undefined;
    return { publicKey, privateKey: () => (revealed ??= revealKey(ports.store, record, id)) };
  };
  const out = new Set([...(record.outgoing?.pairs ?? []).map(({ versionId }) => versionId), ...older]);
  const isKnown = coming === undefined || record.versions.some(({ id }) => id === coming.id);
  const others = [...record.versions, ...(isKnown ? [] : [coming])].toReversed();
  return {
    standing,
    valid: others.filter(({ id, publicKey }) => !out.has(id) && publicKey !== standing.publicKey).map(lazy),
    older: others.filter(({ id }) => out.has(id)).map(lazy),
  };
}

/**
 * What a host may still know from before the key that a rotation replaces: undefined for nothing.
 * @param standing the key that counts there
 */
export function olderKeys(
  lease: RotationLease,
  host: Host,
  { publicKey, privateKey }: KnownKey,
): KnownKeys | undefined {
  const { record, work } = lease;
  if (privateKey === undefined) return undefined; // it opens no host for us
  // An earlier rotation went on without the host, and left there what was there.
  const waived = earlierOf(record, work).filter((earlier) => earlier.waived.includes(hostName(host)));
  if (waived.length === 0 && (record.outgoing?.pairs.length ?? 0) === 0) return undefined;
  return knownKeys(
    lease,
    { publicKey, privateKey },
    { coming: work.successor, older: waived.map(({ from }) => from.id) },
  );
}

/** For when no key opens a host: one that was opened before was installed anew, or its file was emptied. */
export const orReimaged =
  ({ record }: Keeper, { host }: HostAccess) =>
  (error: unknown): never => {
    const name = hostName(host);
    const wasIn =
      (record.outgoing?.hosts[name]?.clear ?? 0) > 0 ||
      record.rotations?.some(({ hosts }) => hosts[name]?.outcome === 'ok') === true;
    if (wasIn && error instanceof VendingError && error.code === 'LOGIN_REFUSED')
      throw new VendingError('HOST_REIMAGED', 'The host was opened before, and now refuses every key', {
        cause: error,
      });
    throw error;
  };
