// Settling what the ledger does not say is open: a pair, or a stored key, of an attempt on file that counts for nothing.

import type { Identity } from '../identity.ts';
import type { KeyPairProvider } from '../providers/provider.ts';
import { Hold } from './attempt-lease.ts';
import type { Parts } from './ports.ts';
import { keptUnder, type OpenAttempt } from './record.ts';
import { settle, settleHeld } from './settle.ts';
import { keptOf, removeKept } from './stored-key.ts';

/**
 * @returns `left` for what is not provably an attempt's of this identity, or counts: a version that the ledger acknowledged is
 * never removed here, whatever it lacks
 */
export async function settleStray(
  parts: Parts,
  provider: KeyPairProvider,
  identity: Identity,
): Promise<'settled' | 'waiting' | 'left'> {
  const filed = await parts.ledger.read(identity);
  if (filed === undefined) return 'left';
  const { record, revision } = filed;
  if (record.attempt !== undefined || record.settleAtMs !== undefined) {
    await settle(parts, provider, filed);
    return outcome(parts, identity);
  }
  const attempts = await parts.ledger.attempts(identity);
  const stored = ((await keptOf(parts.store, keptUnder(record)))?.versions ?? []).filter(({ id }) => attempts.has(id));
  if (record.versions.length > 0) {
    const strays = stored.filter(({ id }) => !record.versions.some((version) => version.id === id));
    for (const { id } of strays) await removeKept(parts.store, keptUnder(record), id);
    return strays.length > 0 ? 'settled' : 'left';
  }
  const newest = [...attempts].sort(([, a], [, b]) => a.openedAtMs - b.openedAtMs).at(-1)?.[0];
  const id = stored.at(-1)?.id ?? newest;
  const known = id === undefined ? undefined : attempts.get(id);
  if (id === undefined || known === undefined) return 'left';
  const { createdByMs, absentAt } = known;
  const attempt = { id, createdByMs, ...(absentAt === undefined ? {} : { absentAt }) } satisfies Omit<
    OpenAttempt,
    'lease'
  >;
  const hold = await Hold.take(parts, revision, (lease) => ({
    ...record,
    state: 'vending',
    attempt: { ...attempt, lease },
    settleAtMs: lease.endsAtMs + parts.settings.takeOverAfterMs,
  }));
  await settleHeld(hold, provider);
  return outcome(parts, identity);
}

async function outcome({ ledger }: Parts, identity: Identity): Promise<'settled' | 'waiting'> {
  const record = (await ledger.read(identity))?.record;
  return record?.attempt === undefined && record?.settleAtMs === undefined ? 'settled' : 'waiting';
}
