// Everything one run plays in: names on one provider, a ledger, a store, a bus, and whoever works on them.
import type { Identity } from '../../lib/identity.ts';
import { forEachProvider, type ProviderName, rowOf } from '../../lib/provider-table.ts';
import type { Attempt } from '../../lib/vending/attempt.ts';
import type { Announcement, Ports, Settings } from '../../lib/vending/ports.ts';
import type { KeyPairRecord } from '../../lib/vending/record.ts';
import { MemoryCloud } from '../doubles/memory-cloud.ts';
import { memoryLedger } from '../doubles/memory-ledger.ts';
import { memoryStore, type Shared } from '../doubles/memory-store.ts';
import { random } from '../doubles/random.ts';
import type { FaultPlan } from './faults.ts';
import { Holders } from './holders.ts';
import { Line } from './line.ts';
import { portsOf } from './ports.ts';
import { Process } from './process.ts';
import { Scheduler } from './scheduler.ts';

/** As deployed by default. */
export const settings: Settings = {
  deployment: 'ours',
  leaseMs: 35_000,
  takeOverAfterMs: 60_000,
  signatureWindowMs: forEachProvider((provider) => rowOf(provider).signatureWindowMs),
  horizonMs: 20 * 60_000,
  absentTwiceMs: 30_000,
  createTimeoutMs: 10_000,
  callTimeoutMs: 3_000,
  createsPerSecond: { cvm: 10 },
  quotas: forEachProvider(() => 0),
  strict: false,
};

export const START_MS = Date.parse('2026-03-01T12:00:00Z');
/** Clocks are off by less than the pause before anybody takes over. */
const SKEW_MS = 20_000;

/** One name that is worked on, and what came of it. */
export interface Name {
  readonly identity: Identity;
  /** Answers that were given: what the promises are about. */
  readonly acknowledged: { readonly keyPairId: string; readonly fingerprint: string; readonly request: number }[];
  /** Promises that were broken at a moment that nobody sees any more when everything is over. */
  readonly broken: string[];
  /** Whether a stranger keeps a secret under it. */
  strangersSecret: boolean;
}

/** @param unproven whether the cloud's fingerprints prove nothing, and that is not enough */
export function world(seed: number, provider: ProviderName, plan: FaultPlan, unproven = false) {
  const rnd = random(seed);
  const scheduler = new Scheduler(rnd, START_MS + rnd.below(60_000));
  const line = new Line(scheduler, rnd, plan);
  const nowMs = () => scheduler.nowMs;
  const secrets: Shared = new Map();
  const services = {
    secrets,
    cloud: new MemoryCloud(provider, rnd, nowMs),
    ledger: memoryLedger<KeyPairRecord, Attempt>({ clock: { wallMs: nowMs, monotonicMs: nowMs } }),
    store: memoryStore(nowMs, { deployment: settings.deployment, secrets }),
    announced: [] as Announcement[],
    holders: new Holders(settings.leaseMs),
  };
  const place = { provider, account: 'default', region: provider === 'ens' ? 'global' : 'somewhere-1' };
  const named = (name: string): Name => {
    const identity = { ...place, name };
    return { identity, acknowledged: [], broken: [], strangersSecret: false };
  };
  const processes: Process[] = [];
  services.cloud.vague = unproven;

  return {
    ...services,
    random: rnd,
    scheduler,
    line,
    place,
    /** The one that everything is about, and one beside it. */
    names: [named('web_1'), named('web_2')] as const,
    processes,
    /** How many are not there yet, or have not been answered. */
    expected: 0,
    /** Somebody else's secrets in the same store. */
    theirStore: memoryStore(nowMs, { deployment: 'theirs', secrets }),
    /** What was told or thrown to whoever called, as it would be logged. */
    told: [] as string[],
    worker(name: string): { process: Process; ports: Ports } {
      const process = new Process(name, scheduler, rnd.below(2 * SKEW_MS) - SKEW_MS);
      processes.push(process);
      return { process, ports: portsOf(line, process, services, { ...settings, strict: unproven }) };
    },
  };
}
export type World = ReturnType<typeof world>;
