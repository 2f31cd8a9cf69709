// The limits of a grant: how many key pairs one caller may have made in a minute, and how many there may be by the grant in all. Both
// are counted in the ledger, so they hold for all functions together. What exists, is settled or taken back is never limited.

import type { Grant } from '../access/access-document.ts';
import type { Principal } from '../access/principal.ts';
import type { Clock } from '../clock.ts';
import { VendingError } from '../errors.ts';
import { type Identity, identityKey } from '../identity.ts';
import { sha256Hex } from '../sha256.ts';
import { grantFull } from '../vending/open-attempt.ts';
import type { Ports } from '../vending/ports.ts';
import type { VendCommand } from '../vending/vend-command.ts';

const MINUTE_MS = 60_000;

/** @returns undefined for a grant without limits; else what a new key pair is admitted by @throws {VendingError} RATE_LIMITED, GRANT_FULL */
export function admissionBy(
  { ledger, clock }: { readonly ledger: Ports['ledger']; readonly clock: Clock },
  { id, limits = {} }: Pick<Grant, 'id' | 'limits'>,
  { id: caller }: Principal,
  identity: Identity,
): VendCommand['admit'] | undefined {
  const { vendsPerMinute, keyPairs } = limits;
  if (vendsPerMinute === undefined && keyPairs === undefined) return undefined;
  return async () => {
    if (vendsPerMinute !== undefined) {
      const minute = Math.floor(clock.wallMs() / MINUTE_MS);
      const window = `access/${id}/${digestOf(caller)}/${minute}`;
      if (!(await ledger.tryAcquire(window, vendsPerMinute, (minute + 2) * MINUTE_MS))) {
        const retryAfterMs = Math.max(1_000, (minute + 1) * MINUTE_MS - clock.wallMs());
        throw new VendingError('RATE_LIMITED', 'You have asked for too many key pairs in this minute', {
          retryAfterMs,
        });
      }
    }
    if (keyPairs === undefined) return undefined;
    const places = { group: `access/${id}`, most: keyPairs };
    if (await ledger.claimable(places.group, identityKey(identity), keyPairs)) return places;
    throw grantFull();
  };
}

const digestOf = (caller: string): string => sha256Hex(caller).slice(0, 32);
