// Hosts of versions on their way out: those that were not cleared yet, and, while an old pair lingers, all of them once a day,
// because systems that read it from their cloud write its line back.
import { catchUp } from '../../hosts/catch-up.ts';
import type { Host } from '../../hosts/hosts.ts';
import type { HostBook } from './host-pass.ts';
import { knownKeys, orReimaged } from './known-keys.ts';
import { onEach } from './on-hosts.ts';
import { lastSeq, owes, SWEEP_MS, sweptOf } from './outgoing.ts';
import type { SweptHost } from './outgoing-record.ts';
import { policyOf } from './policy.ts';
import { FIRST_PAUSE_MS, LONGEST_PAUSE_MS } from './put-off.ts';
import type { Work } from './rotation-record.ts';
import { keyOf } from './step-support.ts';
import type { WorkLease } from './work-lease.ts';

const book: HostBook<Work, SweptHost> = {
  hosts: ({ record, ports }) => policyOf(record, ports.rotation.defaults).hosts,
  read: (_work, record, host) => sweptOf(record, host),
  write(work, record, changed) {
    const outgoing = record.outgoing!;
    return [work, { ...record, outgoing: { ...outgoing, hosts: { ...outgoing.hosts, ...changed } } }];
  },
  mayRest: () => true,
};

export interface Swept {
  /** When hosts are looked at again, in wall-clock milliseconds. */
  readonly againAtMs: number;
  /** See `Outgoing`. */
  readonly inVain: number;
}

export async function sweepHosts(lease: WorkLease<Work>): Promise<Swept> {
  const { clock, rotation } = lease.ports;
  const seq = lastSeq(lease.record);
  const lingers = lease.record.outgoing!.pairs.some(({ held }) => held !== undefined);
  const nowMs = clock.wallMs();
  const isOld = ({ atMs = 0 }: SweptHost) => lingers && atMs + SWEEP_MS <= nowMs;
  const isOwed = (host: Host) => lease.record.outgoing!.pairs.some((pair) => owes(lease.record, host, pair));
  const needs = (swept: SweptHost, host: Host) => isOwed(host) || (swept.clear >= seq && isOld(swept));
  const { hosts } = policyOf(lease.record, rotation.defaults);
  const owing = hosts.filter(isOwed);
  const areTried = owing.every((host) => sweptOf(lease.record, host).atMs !== undefined);
  if (hosts.some((host) => needs(sweptOf(lease.record, host), host))) {
    const keys = knownKeys(lease, await keyOf(lease, lease.record.versions.at(-1)?.id));
    await onEach(lease, book, {
      needs,
      act: (reach) => catchUp(reach, keys).catch(orReimaged(lease, reach)),
      after: (swept, { removed = 0 }) => ({
        ...swept,
        outcome: 'ok',
        clear: seq,
        ...(swept.clear >= seq && removed > 0 && { returned: (swept.returned ?? 0) + removed }),
      }),
    });
  }
  if (!hosts.some(isOwed)) return { againAtMs: clock.wallMs() + SWEEP_MS, inVain: 0 };
  const inVain = areTried && owing.every(isOwed) ? (lease.record.outgoing!.inVain ?? 0) + 1 : 0;
  return { againAtMs: clock.wallMs() + Math.min(FIRST_PAUSE_MS * 2 ** inVain, LONGEST_PAUSE_MS), inVain };
}
