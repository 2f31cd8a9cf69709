// Ledger, secret store and event bus as their ports alone: in memory, waiting as long as the real ones would.
import { randomUUID } from 'node:crypto';
import { systemClock } from '../../lib/clock.ts';
import type { Attempt } from '../../lib/vending/attempt.ts';
import { Deployment } from '../../lib/vending/deployment.ts';
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
): MemoryPorts & Pick<Ports, 'deployment'> & { clear(): void } {
  const secrets: Shared = new Map();
  const store = memoryStore(() => Date.now(), { deployment, secrets });
  const empty = () => memoryLedger<KeyPairRecord, Attempt>({ clock: systemClock });
  let kept = empty();
  const ledger = waiting(
    () => kept,
    () => waitMs('ledger'),
  );
  return {
    ledger,
    deployment: new Deployment(deployment, ledger, systemClock, randomUUID),
    store: waiting(
      () => store,
      () => waitMs('store'),
    ),
    publish: async () => atPort(waitMs('publish'), () => {}),
    clear() {
      kept = empty();
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
