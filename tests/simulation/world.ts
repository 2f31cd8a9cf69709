// Everything one run plays in: names on one provider, a ledger, a store, a bus, and whoever works on them.
import type { Identity } from '../../lib/identity.ts';
import { forEachProvider, type ProviderName, rowOf } from '../../lib/provider-table.ts';
import type { KeyPairProvider } from '../../lib/providers/provider.ts';
import { Secret } from '../../lib/secret.ts';
import { parsePrivateKey } from '../../lib/ssh/private-key.ts';
import { AccountPins } from '../../lib/vending/account-pin.ts';
import type { Attempt } from '../../lib/vending/attempt.ts';
import { Deployment } from '../../lib/vending/deployment.ts';
import type { Notice } from '../../lib/vending/notice.ts';
import type { Announcement, Ports, Settings } from '../../lib/vending/ports.ts';
import type { KeyPairRecord } from '../../lib/vending/record.ts';
import type { TrailEntry } from '../../lib/vending/trail-entry.ts';
import { ownKeys } from '../doubles/key-pairs.ts';
import { type CloudPair, MemoryCloud, STRANGER } from '../doubles/memory-cloud.ts';
import { memoryLedger } from '../doubles/memory-ledger.ts';
import { type Limits, memoryStore, type Shared } from '../doubles/memory-store.ts';
import { type Random, random } from '../doubles/random.ts';
import type { FaultPlan } from './faults.ts';
import { Holders } from './holders.ts';
import { watchImports } from './imports.ts';
import { Line } from './line.ts';
import { type Alias, AWS_WINDOW_MS, portsOf, type ServiceWay } from './ports.ts';
import { Process } from './process.ts';
import type { Reached } from './reached.ts';
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
  callsPerSecond: { cvm: 10 },
  quotas: forEachProvider(() => 0),
  strict: false,
  blindLabels: false,
  dropsEarliest: false,
  agelessRequests: false,
  readsKeys: true,
};

/** A provider that nothing is asked of. */
const nobody = {} as KeyPairProvider;

export const START_MS = Date.parse('2026-03-01T12:00:00Z');
/** Clocks are off by less than the pause before anybody takes over. */
const SKEW_MS = 20_000;

/** One name that is worked on, and what came of it. */
export interface Name {
  readonly identity: Identity;
  /** Answers that were given: what the promises are about. */
  readonly acknowledged: { readonly keyPairId?: string; readonly fingerprint: string; readonly request: number }[];
  /** Promises that were broken at a moment that nobody sees any more when everything is over. */
  readonly broken: string[];
  /** Whether a stranger keeps a secret under it. */
  strangersSecret: boolean;
}

/** What every keyvend in a run has in common with the others: the cloud, and time. */
interface Surroundings {
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly line: Line;
  readonly cloud: MemoryCloud;
  readonly processes: Process[];
  readonly unproven: boolean;
}

/** @param unproven whether the cloud's fingerprints prove nothing, and that is not enough */
export function world(seed: number, provider: ProviderName, plan: FaultPlan, unproven = false): World {
  const rnd = random(seed);
  const scheduler = new Scheduler(rnd, START_MS + rnd.below(60_000));
  const line = new Line(scheduler, rnd, plan);
  const cloud = new MemoryCloud(provider, rnd, () => scheduler.nowMs);
  cloud.vague = unproven;
  const surroundings = { random: rnd, scheduler, line, cloud, processes: [], unproven };
  return { ...keyvend(surroundings, '', settings.deployment), neighbours: [] };
}

/** A second keyvend in the same account of the cloud, with a ledger and a store of its own. */
export const neighbourOf = (world: World): World => {
  const { random, scheduler, line, cloud, processes } = world;
  const surroundings = { random, scheduler, line, cloud, processes, unproven: cloud.vague };
  const neighbour = { ...keyvend(surroundings, 'b/', settings.deployment), neighbours: [] };
  world.neighbours.push(neighbour);
  return neighbour;
};

