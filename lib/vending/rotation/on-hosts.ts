// Doing one thing on many hosts: on one of them first, then on several at a time, until too many have failed. The outcome of
// each host is on record before the next ones are begun.
import { deadlineIn, leftMs } from '../../clock.ts';
import { VendingError } from '../../errors.ts';
import type { Host, Hosts, Session } from '../../hosts/hosts.ts';
import type { HostAccess } from '../../hosts/keys-on-host.ts';
import type { KeyPairRecord } from '../record.ts';
import { hostsOf } from './coverage.ts';
import { type ManagementKey, managementKeyOf } from './management-key.ts';
import { hostName, type Policy, policyOf } from './policy.ts';
import { FIRST_PAUSE_MS, LONGEST_PAUSE_MS } from './put-off.ts';
import type { HostProgress, Rotation, Work } from './rotation-record.ts';
import type { WorkLease } from './work-lease.ts';

/** One host's share of a pass; with less time left than this, no host is begun. */
export const HOST_MS = 90_000;

export interface HostPass<P extends HostProgress = HostProgress> {
  /** Whether a host needs this pass. */
  readonly needs: (progress: P, host: Host) => boolean;
  /** Written before anything is sent to a host, and taken back where no edit was sent after all. */
  readonly before?: (progress: P) => P;
  /** @throws {VendingError} which is then what the host's progress says */
  readonly act: (reach: HostAccess, progress: P) => Promise<Done>;
  /** What is written for a host on which it succeeded. */
  readonly after: (progress: P, done: Done) => P;
  /** How many hosts may fail before the rest are left alone; all of them where this is absent. */
  readonly mayFail?: number;
}

interface Done {
  readonly hostKey: string;
  /** How many lines were taken out that should not have been there any more. */
  readonly removed?: number;
}

/** Where in a record the progress of hosts is kept. */
export interface HostBook<W extends Work, P extends HostProgress> {
  /** The hosts that it is about. */
  readonly hosts: (lease: WorkLease<W>) => readonly Host[];
  readonly read: (work: W, record: KeyPairRecord, host: Host) => P;
  readonly write: (work: W, record: KeyPairRecord, changed: Readonly<Record<string, P>>) => readonly [W, KeyPairRecord];
  /** Whether hosts that were not reached are left alone for a while. */
  readonly mayRest: (work: W) => boolean;
}

const untried: HostProgress = { outcome: 'unverified' };

const ofRotation: HostBook<Rotation, HostProgress> = {
  hosts: ({ record, work, ports }) => hostsOf(record, work, ports.rotation.defaults),
  read: ({ hosts }, _record, host) => hosts[hostName(host)] ?? untried,
  write: (rotation, record, changed) => [{ ...rotation, hosts: { ...rotation.hosts, ...changed } }, record],
  // AWS tries again as it likes, and only so many times.
  mayRest: ({ driver }) => driver === 'keyvend',
};

/** @returns how many failed */
export const onHosts = (lease: WorkLease<Rotation>, pass: HostPass): Promise<number> => onEach(lease, ofRotation, pass);

/** @returns how many failed */
export async function onEach<W extends Work, P extends HostProgress>(
  lease: WorkLease<W>,
  book: HostBook<W, P>,
  pass: HostPass<P>,
): Promise<number> {
  const { ports } = lease;
  await ports.deployment.assertHome();
  const policy = policyOf(lease.record, ports.rotation.defaults);
  const nowMs = ports.clock.wallMs();
  const mayRest = book.mayRest(lease.work);
  const progressOf = (host: Host) => book.read(lease.work, lease.record, host);
  const waiting = book.hosts(lease).filter((host) => {
    const progress = progressOf(host);
    return pass.needs(progress, host) && !(mayRest && rests(progress, nowMs));
  });
  // Hosts that failed last time come last: the first one should show whether it works at all.
  // Among those, the one that was tried longest ago comes first: there may not be time for all of them.
  const triedAtMs = (host: Host) => progressOf(host).atMs ?? 0;
  waiting.sort((a, b) => rank(progressOf(a)) - rank(progressOf(b)) || triedAtMs(a) - triedAtMs(b));
  const management = managementKeyOf(lease);
  const mayFail = pass.mayFail ?? waiting.length;
  let failed = 0;
  for (let done = 0; done < waiting.length && failed <= mayFail; ) {
    lease.requireTime(HOST_MS);
    const batch = waiting.slice(done, done + (done === 0 ? 1 : policy.maxParallelHosts));
    done += batch.length;
    failed += await together(lease, book, batch, pass, policy, management);
    if (done === 1 && failed === 1 && !saysNothing(progressOf(batch[0]!))) break;
  }
  return failed;
}

