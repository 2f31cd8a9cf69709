// The whole measurement: the stand-in and the files, what each handler asks for, then the rounds.
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environment } from './environment.ts';
import { headline, type Measured, measured, type Samples } from './figures.ts';
import { type Handler, handlers, ON_RECORD } from './handlers.ts';
import { rounds } from './rounds.ts';
import { lacking } from './same-calls.ts';
import { type Sample, sample } from './sample.ts';
import type { Call } from './stand-in/recorder.ts';
import { type StandIn, startStandIn } from './stand-in/start.ts';
import { isWithin, seeded } from './statistics.ts';
import * as variants from './variants.ts';

export interface Options {
  /** Names of handlers or modules; all where it is absent. */
  readonly only?: readonly string[];
  readonly least: number;
  readonly most: number;
  readonly pinned: boolean;
  readonly told: (round: number) => void;
}

interface Prepared {
  readonly handler: Handler;
  readonly modules: variants.Each<variants.Module>;
  readonly calls: readonly Call[];
  readonly lacking: readonly string[];
}
type Run = (handler: Handler, module: variants.Module, name?: string) => Promise<Sample>;

const SEED = 20_171_110;
const NEAR = 0.05;

export async function measure({ only, least, most, pinned, told }: Options): Promise<Measured[]> {
  const chosen = handlers(only);
  const folder = mkdtempSync(join(tmpdir(), 'keyvend-cold-start-'));
  const standIn = await startStandIn();
  try {
    const run = runner(standIn, folder, pinned);
    const [vending] = handlers(['ecs.http']);
    await run(vending!, await variants.keyvend(vending!, folder), ON_RECORD);
    const prepared: Prepared[] = [];
    for (const handler of chosen) prepared.push(await prepare(handler, run, standIn, folder));

    const all = prepared.flatMap(({ handler, modules }) =>
      variants.kinds
        .flatMap((kind) => (kind === 'empty' || modules[kind] === undefined ? [] : [[kind, modules[kind]] as const]))
        .map(([kind, module]) => [`${handler.name} ${kind}`, () => run(handler, module)] as const),
    );
    const samples = await rounds({
      variants: new Map([['empty', () => run({ ...chosen[0]!, expected: {} }, variants.empty)], ...all]),
      warmUps: 2,
      least,
      most,
      settled: (taken) =>
        chosen.every((handler) =>
          Object.values(headline(samplesOf(handler, taken))).every((ratio) => isWithin(ratio, NEAR)),
        ),
      random: seeded(SEED),
      told,
    });
    return prepared.map(({ handler, modules, ...asked }) =>
      measured(handler, samplesOf(handler, samples), modules, asked),
    );
  } finally {
    await standIn.stop();
    rmSync(folder, { recursive: true });
  }
}

/** One sample at a time, each with a name that nobody had before. */
function runner(standIn: StandIn, folder: string, pinned: boolean): Run {
  const [ca, home] = [join(folder, 'ca.pem'), join(folder, 'home')];
  writeFileSync(ca, standIn.ca);
  mkdirSync(home);
  const variables = environment(standIn, ca, home);
  return ({ event, expected }, { file, exported }, name = `sample_${randomBytes(6).toString('hex')}`) => {
    const asking = { name, token: standIn.token };
    return sample({ file, exported, event: event(asking), expected, environment: variables, pinned });
  };
}

/** The files of all variants. What ours asks for is the floor's plan, and what the usual handler should ask for as well. */
async function prepare(handler: Handler, run: Run, standIn: StandIn, folder: string): Promise<Prepared> {
  const keyvend = await variants.keyvend(handler, folder);
  const calls = await standIn.record(() => run(handler, keyvend));
  const usual = variants.hasUsual(handler) ? variants.modules(handler) : undefined;
  const theirs = usual === undefined ? calls : await standIn.record(() => run(handler, usual));
  return {
    handler,
    calls,
    lacking: lacking(calls, theirs),
    modules: {
      empty: variants.empty,
      floor: variants.floor(handler, calls, standIn.ports, folder, 'floor'),
      sequence: variants.floor(handler, calls, standIn.ports, folder, 'sequence'),
      keyvend,
      compiled: await variants.compiled(handler, folder),
      ...(usual && { bundled: await variants.bundled(handler, folder), modules: usual }),
    },
  };
}

const samplesOf = ({ name }: Handler, samples: ReadonlyMap<string, readonly Sample[]>): Samples => {
  const of = (kind: variants.Kind) => samples.get(kind === 'empty' ? kind : `${name} ${kind}`);
  const taken = variants.kinds.flatMap((kind) => (of(kind) === undefined ? [] : [[kind, of(kind)]]));
  return Object.fromEntries(taken) as Samples;
};
