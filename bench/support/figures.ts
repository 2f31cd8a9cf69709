// What the benchmarks of vending share: options, a few statistics, and how figures are shown.
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';

/**
 * Reads `--json FILE`, `--short` and whole numbers from the command line; ends the program with 2 for anything else.
 * @param numbers the options that take a number, each with its default
 * @param choices the options that take one of some words, and may be left out
 * @returns with `short`: so little is measured that no speed says anything; only what must be right however fast is looked at
 */
export function readOptions<K extends string, C extends string = never, W extends string = never>(
  numbers: Readonly<Record<K, number>>,
  choices: Readonly<Record<C, readonly W[]>> = {} as Readonly<Record<C, readonly W[]>>,
) {
  const names = Object.keys(numbers) as K[];
  const options = Object.fromEntries(
    ['json', ...names, ...Object.keys(choices)].map((name) => [name, { type: 'string' as const }]),
  );
  try {
    const parsed = parseArgs({ options: { ...options, short: { type: 'boolean', default: false } }, strict: true });
    const { json, short, ...given } = parsed.values as Record<string, string | boolean | undefined>;
    const read = (name: K): number => {
      const value = Number(given[name] ?? numbers[name]);
      if (Number.isSafeInteger(value) && value > 0) return value;
      throw new TypeError(`--${name} must be a whole number from 1`);
    };
    const values = Object.fromEntries(names.map((name) => [name, read(name)])) as Record<K, number>;
    const chosen = (Object.entries(choices) as [C, readonly W[]][]).map(([name, words]) => {
      const word = words.find((one) => one === given[name]);
      if (word === undefined && given[name] !== undefined) throw new TypeError(`--${name} takes ${words.join(' or ')}`);
      return [name, word];
    });
    return {
      ...values,
      ...(Object.fromEntries(chosen) as Record<C, W | undefined>),
      json: json as string | undefined,
      short: short === true,
    };
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return process.exit(2);
  }
}

/** The smallest value that this share of all values does not exceed (nearest rank). NaN for no values. */
export function quantile(values: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
export const median = (values: ArrayLike<number>): number => quantile(values, 0.5);

/** How much y grows with each 1 of x, by least squares. */
export function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (at: 0 | 1) => points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const [x0, y0] = [mean(0), mean(1)];
  const together = points.reduce((sum, [x, y]) => sum + (x - x0) * (y - y0), 0);
  return together / points.reduce((sum, [x]) => sum + (x - x0) ** 2, 0);
}

type Cell = string | number;
/** A Markdown table; all but the first column are right-aligned. */
export const table = (heads: readonly Cell[], rows: readonly (readonly Cell[])[]): string =>
  [heads, heads.map((_, column) => (column === 0 ? '---' : '---:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');

/**
 * Prints the figures and writes them where `--json` says; what is not as promised goes to stderr and ends in exit code 1.
 * @param broken one sentence per promise that did not hold
 * @param slow the same of promises about speed, which nothing short is held to
 */
export function publish(
  text: string,
  figures: object,
  { broken, slow = [] }: { readonly broken: readonly string[]; readonly slow?: readonly string[] },
  { json, short }: { readonly json: string | undefined; readonly short: boolean },
): void {
  const machine = { cpu: cpus()[0]?.model.trim(), cores: availableParallelism(), node: process.versions.node };
  process.stdout.write(`${text}\n\n${machine.cores} cores (${machine.cpu}), Node ${machine.node}.\n`);
  const all = [...broken, ...slow];
  if (json !== undefined)
    writeFileSync(json, `${JSON.stringify({ ...figures, broken: all, machine }, undefined, 2)}\n`);
  for (const what of all) process.stderr.write(`not as promised: ${what}\n`);
  if ((short ? broken : all).length > 0) process.exitCode = 1;
}
