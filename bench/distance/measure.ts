// The whole measurement: stand-in and relays, what each handler asks for, then the rounds.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { environment } from '../cold-start/environment.ts';
import { handlers } from '../cold-start/handlers.ts';
import type { Host } from '../cold-start/stand-in/hosts.ts';
import { startStandIn } from '../cold-start/stand-in/start.ts';
import { median, seeded, shuffled } from '../cold-start/statistics.ts';
import * as variants from '../cold-start/variants.ts';
import { ask, type Times } from './ask.ts';
import { bare } from './bare.ts';
import { apart, type Steps, stepsOf } from './plan.ts';
import { type Relay, startRelay } from './relay.ts';

/**
 * - `keyvend`: the bundle as it is packaged - `compiled`: compiled ahead - `bare`: the same calls one after the other
 * - `usual`: the SDKs from node_modules
 */
export const kinds = ['keyvend', 'compiled', 'bare', 'usual'] as const;
export type Kind = (typeof kinds)[number];

export interface Measured {
  readonly provider: string;
  readonly cloudMs: number;
  readonly kind: Kind;
  /** Medians. */
  readonly times: Times;
}

export interface Distances {
  readonly measured: readonly Measured[];
  /** Of each provider, cold and warm: how many calls wait for another one's answer, and how many there are in all. */
  readonly steps: readonly { readonly provider: string; readonly cold: Steps; readonly warm: Steps }[];
  readonly rounds: number;
}
interface Options {
  readonly rounds: number;
  readonly idleRounds: number;
  readonly idleMs: number;
  readonly cloudMs: readonly number[];
  readonly only?: readonly string[];
  readonly told: (line: string) => void;
}

const NEAR_MS = 2;
const clouds: readonly Host[] = ['ens', 'ecs', 'cvm'];
/** What is begun while others are idle begins so far apart. */
const APART_MS = 1_500;

/** What each of the functions asks for, for the first vend of a process and for the next. */
export async function recordedSteps(only: readonly string[]): Promise<Distances['steps']> {
  return (await measureDistances({ rounds: -1, idleRounds: 0, idleMs: 0, cloudMs: [], only, told: () => {} })).steps;
}

export async function measureDistances(options: Options): Promise<Distances> {
  const chosen = handlers(options.only?.map((one) => `${one}.http`) ?? ['ens.http', 'ecs.http', 'cvm.http']);
  const folder = mkdtempSync(join(tmpdir(), 'keyvend-distance-'));
  const standIn = await startStandIn();
  const relays: Relay[] = [];
  try {
    const [ca, home] = [join(folder, 'ca.pem'), join(folder, 'home')];
    writeFileSync(ca, standIn.ca);
    mkdirSync(home);
    const near = environment(standIn, ca, home);
    const at = async (cloudMs: number) => {
      const ports: Partial<Record<Host, number>> = {};
      for (const [host, port] of Object.entries(standIn.ports) as [Host, number][]) {
        const relay = await startRelay(port, clouds.includes(host) ? cloudMs : NEAR_MS);
        relays.push(relay);
        ports[host] = relay.port;
      }
      return { ports: ports as Record<Host, number>, variables: environment({ ports: ports as never }, ca, home) };
    };

    const jobs: { provider: string; cloudMs: number; kind: Kind; run: (idleMs?: number) => Promise<Times> }[] = [];
    const steps: Distances['steps'][number][] = [];
    for (const handler of chosen) {
      const provider = handler.provider!;
      const keyvend = await variants.keyvend(handler, folder);
      const compiled = await variants.compiled(handler, folder);
      const once = () => ask(standIn, handler, { ...keyvend, variables: near });
      await once(); // whose the account is, and which deployment, is on record from now on
      const calls = await standIn.record(once);
      const { cold, warm } = apart(calls);
      steps.push({ provider, cold: stepsOf(cold), warm: stepsOf(warm) });
      for (const cloudMs of options.cloudMs) {
        const { ports, variables } = await at(cloudMs);
        const usual = variants.modules(handler);
        const sequence = bare({ ...handler, name: `${handler.name}-${cloudMs}` }, [cold, warm], ports, folder);
        const files: Readonly<Record<Kind, variants.Module>> = { keyvend, compiled, bare: sequence, usual };
        for (const kind of kinds) {
          const run = (idleMs?: number) =>
            ask(standIn, handler, { ...files[kind], variables, ...(idleMs !== undefined && { idleMs }) });
          jobs.push({ provider, cloudMs, kind, run });
        }
      }
    }

    const random = seeded(20_170_312);
    const taken = new Map(jobs.map((job) => [job, [] as Times[]]));
    for (let round = 0; round <= options.rounds; round += 1) {
      for (const job of shuffled(jobs, random)) {
        const times = await job.run();
        if (round > 0) taken.get(job)!.push(times);
      }
      options.told(round === 0 ? 'warmed up' : `round ${round} of ${options.rounds}`);
    }
    const idle = new Map(jobs.map((job) => [job, [] as number[]]));
    for (let round = 1; round <= options.idleRounds; round += 1) {
      const running: Promise<void>[] = [];
      for (const job of shuffled(jobs, random)) {
        running.push(job.run(options.idleMs).then(({ afterIdleMs }) => void idle.get(job)!.push(afterIdleMs!)));
        await wait(APART_MS);
      }
      await Promise.all(running);
      options.told(`idle round ${round} of ${options.idleRounds}`);
    }
    const of = (job: (typeof jobs)[number], what: 'coldMs' | 'warmMs') =>
      median(taken.get(job)!.map((one) => one[what]));
    const measured = jobs.map((job) => ({
      ...{ provider: job.provider, cloudMs: job.cloudMs, kind: job.kind },
      times: {
        coldMs: of(job, 'coldMs'),
        warmMs: of(job, 'warmMs'),
        ...(options.idleRounds > 0 && { afterIdleMs: median(idle.get(job)!) }),
      },
    }));
    return { measured, steps, rounds: options.rounds };
  } finally {
    for (const relay of relays) relay.close();
    await standIn.stop();
    rmSync(folder, { recursive: true });
  }
}
