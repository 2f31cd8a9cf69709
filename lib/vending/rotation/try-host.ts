// One host's share of a pass: it is reached, the pass acts on it, and what is to be written of it is made of how that went.
import { deadlineIn, leftMs } from '../../clock.ts';
import { codeOf, VendingError } from '../../errors.ts';
import { type Host, type Hosts, isSilence, type Session } from '../../hosts/hosts.ts';
import type { HostPass } from './host-pass.ts';
import type { ManagementKey } from './management-key.ts';
import { hostName, policyOf } from './policy.ts';
import type { HostProgress, Work } from './rotation-record.ts';
import type { WorkLease } from './work-lease.ts';

/** One host's share of a pass; with less time left than this, no host is begun. */
export const HOST_MS = 90_000;

export interface Tried<P extends HostProgress> {
  readonly host: Host;
  /** What its progress is now, by what it is on record. */
  readonly change: (progress: P) => P;
  /** The host key that it showed, where that is to be pinned. */
  readonly seen?: string;
  readonly failure?: Pick<HostProgress, 'code' | 'outcome'>;
  /** What was thrown, where that was no failure of the host. */
  readonly defect?: unknown;
  /** It was not heard of in the time that it had for its first word. */
  readonly isSilent: boolean;
}

/**
 * Never throws.
 * @param was its progress before anything was written of it
 * @param firstWordMs how long it may take for its first word, where that is not as long as usual
 */
export async function tryHost<W extends Work, P extends HostProgress>(
  { ports, record, until: leaseEnds }: WorkLease<W>,
  { act, after }: HostPass<P>,
  management: ManagementKey | undefined,
  { host, was, firstWordMs }: { readonly host: Host; readonly was: P; readonly firstWordMs: number | undefined },
): Promise<Tried<P>> {
  const { clock, rotation } = ports;
  const until = leftMs(clock, leaseEnds) < HOST_MS ? leaseEnds : deadlineIn(clock, HOST_MS);
  const recorded = record.hostKeys?.[hostName(host)];
  const pinned = host.hostKeys.length > 0 || recorded === undefined ? host : { ...host, hostKeys: [recorded] };
  const acceptUnknown = policyOf(record, rotation.defaults).recordHostKeys && pinned.hostKeys.length === 0;
  const watched = watching(ports.hosts, firstWordMs);
  const reach = {
    hosts: watched.hosts,
    host: pinned,
    options: { until, acceptUnknown },
    ...(management === undefined ? {} : { management: () => management(host) }),
  };
  const atMs = clock.wallMs();
  try {
    const done = await act(reach, was);
    return {
      host,
      change: ({ code: _, missed: __, ...progress }) => ({ ...after(progress as P, done), atMs }),
      ...(acceptUnknown && { seen: done.hostKey }),
      isSilent: false,
    };
  } catch (error) {
    const failure = failureOf(error);
    return {
      host,
      change(progress) {
        const { missed: _, ...standing } = watched.edited() ? progress : was;
        const again = isCostly(failure) && { missed: (was.missed ?? 0) + 1 };
        return { ...(standing as P), ...failure, atMs, ...again };
      },
      failure,
      ...(!(error instanceof VendingError) && { defect: error }),
      isSilent: !watched.spoke() && isSilence(error),
    };
  }
}

/** The same hosts, and whether any edit was sent to one. Once a host has said something, it may take its time. */
function watching(hosts: Hosts, firstWordMs: number | undefined) {
  let edited = false;
  let spoke = firstWordMs === undefined; // then it has all the time that there is
  const login: Hosts['login'] = async (host, key, options) => {
    const session = await hosts
      .login(host, key, spoke || firstWordMs === undefined ? options : { ...options, firstWordMs })
      .catch((error: unknown) => {
        spoke ||= !isSilence(error);
        throw error;
      });
    spoke = true;
    const replace: Session['replace'] = (...edit) => {
      edited = true;
      return session.replace(...edit);
    };
    return { hostKey: session.hostKey, read: () => session.read(), replace, close: () => session.close() };
  };
  return { hosts: { login }, edited: () => edited, spoke: () => spoke };
}

/** What costs a worker all its patience: the next time comes later and later, an hour at most. */
const costly: ReadonlySet<string | undefined> = new Set(['HOST_UNREACHABLE', 'JUMP_UNREACHABLE', 'HOST_SHELL_SILENT']);
export const isCostly = ({ code }: Pick<HostProgress, 'code'>): boolean => costly.has(code);

const failureOf = (error: unknown): Pick<HostProgress, 'code' | 'outcome'> => {
  const code = codeOf(error);
  return { code, outcome: passing.has(code) ? 'unverified' : 'failed' };
};
/** Nothing of the host itself says that it cannot be done. */
const passing: ReadonlySet<string> = new Set([
  ...['HOST_UNREACHABLE', 'HOST_SHELL_SILENT', 'DEADLINE_PASSED', 'HOST_FILE_CHANGING'],
  ...['JUMP_UNREACHABLE', 'JUMP_REFUSED', 'JUMP_KEY_REFUSED', 'JUMP_NOT_FORWARDING', 'JUMP_FORBIDDEN'],
  'JUMP_ALGORITHMS_DIFFER',
]);
