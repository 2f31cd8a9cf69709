// The ports as a process sees them: services in memory, at the other end of a line.
import { type Deadline, leftMs } from '../../lib/clock.ts';
import { type FailureCode, VendingError } from '../../lib/errors.ts';
import type { KeyPairProvider, NewPair, Place } from '../../lib/providers/provider.ts';
import type { Call } from '../../lib/providers/wire.ts';
import type { Announcement, Parts } from '../../lib/vending/parts.ts';
import type { SimulatedCloud } from './cloud.ts';
import type { Errors, Line } from './line.ts';
import type { Process } from './process.ts';

const MINUTE = 60_000;
const AWS_WINDOW_MS = 5 * MINUTE;
/** Of a whole call to AWS with its tries. */
const AWS_TIMEOUT_MS = 8_000;

const cloudErrors = (changes: boolean): Errors => ({
  unsent: () => new VendingError('DEADLINE_PASSED', 'No time was left'),
  silence: (cause) =>
    changes
      ? new VendingError('OUTCOME_UNKNOWN', 'No whole answer', { made: 'unknown', cause })
      : new VendingError('CLOUD_UNREACHABLE', 'No whole answer', { cause }),
  throttled: () => new VendingError('THROTTLED', 'Too many requests', { retryAfterMs: 1_000 }),
  failed: () =>
    changes
      ? new VendingError('OUTCOME_UNKNOWN', 'Failed', { made: 'unknown' })
      : new VendingError('CLOUD_UNREACHABLE', 'Failed'),
  stale: () => new VendingError('CLOCK_SKEWED', 'Too old'),
});

const serviceErrors = (code: FailureCode, changes: boolean): Errors => {
  const unsure = () => new VendingError(code, 'No whole answer', { made: changes ? 'unknown' : 'never' });
  const refused = () => new VendingError(code, 'Not now');
  return { unsent: refused, silence: unsure, throttled: refused, failed: unsure, stale: refused };
};

export function providerAt(line: Line, process: Process, cloud: SimulatedCloud): KeyPairProvider {
  const windowMs = cloud.provider === 'cvm' ? 5 * MINUTE : 15 * MINUTE;
  const send = <T>(action: string, changes: boolean, { timeoutMs, signBefore }: Call, act: () => T): Promise<T> => {
    const errors = cloudErrors(changes);
    return line.send(process, {
      call: `cloud.${action}`,
      timeoutMs,
      windowMs,
      errors,
      mayStillSign() {
        if (signBefore !== undefined && leftMs(process, signBefore) <= 0) throw errors.unsent();
      },
      act: async () => act(),
    });
  };
  return {
    provider: cloud.provider,
    hasTags: cloud.provider !== 'ens',
    removesBy: cloud.provider === 'ecs' ? 'name' : 'id',
    createdAtPrecisionMs: cloud.precisionMs,
    create: (pair: NewPair, call) => send('create', true, call, () => cloud.create(pair, process.name)),
    async import() {
      throw new TypeError('nothing here imports');
    },
    find: ({ name }: Place, call) => {
      process.looksAt = name;
      return send('find', false, call, () => cloud.find(name));
    },
    list: (_where, call) => send('list', false, call, () => cloud.list()),
    count: async (_region, call) => (await send('count', false, call, () => cloud.list())).pairs.length,
    remove: (pair, call) => send('remove', true, call, () => cloud.remove(pair, process.name)),
  };
}

const writes: ReadonlySet<string> = new Set([
  ...['write', 'fileAttempt', 'remember', 'restate', 'takeSlot'],
  ...['prepare', 'put', 'makeCurrent', 'remove'],
]);

/** Which argument says until when a call may be signed. */
const signedBefore: Readonly<Record<string, number>> = { put: 3, fileAttempt: 3 };

/** A port of which every method is one call to an AWS service. */
export function serviceAt<T extends object>(line: Line, process: Process, name: string, code: FailureCode, port: T): T {
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
          errors: serviceErrors(code, writes.has(String(property))),
          act: () => Reflect.apply(method, target, given),
        });
    },
  });
}

export interface Services {
  readonly cloud: SimulatedCloud;
  readonly ledger: Parts['ledger'];
  readonly store: Parts['store'];
  readonly announced: Announcement[];
}

export function partsOf(line: Line, process: Process, services: Services, settings: Parts['settings']): Parts {
  const { cloud, ledger, store, announced } = services;
  const bus = { publish: async (announcement: Announcement) => void announced.push(announcement) };
  const provider = providerAt(line, process, cloud);
  return {
    ledger: serviceAt(line, process, 'ledger', 'LEDGER_UNAVAILABLE', ledger),
    store: serviceAt(line, process, 'store', 'STORE_UNAVAILABLE', store),
    providerFor: async () => provider,
    publish: serviceAt(line, process, 'bus', 'QUEUE_UNAVAILABLE', bus).publish,
    clock: process,
    newId: () => line.random.uuid(),
    wait: (ms) => line.scheduler.point(process, ms),
    settings,
  };
}
