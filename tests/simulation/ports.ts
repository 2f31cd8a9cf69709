// The ports as a process sees them: services in memory, at the other end of a line.
import { type Deadline, leftMs } from '../../lib/clock.ts';
import { type FailureCode, VendingError } from '../../lib/errors.ts';
import type { Identity } from '../../lib/identity.ts';
import { rowOf } from '../../lib/provider-table.ts';
import type { KeyPairProvider } from '../../lib/providers/provider.ts';
import { keyless } from '../../lib/secrets/keyless.ts';
import type { PrivateKey } from '../../lib/ssh/private-key.ts';
import { AccountPins } from '../../lib/vending/account-pin.ts';
import { CreateTimes } from '../../lib/vending/create-times.ts';
import { Deployment } from '../../lib/vending/deployment.ts';
import type { Notice } from '../../lib/vending/notice.ts';
import type { Announcement, Ports } from '../../lib/vending/ports.ts';
import type { TrailEntry } from '../../lib/vending/trail-entry.ts';
import { type MemoryCloud, memoryProvider, type Way } from '../doubles/memory-cloud.ts';
import { changes } from './faults.ts';
import type { Holders } from './holders.ts';
import type { Errors, Line } from './line.ts';
import type { Process } from './process.ts';

const MINUTE = 60_000;
export const AWS_WINDOW_MS = 5 * MINUTE;
/** For a whole call to AWS, with all its tries. */
const AWS_TIMEOUT_MS = 8_000;

