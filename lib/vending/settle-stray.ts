// Settling what the ledger does not show as open: a pair, or a stored key, of an attempt on file that counts for nothing.
import type { Identity } from '../identity.ts';
import type { KeyPairProvider } from '../providers/provider.ts';
import type { OpenAttempt } from './attempt.ts';
import { AttemptLease } from './attempt-lease.ts';
import type { Ports } from './ports.ts';
import { type KeyPairRecord, secretIdentityOf } from './record.ts';
import { settle, settleHeld } from './settle.ts';
import { findStoredKeys, removeStoredKey, unlessTheirs } from './stored-key.ts';

/**
 * @returns `left` for what is not provably from an attempt of this identity, and for what counts: a version that the ledger
 * acknowledged is never removed here, whatever it lacks
 */
export async function settleStray(
  ports: Ports,
  provider: KeyPairProvider,
  identity: Identity,
): Promise<'settled' | 'waiting' | 'left'> {
  const filed = await ports.ledger.read(identity);
  if (filed === undefined) return 'left';
  const { record } = filed;
  if (record.attempt !== undefined || record.settleAtMs !== undefined) {
    await settle(ports, provider, filed);
    return outcome(ports, identity);
  }
  const attempts = await ports.ledger.attempts(identity);
  const found = (await findStoredKeys(ports.store, secretIdentityOf(record)))?.versions ?? [];
  const stored = found.filter(({ id }) => attempts.has(id));
  if (record.versions.length > 0) {
    // What counts may be in a secret that somebody has deleted, and can be brought back for as long as the store keeps it.
    if (found.length === 0 && (await broughtBack(ports, record))) return 'settled';
    const strays = stored.filter(({ id }) => !record.versions.some((version) => version.id === id));
    for (const { id } of strays) await removeStoredKey(ports, secretIdentityOf(record), id);
    return strays.length > 0 ? 'settled' : 'left';
  }
  // One that was refused has made nothing, and is forgotten while it is looked at.
  const made = [...attempts].filter(([, { outcome }]) => outcome !== 'refused');
  const newest = made.sort(([, a], [, b]) => a.openedAtMs - b.openedAtMs).at(-1)?.[0];
  const id = stored.at(-1)?.id ?? newest;
  const known = id === undefined ? undefined : attempts.get(id);
  if (id === undefined || known === undefined) return 'left';
  const { createdByMs, absentAt, adopts } = known;
  const seen = absentAt === undefined ? {} : { absentAt };
  const attempt = { id, createdByMs, ...seen, ...(adopts && { adopts }) } satisfies Omit<OpenAttempt, 'lease'>;
  const lease = await AttemptLease.take(ports, filed, (granted) => ({
    ...record,
    state: 'vending',
    attempt: { ...attempt, lease: granted },
    settleAtMs: granted.endsAtMs + ports.settings.takeOverAfterMs,
  }));
  await settleHeld(lease, provider);
  return outcome(ports, identity);
}

async function broughtBack({ store, deployment }: Ports, record: KeyPairRecord): Promise<boolean> {
  const place = secretIdentityOf(record);
  await deployment.assertHome();
  await store.restoreSecret(place).catch(unlessTheirs);
  return (await findStoredKeys(store, place)) !== undefined;
}

async function outcome({ ledger }: Ports, identity: Identity): Promise<'settled' | 'waiting'> {
  const record = (await ledger.read(identity))?.record;
  return record?.attempt === undefined && record?.settleAtMs === undefined ? 'settled' : 'waiting';
}
