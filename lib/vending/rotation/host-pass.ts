// What is done on many hosts in one go, and where in a record their progress is kept.
import type { Host } from '../../hosts/hosts.ts';
import type { HostAccess } from '../../hosts/keys-on-host.ts';
import type { KeyPairRecord } from '../record.ts';
import type { HostProgress, Work } from './rotation-record.ts';
import type { WorkLease } from './work-lease.ts';

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
  /** Whether what is on record by now is enough: then hosts that said nothing are left for later. */
  readonly isEnough?: () => boolean;
}

export interface Done {
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
