// Doing one thing on many hosts: on one of them first, then on several at a time, until too many have failed. Each has a short while
// for its first word; those that said nothing by then come once more after all the others, with all patience, unless it is enough
// without them.
import { hostsOf } from './coverage.ts';
import type { HostBook, HostPass } from './host-pass.ts';
import { HostPool } from './host-pool.ts';
import { hostName } from './policy.ts';
import { FIRST_PAUSE_MS, LONGEST_PAUSE_MS } from './put-off.ts';
import type { HostProgress, Rotation, Work } from './rotation-record.ts';
import { isCostly } from './try-host.ts';
import type { WorkLease } from './work-lease.ts';

/** For a connection, and as much for a greeting. Most hosts take a tenth of it, and one packet may be lost. */
const FIRST_WORD_MS = 3_000;

const untried: HostProgress = { outcome: 'unverified' };

const ofRotation: HostBook<Rotation, HostProgress> = {
  hosts: ({ record, work, ports }) => hostsOf(record, work, ports.rotation.defaults),
  read: ({ hosts }, _record, host) => hosts[hostName(host)] ?? untried,
  write: (rotation, record, changed) => [{ ...rotation, hosts: { ...rotation.hosts, ...changed } }, record],
  // AWS tries again as it likes, and only so many times.
  mayRest: ({ driver }) => driver === 'keyvend',
};

/** @throws {VendingError} as `onEach` */
export const onHosts = (lease: WorkLease<Rotation>, pass: HostPass): Promise<void> => onEach(lease, ofRotation, pass);

/**
 * What failed is on record, host by host.
 * @throws {VendingError} DEADLINE_PASSED when there was no time for all of them; LEDGER_FENCED; LEASE_LOST
 */
export async function onEach<W extends Work, P extends HostProgress>(
  lease: WorkLease<W>,
  book: HostBook<W, P>,
  pass: HostPass<P>,
): Promise<void> {
  const { ports } = lease;
  await ports.deployment.assertHome();
  const nowMs = ports.clock.wallMs();
  // What costs all the patience may take all the time of a try, each time. So the next one leaves it out, and gets to what is to be
  // done on the others, and after them.
  const isShort = lease.work.lastError?.code === 'DEADLINE_PASSED';
  const isLeftAlone = (was: P) => rests(was, nowMs) || (isShort && isCostly(was));
  const mayRest = book.mayRest(lease.work);
  const waiting = book
    .hosts(lease)
    .map((host) => ({ host, was: book.read(lease.work, lease.record, host) }))
    .filter(({ host, was }) => pass.needs(was, host) && !(mayRest && isLeftAlone(was)));
  // Hosts that failed last time come last: the first one should show whether it works at all.
  // Among those, the one that was tried longest ago comes first: there may not be time for all of them.
  waiting.sort((a, b) => rank(a.was) - rank(b.was) || (a.was.atMs ?? 0) - (b.was.atMs ?? 0));
  const pool = new HostPool(lease, book, pass);
  const silent = await pool.run(waiting, { withCanary: true, firstWordMs: FIRST_WORD_MS });
  if (silent.length > 0 && pool.goesOn && pass.isEnough?.() !== true) await pool.run(silent, {});
}

const rank = ({ outcome, code }: HostProgress): number => (outcome === 'failed' ? 2 : code === undefined ? 0 : 1);

/** Hosts that were not reached are left alone for longer and longer. */
const rests = (progress: HostProgress, nowMs: number): boolean => {
  const { atMs = 0, missed = 0 } = progress;
  return isCostly(progress) && nowMs < atMs + Math.min(FIRST_PAUSE_MS * 2 ** (missed - 1), LONGEST_PAUSE_MS);
};
