// proven -> promoted: the new key counts, and readers get it. The old one is valid still.
import { VendingError } from '../../errors.ts';
import { finish } from '../outbox.ts';
import type { Version } from '../record.ts';
import { allTried, covered } from './coverage.ts';
import type { At } from './step-support.ts';

/** Conditional on the very revision that hosts, waivers, and that nobody cancelled, were read from. */
export async function promote(at: At): Promise<undefined> {
  const { parts, identity } = at;
  const { defaults } = parts.rotation;
  const before = await parts.ledger.read(identity);
  if (before?.record.announceAtMs !== undefined && !(await finish(parts, before))) {
    throw new VendingError('QUEUE_UNAVAILABLE', 'What was made before is not announced yet');
  }
  const nowMs = parts.clock.wallMs();
  await at.change((rotation, record) => {
    const ready = covered(record, rotation, defaults) && allTried(record, rotation, defaults);
    if (!ready) return { ...rotation, state: 'staged' }; // hosts were listed since: they come first
    const version: Version = { ...rotation.successor!, activatedAtMs: nowMs };
    const marks = { unlabelled: version.id, unannounced: version.id, announceAtMs: nowMs };
    return [
      { ...rotation, state: 'promoted', failures: 0, promotedAtMs: nowMs },
      { ...record, ...marks, versions: [...record.versions, version] },
    ];
  });
  if (at.work.state === 'promoted') await labelled(at); // what fails of this, recovery does
}

/** @returns whether readers get the key that counts */
export async function labelled({ parts, identity, work, until }: At): Promise<boolean> {
  const filed = await parts.ledger.read(identity);
  if (filed?.record.announceAtMs !== undefined) await finish(parts, filed);
  const kept = await parts.store.find(identity);
  const pending = kept?.versions.find((version) => version.pending);
  if (pending !== undefined && pending.id === work.successor?.id)
    await parts.store.markPending(identity, undefined, until);
  return (await parts.ledger.read(identity))?.record.unlabelled === undefined;
}