/** @param prefix what the names of its processes begin with */
function keyvend(surroundings: Surroundings, prefix: string, deployment: string) {
  const { random: rnd, scheduler, line, cloud, processes, unproven } = surroundings;
  const { provider } = cloud;
  const nowMs = () => scheduler.nowMs;
  let made = 0;
  const secrets: Shared = new Map();
  const storeLimits: Limits = {};
  const alias: Alias = { digest: 'of the first key', account: '1', cloud };
  const services = {
    secrets,
    storeLimits,
    alias,
    ledger: memoryLedger<KeyPairRecord, Attempt>({ clock: { wallMs: nowMs, monotonicMs: nowMs } }),
    store: memoryStore(nowMs, { deployment, secrets, limits: storeLimits }),
    announced: [] as Announcement[],
    notices: [] as (Identity & Notice)[],
    sent: [] as (Identity & TrailEntry)[],
    holders: new Holders(settings.leaseMs),
    storeWay: { windowMs: AWS_WINDOW_MS } as ServiceWay,
    /** Takes as long as it happens to. */
    async newKey(process: Process) {
      const { pem, ...evidence } = ownKeys[made++ % ownKeys.length]!;
      cloud.handedOut.push({ pem, ...evidence });
      await scheduler.point(process, rnd.pick([0, 40, 400, 4_000]));
      return parsePrivateKey(new Secret(pem));
    },
  };
  /** What is not as deployed by default, because of the store. */
  const unusual: Partial<Settings> = {};
  const place = { provider, account: 'default', region: provider === 'ens' ? 'global' : 'somewhere-1' };
  const named = (name: string): Name => {
    const identity = { ...place, name };
    return { identity, acknowledged: [], broken: [], strangersSecret: false };
  };

  const all = {
    ...services,
    unusual,
    own: { callersKey: false },
    /** What a store that is not like AWS's was brought to. */
    reached: undefined as Reached | undefined,
    cloud,
    random: rnd,
    scheduler,
    line,
    place,
    /** The one that everything is about, and one beside it. */
    names: [named('web_1'), named('web_2')] as const,
    processes,
    /** Whether it is of this keyvend: a process by its name, a pair by whoever made it. */
    isOurs: (by: string) => by !== STRANGER && by.startsWith('b/') === (prefix !== ''),
    madeHere: ({ madeBy }: CloudPair) => madeBy !== STRANGER && madeBy.startsWith('b/') === (prefix !== ''),
    /** Its ledger was put back, or is a copy: it may know less than was acknowledged, and keeps P3 and P4 alone. */
    fenced: false,
    /** Whether those who answer callers may read stored keys, as they may on one machine. On AWS recovery and rotation alone may. */
    callersRead: false,
    /** How many are not there yet, or have not been answered. */
    expected: 0,
    /** Somebody else's secrets in the same store. */
    theirStore: memoryStore(nowMs, { deployment: 'theirs', secrets }),
    /** What was told or thrown to whoever called, as it would be logged. */
    told: [] as string[],
    /** Has the deployment's id made and the alias's account pinned, as the first process would. */
    async settledIn(): Promise<void> {
      const clock = { wallMs: nowMs, monotonicMs: nowMs };
      await new Deployment(deployment, services.ledger, clock, () => rnd.uuid()).tags();
      const key = { digest: alias.digest, account: async () => alias.account };
      await new AccountPins(services.ledger, clock, settings).pinned(place, nobody, key).assertAccount();
    },
    worker(name: string, readsKeys = true): { process: Process; ports: Ports } {
      const process = new Process(`${prefix}${name}`, scheduler, rnd.below(2 * SKEW_MS) - SKEW_MS);
      processes.push(process);
      return {
        process,
        ports: portsOf(line, process, services, { ...settings, strict: unproven, ...unusual, deployment, readsKeys }),
      };
    },
  };
  watchImports(all);
  return all;
}
export interface World extends ReturnType<typeof keyvend> {
  /** Other keyvends in the same account. */
  readonly neighbours: World[];
}