/** A canary that is down, or that we may not log in on, says nothing about the others; one that refuses does. */
const saysNothing = ({ outcome, code }: HostProgress): boolean => outcome === 'unverified' || ofPolicy.has(code);
const ofPolicy: ReadonlySet<string | undefined> = new Set([
  'HOST_NOT_MANAGED',
  'MANAGEMENT_KEY_ABSENT',
  'HOST_FORBIDDEN',
]);
const rank = ({ outcome, code }: HostProgress): number => (outcome === 'failed' ? 2 : code === undefined ? 0 : 1);

async function together<W extends Work, P extends HostProgress>(
  lease: WorkLease<W>,
  book: HostBook<W, P>,
  batch: readonly Host[],
  { before, act, after }: HostPass<P>,
  policy: Policy,
  management: ManagementKey | undefined,
): Promise<number> {
  const { ports } = lease;
  const earlier = new Map(batch.map((host) => [host, book.read(lease.work, lease.record, host)]));
  const noted = (work: W, record: KeyPairRecord, change: (progress: P, host: Host) => P) =>
    book.write(
      work,
      record,
      Object.fromEntries(batch.map((host) => [hostName(host), change(book.read(work, record, host), host)])),
    );
  if (before !== undefined) await lease.change((work, record) => noted(work, record, before));
  const { hostKeys = {} } = lease.record;
  const ends = deadlineIn(ports.clock, HOST_MS);
  const until = leftMs(ports.clock, lease.until) < HOST_MS ? lease.until : ends;
  const seen: Record<string, string> = {};
  const results = new Map<Host, (progress: P) => P>();
  const failures: unknown[] = [];
  const atMs = ports.clock.wallMs();
  await Promise.all(
    batch.map(async (host) => {
      const name = hostName(host);
      const recorded = hostKeys[name];
      const pinned = host.hostKeys.length > 0 || recorded === undefined ? host : { ...host, hostKeys: [recorded] };
      const acceptUnknown = policy.recordHostKeys && pinned.hostKeys.length === 0;
      const watched = watching(ports.hosts);
      const reach = {
        hosts: watched.hosts,
        host: pinned,
        options: { until, acceptUnknown },
        ...(management === undefined ? {} : { management: () => management(host) }),
      };
      try {
        const done = await act(reach, earlier.get(host)!);
        if (acceptUnknown) seen[name] = done.hostKey;
        results.set(host, ({ code: _, missed: __, ...progress }) => ({ ...after(progress as P, done), atMs }));
      } catch (error) {
        failures.push(error);
        const was = earlier.get(host)!;
        results.set(host, (progress) => {
          const { missed = 0, ...standing } = watched.edited() ? progress : was;
          const failure = failureOf(error);
          const again = costly.has(failure.code) && { missed: missed + 1 };
          return { ...(standing as P), ...failure, atMs, ...again };
        });
      }
    }),
  );
  await lease.change((work, record) => {
    const [next, rest] = noted(work, record, (progress, host) => results.get(host)!(progress));
    return [next, Object.keys(seen).length === 0 ? rest : { ...rest, hostKeys: { ...rest.hostKeys, ...seen } }];
  });
  const defect = failures.find((error) => !(error instanceof VendingError));
  if (defect !== undefined) throw defect; // only now, when nothing is under way on another host
  return failures.length;
}

/** What costs a worker all its patience: the next time comes later and later, an hour at most. */
const costly: ReadonlySet<string | undefined> = new Set(['HOST_UNREACHABLE', 'JUMP_UNREACHABLE', 'HOST_SHELL_SILENT']);
const rests = ({ code, atMs = 0, missed = 0 }: HostProgress, nowMs: number): boolean =>
  costly.has(code) && nowMs < atMs + Math.min(FIRST_PAUSE_MS * 2 ** (missed - 1), LONGEST_PAUSE_MS);

/** The same hosts, and whether any edit was sent to one. */
function watching(hosts: Hosts): { readonly hosts: Hosts; readonly edited: () => boolean } {
  let edited = false;
  const login: Hosts['login'] = async (...given) => {
    const session = await hosts.login(...given);
    const replace: Session['replace'] = (...edit) => {
      edited = true;
      return session.replace(...edit);
    };
    return { hostKey: session.hostKey, read: () => session.read(), replace, close: () => session.close() };
  };
  return { hosts: { login }, edited: () => edited };
}

const failureOf = (error: unknown): Pick<HostProgress, 'code' | 'outcome'> => {
  const code = error instanceof VendingError ? error.code : 'INTERNAL';
  return { code, outcome: passing.has(code) ? 'unverified' : 'failed' };
};
/** Nothing of the host itself says that it cannot be done. */
const passing: ReadonlySet<string> = new Set([
  ...['HOST_UNREACHABLE', 'HOST_SHELL_SILENT', 'DEADLINE_PASSED', 'HOST_FILE_CHANGING'],
  ...['JUMP_UNREACHABLE', 'JUMP_REFUSED', 'JUMP_KEY_REFUSED', 'JUMP_NOT_FORWARDING', 'JUMP_FORBIDDEN'],
]);
