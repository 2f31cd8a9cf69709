// What can go wrong with one call through a port, and when it does: by the seed, or exactly where a run says.
import type { Random } from '../doubles/random.ts';

const plain = [
  'crash before', // it dies instead of asking
  'crash after', // it dies when the answer arrives
  'request lost', // nothing arrives, and the caller waits until its time is up
  'answer lost', // it is carried out, and the caller waits until its time is up
  'throttled', // refused, and told so
  'refused', // for good, and nothing was done
  'fails', // 5xx, and nothing was done
  'fails after', // 5xx, and it was done
  'slow', // carried out within the caller's time, but only just
] as const;

/** Of a create alone: its answer has another pair's key; or its key and fingerprint, so that it agrees with itself. */
const lies = ['another key', 'another pair'] as const;

const clocks = ['wall', 'monotonic', 'none'] as const;

export type Fault =
  | { readonly kind: (typeof plain)[number] | (typeof lies)[number] }
  /** Carried out that long after the caller has given up, or refused for its age. */
  | { readonly kind: 'late'; readonly byMs: number }
  /** Of a service that is asked again when it does not answer: the first try arrives after the one it answered. */
  | { readonly kind: 'twice'; readonly byMs: number }
  /** The process stops before it asks, or when the answer has arrived, and one of its clocks may not notice. */
  | {
      readonly kind: 'frozen before' | 'frozen after';
      readonly forMs: number;
      readonly stands: (typeof clocks)[number];
    };

export interface FaultPlan {
  /** @param step counts from 1 within the process */
  at(process: string, step: number, call: string): Fault | undefined;
}

export const none: FaultPlan = { at: () => undefined };

/** The calls that change something. Nothing comes of a read whose answer nobody hears. */
export const changes: ReadonlySet<string> = new Set([
  ...['cloud.create', 'cloud.import', 'cloud.remove', 'bus.publish', 'bus.notify'],
  ...['cloud.attach', 'cloud.detach', 'cloud.rename'],
  ...[
    'ledger.write',
    'ledger.fileAttempt',
    'ledger.remember',
    'ledger.restate',
    'ledger.tryAcquire',
    'ledger.claim',
    'ledger.unclaim',
  ],
  ...[
    'store.prepare',
    'store.put',
    'store.makeCurrent',
    'store.remove',
    'store.restoreSecret',
    'store.markPending',
    'host.replace',
  ],
]);

/** Whether it makes a difference to such a call. Only a create's answer can lie, and the clouds are asked once. */
export function fits({ kind }: Fault, call: string): boolean {
  if (kind === 'another key' || kind === 'another pair') return call === 'cloud.create';
  if (kind === 'twice') return changes.has(call) && !/^(cloud|host)\./.test(call);
  return changes.has(call) || (kind !== 'answer lost' && kind !== 'fails after' && kind !== 'late');
}

/** Longer than a lease, past the pause after it, past AWS's and Alibaba's signature windows, past every horizon. */
const freezesMs = [40_000, 110_000, 6 * 60_000, 17 * 60_000, 45 * 60_000];
/** Within the lease, after it was taken over, and shortly before a signature is too old, at AWS and at Alibaba. */
const delaysMs = [12_000, 110_000, 260_000, 860_000];

/** One of each: what a run can try at every step, with nothing left to chance. */
export const everyFault: readonly Fault[] = [
  ...[...plain, ...lies].map((kind) => ({ kind })),
  ...(['late', 'twice'] as const).flatMap((kind) => delaysMs.map((byMs) => ({ kind, byMs }))),
  ...(['frozen before', 'frozen after'] as const).flatMap((kind) =>
    freezesMs.flatMap((forMs) => clocks.map((stands) => ({ kind, forMs, stands }))),
  ),
];

/** As a run's name has it. */
export function nameOf(fault: Fault): string {
  if ('byMs' in fault) return `${fault.kind} by ${fault.byMs / 1_000} s`;
  return 'forMs' in fault ? `${fault.kind} for ${fault.forMs / 1_000} s, clock standing: ${fault.stands}` : fault.kind;
}

/** What a process calls. */
export const everyCall = [
  ...['cloud.find', 'cloud.create', 'cloud.remove', 'cloud.account', 'bus.publish'],
  ...['ledger.read', 'ledger.write', 'ledger.fileAttempt', 'ledger.attempts', 'ledger.tryAcquire'],
  ...['ledger.recall', 'ledger.remember', 'ledger.home', 'ledger.claim', 'ledger.unclaim'],
  ...['store.prepare', 'store.put', 'store.find', 'store.reveal', 'store.makeCurrent', 'store.remove'],
];

/** Likewise, where keys are made here. */
export const importCalls = everyCall.map((call) => (call === 'cloud.create' ? 'cloud.import' : call));

/** What a rotation calls beside that. */
export const rotationCalls = [
  ...[
    ...everyCall,
    'bus.notify',
    'cloud.holders',
    'cloud.attach',
    'cloud.detach',
    'cloud.references',
    'cloud.import',
    'cloud.rename',
    'host.login',
    'host.read',
    'host.replace',
    'store.markPending',
  ],
];

/**
 * Faults by the seed: at any call now and then, or at one, two or three of them nearly always, because what nothing
 * survives takes several faults that fit together.
 * @param calls those that may be sick
 */
export function byChance(random: Random, calls: readonly string[] = everyCall): FaultPlan {
  const some = (): Fault => {
    const kind = random.pick([...plain, 'another key', 'late', 'twice', 'frozen before', 'frozen after'] as const);
    if (kind === 'late' || kind === 'twice')
      return { kind, byMs: random.below(random.pick([20_000, 320_000, 960_000])) };
    if (kind !== 'frozen before' && kind !== 'frozen after') return { kind };
    return { kind, forMs: random.pick([5_000, ...freezesMs]) + random.below(5_000), stands: random.pick(clocks) };
  };
  const anywhere = random.pick([0, 0.02, 0.05, 0.15]);
  const often = random.pick([0.5, 0.9]);
  const sick = new Map<string, Fault>();
  for (let i = random.pick([0, 1, 2, 3]); i > 0; i -= 1) sick.set(random.pick(calls), some());
  return {
    at(_process, _step, call) {
      const fault = random.chance(often) ? sick.get(call) : undefined;
      const either = fault ?? (random.chance(anywhere) ? some() : undefined);
      return either !== undefined && fits(either, call) ? either : undefined;
    },
  };
}
