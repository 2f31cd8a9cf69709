// Publishing what waits in a record. Whatever is published twice is the same event.
import type { Filed } from '../ledger/ledger.ts';
import type { Ports } from './ports.ts';
import type { KeyPairRecord } from './record.ts';

/** @throws {VendingError} what the bus or the ledger said; what was not taken off is published once more */
export async function sendNotices(
  { ledger, notify }: Pick<Ports, 'ledger' | 'notify'>,
  { record, revision }: Filed<KeyPairRecord>,
): Promise<void> {
  const { notices = [], ...rest } = record;
  if (notices.length === 0) return;
  for (const notice of notices) await notify(record.identity, notice);
  const { announceAtMs: _, ...plain } = rest;
  const waits =
    record.unannounced !== undefined || record.unlabelled !== undefined || (record.trail?.pending?.length ?? 0) > 0;
  // Not by way of the trail: that it was published is no change of the key pair.
  await ledger.write(waits ? rest : plain, revision);
}
