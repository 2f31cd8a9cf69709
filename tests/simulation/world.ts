// Everything one run plays in: one name on one provider, a ledger, a store, a bus, and whoever works on it.
import { memoryLedger } from '../../lib/ledger/memory.ts';
import type { ProviderName } from '../../lib/providers/provider.ts';
import { memoryStore } from '../../lib/secrets/memory.ts';
import type { Identity } from '../../lib/vending/identity.ts';
import type { Announcement, Parts, Settings } from '../../lib/vending/parts.ts';
import type { Attempt, KeyPairRecord } from '../../lib/vending/record.ts';
import { random } from '../random.ts';
import { SimulatedCloud } from './cloud.ts';
import type { FaultPlan } from './faults.ts';
import { Line } from './line.ts';
import { partsOf } from './ports.ts';
import { Process } from './process.ts';
import { Scheduler } from './scheduler.ts';

/** As deployed by default. */
export const settings: Settings = {
  deployment: 'ours',
  leaseMs: 35_000,
  takeOverAfterMs: 60_000,
  signatureWindowMs: { ens: 15 * 60_000, ecs: 15 * 60_000, cvm: 5 * 60_000 },
  horizonMs: 20 * 60_000,
  absentTwiceMs: 30_000,
  createTimeoutMs: 10_000,
  callTimeoutMs: 3_000,
  paceHz: { cvm: 10 },
  quotas: {},
  strict: false,
};

const START_MS = Date.parse('2026-03-01T12:00:00Z');
/** Clocks are off by less than the pause before anybody takes over. */
const SKEW_MS = 20_000;

export function world(seed: number, provider: ProviderName, plan: FaultPlan) {
  const rnd = random(seed);
  const scheduler = new Scheduler(rnd, START_MS + rnd.below(60_000));
  const line = new Line(scheduler, rnd, plan);
  const nowMs = () => scheduler.nowMs;
  const secrets = new Map();
  const services = {
    cloud: new SimulatedCloud(provider, nowMs),
    ledger: memoryLedger<KeyPairRecord, Attempt>({ clock: { wallMs: nowMs, monotonicMs: nowMs } }),
    store: memoryStore(nowMs, { deployment: settings.deployment, secrets }),
    announced: [] as Announcement[],
  };
  const region = provider === 'ens' ? 'global' : 'somewhere-1';
  const identity: Identity = { provider, account: 'default', region, name: 'web_1' };
  const processes: Process[] = [];

  return {
    ...services,
    random: rnd,
    scheduler,
    line,
    identity,
    processes,
    strangersSecret: false,
    /** Somebody else's secrets in the same store. */
    theirStore: memoryStore(nowMs, { deployment: 'theirs', secrets }),
    /** What a process that was left alone has thrown at whoever called it. */
    thrown: [] as unknown[],
    /** Answers that were given: what the promises are about. */
    acknowledged: [] as { keyPairId: string; fingerprint: string; request: number; atMs: number }[],
    worker(name: string, skewed = true): { process: Process; parts: Parts } {
      const process = new Process(name, scheduler, skewed ? rnd.below(2 * SKEW_MS) - SKEW_MS : 0);
      processes.push(process);
      return { process, parts: partsOf(line, process, services, settings) };
    },
  };
}
export type World = ReturnType<typeof world>;
