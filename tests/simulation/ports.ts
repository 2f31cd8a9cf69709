// The ports as a process sees them: services in memory, at the other end of a line.
import { type Deadline, leftMs } from '../../lib/clock.ts';
import { type FailureCode, VendingError } from '../../lib/errors.ts';
import type { KeyPairProvider } from '../../lib/providers/provider.ts';
import type { CallLimits } from '../../lib/transport/wire.ts';
import type { Announcement, Ports } from '../../lib/vending/ports.ts';
import type { SimulatedCloud } from '../doubles/memory-cloud.ts';
import { changes } from './faults.ts';
import type { Holders } from './holders.ts';
import type { Errors, Line, Sending } from './line.ts';
import type { Process } from './process.ts';

const MINUTE = 60_000;
const AWS_WINDOW_MS = 5 * MINUTE;
/** Of a whole call to AWS with its tries. */
const AWS_TIMEOUT_MS = 8_000;

const cloudErrors = (changes: boolean): Errors => ({
  unsent: () => new VendingError('DEADLINE_PASSED', 'No time was left'),
  silence: (cause) =>
    changes
      ? new VendingError('OUTCOME_UNKNOWN', 'No whole answer', { effect: 'unknown', cause })
      : new VendingError('CLOUD_UNREACHABLE', 'No whole answer', { cause }),
  throttled: () => new VendingError('THROTTLED', 'Too many requests', { retryAfterMs: 1_000 }),
  refused: () => new VendingError('PERMISSION_DENIED', 'Not permitted'),
  failed: () =>
    changes
      ? new VendingError('OUTCOME_UNKNOWN', 'Failed', { effect: 'unknown' })
      : new VendingError('CLOUD_UNREACHABLE', 'Failed'),
  stale: () => new VendingError('CLOCK_SKEWED', 'Too old'),
});

const serviceErrors = (code: FailureCode, changes: boolean): Errors => {
  const unsure = () => new VendingError(code, 'No whole answer', { effect: changes ? 'unknown' : 'none' });
  const notNow = () => new VendingError(code, 'Not now');
  const refused = () => new VendingError(code === 'STORE_UNAVAILABLE' ? 'STORE_REFUSED' : code, 'Not permitted');
  return { unsent: notNow, silence: unsure, throttled: notNow, refused, failed: unsure, stale: notNow };
};

/** A cloud's key-pair service over a line. It follows the contract of every provider (cloud.test.ts). */
export function providerAt(line: Line, process: Process, cloud: SimulatedCloud): KeyPairProvider {
  const windowMs = cloud.provider === 'cvm' ? 5 * MINUTE : 15 * MINUTE;
  const removesBy = cloud.provider === 'ecs' ? 'name' : 'id';
  const hasTags = cloud.provider !== 'ens';

  async function send<T>(
    action: string,
    { timeoutMs, signBefore, signal }: CallLimits,
    act: (fault?: Parameters<Sending<T>['act']>[0]) => T,
  ): Promise<T> {
    if (signal?.aborted) throw new VendingError('CANCELLED', 'The caller has gone');
    const errors = cloudErrors(changes.has(`cloud.${action}`));
    return line.send(process, {
      call: `cloud.${action}`,
      timeoutMs,
      windowMs,
      errors,
      mayStillSign() {
        if (signBefore !== undefined && leftMs(process, signBefore) <= 0) throw errors.unsent();
      },
      act: async (fault) => act(fault),
    });
  }
  return {
    provider: cloud.provider,
    hasTags,
    removesBy,
    createdAtPrecisionMs: cloud.precisionMs,
    create: (pair, call) => send('create', call, (fault) => cloud.create(pair, process.name, fault)),
    import: (pair, call) => send('import', call, () => cloud.import(pair, process.name)),
    async find(place, call) {
      let atMs = 0;
      process.looksAt.add(place.name);
      const seen = await send('find', call, () => {
        atMs = line.scheduler.nowMs;
        return cloud.find(place);
      });
      process.sawAtMs.set(place.name, atMs);
      return seen;
    },
    async list(where, call) {
      if (where.tags !== undefined && !hasTags) throw new TypeError('there are no tags to list by');
      return send('list', call, () => cloud.list(where));
    },
    count: (region, call) => send('count', call, () => cloud.pairs.filter((pair) => pair.region === region).length),
    async remove(pair, call) {
      if (removesBy === 'id' && pair.id === undefined) throw new TypeError('goes by id');
      const sawAtMs = process.sawAtMs.get(pair.name) ?? Number.POSITIVE_INFINITY;
      const askedAtMs = line.scheduler.nowMs;
      return send('remove', call, () => cloud.remove(pair, process.name, { askedAtMs, sawAtMs }));
    },
  };
}

/** Which argument says until when a call may be signed. */
const signedBefore: Readonly<Record<string, number>> = { put: 3, fileAttempt: 3, markPending: 2 };

/** A port of which every method is one call to an AWS service. */
function serviceAt<T extends object>(line: Line, process: Process, name: string, code: FailureCode, port: T): T {
  return new Proxy(port, {
    get(target, property) {
      const method = Reflect.get(target, property) as (...given: unknown[]) => Promise<unknown>;
      return (...given: unknown[]) =>
        line.send(process, {
          mayStillSign() {
            const signBefore = given[signedBefore[String(property)] ?? given.length] as Deadline | undefined;
            if (signBefore !== undefined && leftMs(process, signBefore) <= 0)
              throw new VendingError(code, 'No time was left');
          },
          call: `${name}.${String(property)}`,
          timeoutMs: AWS_TIMEOUT_MS,
          windowMs: AWS_WINDOW_MS,
          errors: serviceErrors(code, changes.has(`${name}.${String(property)}`)),
          act: () => Reflect.apply(method, target, given),
        });
    },
  });
}

export interface Services {
  readonly cloud: SimulatedCloud;
  readonly ledger: Ports['ledger'];
  readonly store: Ports['store'];
  readonly announced: Announcement[];
  readonly holders: Holders;
}

export function portsOf(line: Line, process: Process, services: Services, settings: Ports['settings']): Ports {
  const { cloud, ledger, store, announced, holders } = services;
  const bus = { publish: async (announcement: Announcement) => void announced.push(announcement) };
  const provider = providerAt(line, process, cloud);
  return {
    ledger: holders.watched(process, serviceAt(line, process, 'ledger', 'LEDGER_UNAVAILABLE', ledger)),
    store: serviceAt(line, process, 'store', 'STORE_UNAVAILABLE', store),
    providerFor: async () => provider,
    publish: serviceAt(line, process, 'bus', 'QUEUE_UNAVAILABLE', bus).publish,
    clock: process,
    newId: () => line.random.uuid(),
    wait: (ms) => line.scheduler.point(process, ms),
    settings,
  };
}