export const cloudErrors = (changes: boolean): Errors => ({
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
export function providerAt(line: Line, process: Process, cloud: MemoryCloud): KeyPairProvider {
  const way: Way = {
    by: process.name,
    async send(action, { timeoutMs, signBefore, signal, onSent }, act) {
      if (signal?.aborted) throw new VendingError('CANCELLED', 'The caller has gone');
      const errors = cloudErrors(changes.has(`cloud.${action}`));
      return line.send(process, {
        call: `cloud.${action}`,
        timeoutMs,
        windowMs: rowOf(cloud.provider).signatureWindowMs,
        skewMs: cloud.skewMs,
        errors,
        mayStillSign() {
          if (signBefore !== undefined && leftMs(process, signBefore) <= 0) throw errors.unsent();
          onSent?.();
        },
        act: async (fault) => act(fault === 'another key' || fault === 'another pair' ? fault : undefined),
      });
    },
    times: (name) => ({
      sawAtMs: process.sawAtMs.get(name) ?? Number.POSITIVE_INFINITY,
      askedAtMs: line.scheduler.nowMs,
    }),
  };
  const provider = memoryProvider(cloud, way);
  return {
    ...provider,
    create: (pair, limits) =>
      provider.create(pair, limits).catch((error: unknown) => {
        if (error instanceof VendingError && error.code === 'NAME_TAKEN')
          process.taken.set(pair.name, line.scheduler.nowMs);
        throw error;
      }),
    async find(place, limits) {
      let atMs = 0;
      process.looksAt.add(place.name);
      const seen = await way.send('find', limits, () => {
        atMs = line.scheduler.nowMs;
        return cloud.find(place);
      });
      process.sawAtMs.set(place.name, atMs);
      return seen;
    },
  };
}

/** Which argument says until when a call may be signed. */
const signedBefore: Readonly<Record<string, number>> = {
  put: 3,
  fileAttempt: 3,
  claim: 3,
  markPending: 2,
  makeCurrent: 3,
};

/** How requests to a service grow old. */
export interface ServiceWay {
  readonly windowMs: number;
  /** Of a service that takes a request however old it is: called when one is signed. @returns whether it is still taken */
  readonly fence?: (identity: Identity) => () => boolean;
}

/** A port of which every method is one call to an AWS service, or to one like it. */
function serviceAt<T extends object>(
  line: Line,
  process: Process,
  name: string,
  code: FailureCode,
  port: T,
  { windowMs, fence }: ServiceWay = { windowMs: AWS_WINDOW_MS },
): T {
  return new Proxy(port, {
    get(target, property) {
      const method = Reflect.get(target, property) as (...given: unknown[]) => Promise<unknown>;
      return (...given: unknown[]) => {
        let standing: () => boolean = () => true;
        return line.send(process, {
          mayStillSign() {
            const signBefore = given[signedBefore[String(property)] ?? given.length] as Deadline | undefined;
            if (signBefore !== undefined && leftMs(process, signBefore) <= 0)
              throw new VendingError(code, 'No time was left');
            if (fence !== undefined) standing = fence(given[0] as Identity);
          },
          call: `${name}.${String(property)}`,
          timeoutMs: AWS_TIMEOUT_MS,
          windowMs,
          errors: serviceErrors(code, changes.has(`${name}.${String(property)}`)),
          async act() {
            if (!standing()) throw new VendingError(code, 'It was changed since');
            return Reflect.apply(method, target, given);
          },
        });
      };
    },
  });
}

/** What was learned may be anything: a look may come before its create, or long after its answer. */
class AnyCreateTimes extends CreateTimes {
  readonly #random: Line['random'];

  constructor(random: Line['random']) {
    super();
    this.#random = random;
  }

  override delayMs(): number {
    return this.#random.pick([0, 0, 2, 20, 500]);
  }
}

/** The access key that stands under the alias at the moment. */
export interface Alias {
  digest: string;
  /** The cloud's own number of the account, and what is in it. */
  account: string;
  cloud: MemoryCloud;
}

export interface Services {
  readonly alias: Alias;
  readonly ledger: Ports['ledger'];
  readonly store: Ports['store'];
  readonly announced: Announcement[];
  readonly notices: (Identity & Notice)[];
  /** The trail as it is kept elsewhere. */
  readonly sent: (Identity & TrailEntry)[];
  readonly holders: Holders;
  readonly storeWay: ServiceWay;
  readonly newKey: (process: Process) => Promise<PrivateKey>;
}

export function portsOf(line: Line, process: Process, services: Services, settings: Ports['settings']): Ports {
  const { alias, ledger, store, announced, holders } = services;
  const bus = {
    publish: async (announcement: Announcement) => void announced.push(announcement),
    notify: async (identity: Identity, notice: Notice) => void services.notices.push({ ...identity, ...notice }),
  };
  const itsLedger = holders.watched(process, serviceAt(line, process, 'ledger', 'LEDGER_UNAVAILABLE', ledger));
  const newId = () => line.random.uuid();
  process.readsKeys = settings.readsKeys;
  const pins = new AccountPins(itsLedger, process, settings);
  return {
    ledger: itsLedger,
    deployment: new Deployment(settings.deployment, itsLedger, process, newId),
    store: serviceAt(
      line,
      process,
      'store',
      'STORE_UNAVAILABLE',
      settings.readsKeys ? store : keyless(store),
      services.storeWay,
    ),
    providerFor: async (identity) => {
      const recalled = pins.recalled(identity);
      const { cloud, digest, account } = alias;
      const call = { call: 'cloud.account', timeoutMs: settings.callTimeoutMs, windowMs: 15 * MINUTE };
      const errors = cloudErrors(false);
      const key = { digest, account: () => line.send(process, { ...call, errors, act: async () => account }) };
      return pins.pinned(identity, providerAt(line, process, cloud), key, recalled);
    },
    createTimes: new AnyCreateTimes(line.random),
    publish: serviceAt(line, process, 'bus', 'QUEUE_UNAVAILABLE', bus).publish,
    notify: serviceAt(line, process, 'bus', 'QUEUE_UNAVAILABLE', bus).notify,
    clock: process,
    actor: { door: 'http', who: process.name },
    sendEntries: async (identity, entries) =>
      void services.sent.push(...entries.map((entry) => ({ ...identity, ...entry }))),
    newId,
    newKey: () => services.newKey(process),
    wait: (ms) => line.scheduler.point(process, ms),
    settings,
  };
}
