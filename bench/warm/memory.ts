// Ledger, secret store and event bus as their ports alone: in memory, waiting as long as the real ones would.
import { systemClock } from '../../lib/clock.ts';
import type { Attempt } from '../../lib/vending/attempt.ts';
import type { Ports } from '../../lib/vending/ports.ts';
import type { KeyPairRecord } from '../../lib/vending/record.ts';
import { memoryLedger } from '../../tests/doubles/memory-ledger.ts';
import { memoryStore, type Shared } from '../../tests/doubles/memory-store.ts';
import { atPort } from './turns.ts';

type MemoryPorts = Pick<Ports, 'ledger' | 'store' | 'publish'>;

/** @param waitMs how long a call to the real one would take */
export function memoryPorts(
  deployment: string,
  waitMs: (port: keyof MemoryPorts) => number,
): MemoryPorts & { clear(): void } {
  const secrets: Shared = new Map();
  const store = memoryStore(() => Date.now(), { deployment, secrets });
  const empty = () => memoryLedger<KeyPairRecord, Attempt>({ clock: systemClock });
  let ledger = empty();
  return {
    ledger: waiting(
      () => ledger,
      () => waitMs('ledger'),
    ),
    store: waiting(
      () => store,
      () => waitMs('store'),
    ),
    publish: async () => atPort(waitMs('publish'), () => {}),
    clear() {
      ledger = empty();
      secrets.clear();
    },
  };
}

/** The methods do all their work before they return, so that it can be told from the wait. */
const waiting = <T extends object>(port: () => T, waitMs: () => number): T =>
  new Proxy({} as T, {
    get(_, name) {
      const method = Reflect.get(port(), name) as (...given: unknown[]) => Promise<unknown>;
      return (...given: unknown[]) => atPort(waitMs(), () => Reflect.apply(method, port(), given));
    },
  });
