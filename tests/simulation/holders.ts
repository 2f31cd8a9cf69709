// Who holds which record, as they see it themselves: nobody may take it while somebody else may still act on it. The ledger's
// conditional writes make most of that harmless; what they cannot see are deletes and secrets.
import { type Deadline, deadlineIn, leftMs } from '../../lib/clock.ts';
import type { Identity } from '../../lib/vending/identity.ts';
import type { Parts } from '../../lib/vending/parts.ts';
import type { Process } from './process.ts';

interface Held {
  readonly process: Process;
  readonly holder: string;
  readonly until: Deadline;
}

export class Holders {
  readonly broken: string[] = [];
  readonly #held = new Map<string, Held>();
  readonly #leaseMs: number;

  constructor(leaseMs: number) {
    this.#leaseMs = leaseMs;
  }

  /** The ledger as this process sees it, with note taken of what it takes and lets go. */
  watched(process: Process, ledger: Parts['ledger']): Parts['ledger'] {
    const write: Parts['ledger']['write'] = async (record, expected) => {
      const { identity, attempt } = record;
      const { holder, endsAtMs } = attempt?.lease ?? { holder: undefined, endsAtMs: 0 };
      const until = deadlineIn(process, this.#leaseMs);
      const held = this.#held.get(identity.name);
      const takes = holder !== undefined && holder !== held?.holder;
      if (held?.process === process && !takes && endsAtMs <= process.wallMs()) this.#held.delete(identity.name);
      const revision = await ledger.write(record, expected);
      if (revision !== 'conflict' && takes) this.#taken(identity, { process, holder, until });
      return revision;
    };
    return new Proxy(ledger, { get: (target, method) => (method === 'write' ? write : Reflect.get(target, method)) });
  }

  #taken(identity: Identity, held: Held): void {
    const before = this.#held.get(identity.name);
    this.#held.set(identity.name, held);
    if (before === undefined || before.process === held.process || !mayAct(before) || held.process.wasFrozen) return;
    this.broken.push(`P5: ${held.process.name} takes ${identity.name}, which ${before.process.name} holds`);
  }
}

/** A process that was frozen may have a wall clock that is behind for good, and put its leases into the past. */
const mayAct = ({ process, until }: Held): boolean =>
  process.alive && process.working && !process.wasFrozen && leftMs(process, until) > 0;
