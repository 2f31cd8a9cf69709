// Storing a key that must not be lost.
import { VendingError } from '../errors.ts';
import { quietly } from '../quietly.ts';
import type { Secret } from '../secret.ts';
import type { StoredKey } from '../secrets/secret-store.ts';
import type { AttemptLease } from './attempt-lease.ts';
import { takeBack } from './close-attempt.ts';
import { secretIdentityOf } from './record.ts';

const STORE_WAITS_MS = [200, 1_000, 2_500];

/** Storing the same version and key again changes nothing, so trying again is safe. */
export async function storeFirmly(lease: AttemptLease, key: Secret, keyPairId?: string): Promise<StoredKey> {
  const { settings, store, wait } = lease.ports;
  const { attempt, request } = lease.record;
  for (let tried = 0; ; tried += 1) {
    lease.assertHeld();
    try {
      return await store.put(secretIdentityOf(lease.record), attempt.id, key, lease.until, keyPairId, request);
    } catch (error) {
      const pauseMs = STORE_WAITS_MS[tried];
      const passing = error instanceof VendingError && error.code === 'STORE_UNAVAILABLE';
      if (!passing || pauseMs === undefined || lease.leftMs() < pauseMs + settings.callTimeoutMs) throw error;
      await wait(pauseMs);
    }
  }
}

/** The same for a key that the cloud has not made: where it fails, the attempt ends, and what arrived of it is taken back. */
export async function storeFirst(lease: AttemptLease, key: Secret): Promise<StoredKey> {
  try {
    return await storeFirmly(lease, key);
  } catch (error) {
    await quietly(takeBack(lease, true));
    throw error;
  }
}
