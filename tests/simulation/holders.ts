// Who has a lease on which record, as they see it themselves: nobody may take one while somebody else may still act on
// the record. The ledger's conditional writes make most of that harmless; what they cannot see is deletes and secrets.
import { type Deadline, deadlineIn, leftMs } from '../../lib/clock.ts';
import type { Ports } from '../../lib/vending/ports.ts';
import type { KeyPairRecord } from '../../lib/vending/record.ts';
import type { Process } from './process.ts';

interface Held {
  readonly process: Process;
  readonly holder: string;
  readonly until: Deadline;
}

export class Holders {
  readonly broken: string[] = [];
  readonly #held = new Map<string, Held>();
  /** Who was the first to write a holder's id down: it, and nobody who only leaves that as it was, takes the lease. */
  readonly #ownerOf = new Map<string, Process>();
  readonly #leaseMs: number;

  constructor(leaseMs: number) {
    this.#leaseMs = leaseMs;
  }

  /** The ledger as this process sees it, with note taken of the leases that it takes and lets go. */
  watched(process: Process, ledger: Ports['ledger']): Ports['ledger'] {
    const write: Ports['ledger']['write'] = async (record, expected) => {
      const taken = this.#leasesOf(process, record).flatMap(({ what, lease, forMs }) => {
        const { holder, endsAtMs } = lease ?? { holder: undefined, endsAtMs: 0 };
        const held = this.#held.get(what);
        if (holder !== undefined && !this.#ownerOf.has(holder)) this.#ownerOf.set(holder, process);
        const takes = holder !== undefined && holder !== held?.holder && this.#ownerOf.get(holder) === process;
        if (held?.process === process && !takes && endsAtMs <= process.wallMs()) this.#held.delete(what);
        return takes ? [[what, { process, holder, until: deadlineIn(process, forMs) }] as const] : [];
      });
      const revision = await ledger.write(record, expected);
      if (revision !== 'conflict') for (const [what, held] of taken) this.#taken(what, held);
      return revision;
    };
    return new Proxy(ledger, { get: (target, method) => (method === 'write' ? write : Reflect.get(target, method)) });
  }

  /** An attempt's lease, and those of the rotations that are not over. */
  #leasesOf(process: Process, { identity: { name }, attempt, rotations = [], nameSlot }: KeyPairRecord) {
    return [
      { what: name, lease: attempt?.lease, forMs: this.#leaseMs },
      {
        what: `${name}, its own name`,
        lease: nameSlot?.work.lease,
        forMs: (nameSlot?.work.lease?.endsAtMs ?? 0) - process.wallMs(),
      },
      ...rotations.map(({ id, lease }) => ({
        what: `${name}, rotation ${id}`,
        lease,
        forMs: (lease?.endsAtMs ?? 0) - process.wallMs(),
      })),
    ];
  }

  #taken(what: string, held: Held): void {
    const before = this.#held.get(what);
    this.#held.set(what, held);
    if (before === undefined || before.process === held.process || !mayAct(before) || held.process.wasFrozen) return;
    this.broken.push(`P5: ${held.process.name} takes ${what}, which ${before.process.name} holds`);
  }
}

/** A process that was frozen may have a wall clock that is behind for good, and put its leases into the past. */
const mayAct = ({ process, until }: Held): boolean =>
  process.alive && process.working && !process.wasFrozen && leftMs(process, until) > 0;
