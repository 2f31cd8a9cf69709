// The rules in force, in the order they came; the first one that fits a call takes it.
import { randomUUID } from 'node:crypto';
import { checkedRule } from './checked-rule.ts';
import type { Fault, FaultRule } from './fault.ts';

export interface PlannedFault {
  readonly id: string;
  readonly rule: FaultRule;
  /** Calls that fitted, whether they were let through or not. */
  readonly seen: number;
  /** Calls to which it was done. */
  readonly done: number;
}

export interface Subject {
  readonly service: string;
  readonly action: string;
  readonly region: string;
  readonly name: string;
}

export class FaultPlan {
  readonly #planned = new Map<string, PlannedFault>();

  /** @throws {TypeError} saying what is wrong with the rule */
  add(rule: FaultRule): PlannedFault {
    const planned = { id: randomUUID(), rule: checkedRule(rule), seen: 0, done: 0 };
    this.#planned.set(planned.id, planned);
    return planned;
  }

  /** All rules, including used-up ones. */
  list(): readonly PlannedFault[] {
    return [...this.#planned.values()];
  }

  /** @returns whether there was such a rule */
  remove(id: string): boolean {
    return this.#planned.delete(id);
  }

  clear(): void {
    this.#planned.clear();
  }

  /** What happens to this call, counted. */
  take(call: Subject): Fault | undefined {
    for (const planned of this.#planned.values()) {
      const { id, rule, seen, done } = planned;
      const { match = {}, times = 1, skip = 0 } = rule;
      const fits = (['service', 'action', 'region', 'name'] as const).every((field) =>
        match[field] === undefined ? true : match[field] === call[field],
      );
      if (!fits || (times !== 'always' && done >= times)) continue;
      const now = seen >= skip;
      this.#planned.set(id, { ...planned, seen: seen + 1, done: now ? done + 1 : done });
      if (now) return rule.fault;
    }
    return undefined;
  }
}
