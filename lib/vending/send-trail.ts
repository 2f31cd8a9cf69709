// Sending entries of the trail on: to a place of their own in the ledger, where each stays as it is, and to whoever keeps a copy
// elsewhere. Whatever is written twice is the same.
import { VendingError } from '../errors.ts';
import type { Filed } from '../ledger/ledger.ts';
import { FOREVER_MS } from './deployment.ts';
import type { Ports } from './ports.ts';
import type { KeyPairRecord } from './record.ts';
import { entryKey } from './trail-entry.ts';

/** So many entries of one key pair may wait to be sent on; then nobody begins anything new with it. */
const MOST_PENDING = 20;

/** @throws {VendingError} TRAIL_BEHIND. Never asked by what settles, undoes, purges or cancels. */
export function assertTrailKeepsUp(record: KeyPairRecord | undefined): void {
  if ((record?.trail?.pending?.length ?? 0) >= MOST_PENDING)
    throw new VendingError('TRAIL_BEHIND', 'The trail of this key pair could not be sent on for a while', {
      retryAfterMs: 60_000,
    });
}

/** @throws {VendingError} TRAIL_CONTRADICTED when another entry is kept in the place of one */
export async function sendTrail(
  { ledger, clock, sendEntries }: Pick<Ports, 'ledger' | 'clock' | 'sendEntries'>,
  { record, revision }: Filed<KeyPairRecord>,
): Promise<void> {
  const { trail, ...rest } = record;
  const { pending = [], ...head } = trail ?? {};
  if (trail === undefined || pending.length === 0) return;
  for (const entry of pending) {
    const text = JSON.stringify(entry);
    const kept = await ledger.remember(entryKey(record.identity, entry.seq), text, clock.wallMs(), FOREVER_MS);
    if (kept !== text) throw new VendingError('TRAIL_CONTRADICTED', 'Another entry is kept in the place of this one');
  }
  await sendEntries(record.identity, pending);
  const { announceAtMs: _, ...plain } = rest;
  const waits = record.unannounced !== undefined || record.unlabelled !== undefined || record.notices !== undefined;
  // Not by way of the trail: that this was sent on is no change of the key pair. Should it fail, all of this is done once more.
  await ledger.write({ ...(waits ? rest : plain), trail: head as NonNullable<KeyPairRecord['trail']> }, revision);
}
