// What the samples say.
import type { Handler, Provider } from './handlers.ts';
import type { Sample } from './sample.ts';
import type { Call } from './stand-in/recorder.ts';
import { type Interval, median, medianWithin, paired, quantile, seeded } from './statistics.ts';
import { type Each, type Kind, kinds, type Module } from './variants.ts';

/** Medians, unless a field says otherwise. */
export interface Figures extends Sample {
  /** The size of a bundle. */
  readonly bytes?: number;
  readonly wall: { readonly p25: number; readonly p75: number; readonly least: number };
}

/** One sample of each round, in the order of the rounds. */
export type Samples = Each<readonly Sample[]>;

/** The usual two divided by ours, ours by the floor, and both forms of ours by the same calls in sequence; each the median of the rounds' own ratios. */
export type Ratios = Readonly<Record<'floor' | 'sequence' | 'compiled', Interval>> &
  Partial<Readonly<Record<'modules' | 'bundled', Interval>>>;

export interface Measured {
  readonly handler: string;
  readonly provider?: Provider;
  readonly figures: Each<Figures>;
  /** The ratios of the time to the first answer: the headline. */
  readonly ratios: Ratios;
  /** The same for what comes on top of an empty handler. */
  readonly overEmpty: Ratios;
  readonly cpu: Ratios;
  /** What ours asks for. */
  readonly calls: readonly Call[];
  /** Those of them that the usual handler does not ask for. */
  readonly lacking: readonly string[];
  readonly samples: Samples;
}

const SEED = 20_140_526;

function ratios(samples: Samples, of: (sample: Sample, empty: Sample) => number): Ratios {
  const random = seeded(SEED);
  const values = (kind: Kind) => samples[kind]!.map((sample, round) => of(sample, samples.empty[round]!));
  const ratio = (above: Kind, below: Kind) => medianWithin(paired(values(above), values(below)), random);
  return {
    floor: ratio('keyvend', 'floor'),
    sequence: ratio('keyvend', 'sequence'),
    compiled: ratio('compiled', 'sequence'),
    ...(samples.modules && { modules: ratio('modules', 'keyvend') }),
    ...(samples.bundled && { bundled: ratio('bundled', 'keyvend') }),
  };
}

export const headline = (samples: Samples): Ratios => ratios(samples, ({ wallMs }) => wallMs);

export function measured(
  { name, provider }: Handler,
  samples: Samples,
  modules: Each<Module>,
  asked: Pick<Measured, 'calls' | 'lacking'>,
): Measured {
  const figures = kinds.flatMap((kind) =>
    samples[kind] === undefined ? [] : [[kind, figuresOf(samples[kind], modules[kind]!)] as const],
  );
  return {
    handler: name,
    ...(provider === undefined ? {} : { provider }),
    figures: Object.fromEntries(figures) as unknown as Each<Figures>,
    ratios: headline(samples),
    overEmpty: ratios(samples, ({ wallMs }, empty) => wallMs - empty.wallMs),
    cpu: ratios(samples, ({ cpuMs }) => cpuMs),
    ...asked,
    samples,
  };
}

function figuresOf(samples: readonly Sample[], { bytes }: Module): Figures {
  const of = (name: Exclude<keyof Sample, 'undici'>) => samples.map((sample) => sample[name]);
  const walls = of('wallMs');
  return {
    ...(bytes === undefined ? {} : { bytes }),
    wallMs: median(walls),
    wall: { p25: quantile(walls, 0.25), p75: quantile(walls, 0.75), least: Math.min(...walls) },
    loadMs: median(of('loadMs')),
    firstMs: median(of('firstMs')),
    cpuMs: median(of('cpuMs')),
    rssBytes: median(of('rssBytes')),
    builtins: median(of('builtins')),
    undici: samples.some(({ undici }) => undici),
  };
}
