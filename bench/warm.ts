// Warm cost: what a request costs in our own time with 50 at once, and whether memory grows. The deployed HTTP functions as
// they are: middleware, token check, parsing, use case, adapters and log. Behind them, in memory, stand-ins for what they wait
// for, each as slow as the real one; the issuer's keys have been fetched already. Each new pair is asked for twice more.
//
// - own: what a request's turns on the main thread add up to (bench/warm/turns.ts), garbage collection included. On Lambda an
//   environment serves one request at a time, so there a request waits for nothing else of ours.
// - beyond: from the request to its answer, less the time that the ports take. That is own time, the check of the token's
//   signature in the thread pool, and queueing behind the other 49 in this one process.
//
// Both are shown twice: with ledger, store and event bus in memory, so that what remains is what serves every platform; and
// with AWS's, whose adapters sign and spell some twenty requests for a new pair. The first must keep within the bounds. For new
// pairs only, the bound of the median leaves out one check of an RSA key, which is arithmetic that cannot be saved.
//
// Run: node bench/warm.ts [--json FILE] [--concurrent N] [--timed N] [--requests N] [--warm-up N] [--short]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { publish, quantile, readOptions, slope, table } from './support/figures.ts';
import type { Order, Report } from './warm/child.ts';

const BOUNDS = { p50Ms: 1, p99Ms: 5 };
/** Ten bytes a request. */
const GROWTH_MB = 0.1;

const {
  concurrent,
  timed,
  requests,
  'warm-up': warmUp,
  ...options
} = readOptions({ concurrent: 50, timed: 6_000, requests: 100_000, 'warm-up': 4_000 });
const order = { concurrent, warmUp, timed, instant: requests };
const measured = [
  { behind: 'memory', ...figuresOf(await measure({ ...order, aws: false })) },
  { behind: 'AWS', ...figuresOf(await measure({ ...order, aws: true })) },
];

const ms = (value: number) => value.toFixed(2);
const times = measured.flatMap(({ behind, kinds }) =>
  kinds.map(({ kind, own, beyond }) => [
    `${behind}, ${kind}`,
    ...[own, beyond].flatMap((of) => [ms(of.p50Ms), ms(of.p99Ms)]),
  ]),
);
const heaps = measured.map(({ behind, memory }) => [
  `${behind}, heap in MB`,
  ...memory.map(({ heapMB }) => heapMB.toFixed(1)),
]);
const text = [
  table([`${concurrent} at once`, 'own p50, ms', 'own p99', 'beyond p50, ms', 'beyond p99'], times),
  table(['after requests', ...measured[0]!.memory.map(({ requests }) => requests)], heaps),
  ...measured.map(
    ({ behind, growthMB, keyCheckMs, perSecond, cpuMs }) =>
      `${behind}: ${growthMB.toFixed(3)} MB more heap per 10,000 requests. One check of an RSA key takes ${ms(keyCheckMs)} ms.
With answers that are there at once, one process does ${perSecond.toFixed(0)} requests a second, at ${ms(cpuMs)} ms of
processor time each, stand-ins included.`,
  ),
].join('\n\n');

const memory = measured[0]!;
const slow = measured
  .filter(({ growthMB }) => !(growthMB <= GROWTH_MB))
  .map(({ behind, growthMB }) => `${behind}: the heap grows by ${growthMB.toFixed(3)} MB per 10,000 requests`);
for (const { kind, own } of memory.kinds) {
  const spared = kind === 'new' ? memory.keyCheckMs : 0;
  if (!(own.p50Ms - spared < BOUNDS.p50Ms)) slow.push(`${kind}: the median of own time is ${ms(own.p50Ms)} ms`);
  if (!(own.p99Ms < BOUNDS.p99Ms)) slow.push(`${kind}: p99 of own time is ${ms(own.p99Ms)} ms`);
}
publish(text, { concurrent, timed, requests, measured }, { broken: [], slow }, options);

function figuresOf({ timed, keyCheckMs, memory, instantS, instantCpuS }: Report) {
  const kinds = (['new', 'again', 'all'] as const).map((kind) => {
    const all = timed.filter((one) => kind === 'all' || one.kind === kind);
    const at = (values: number[]) => ({ p50Ms: quantile(values, 0.5), p99Ms: quantile(values, 0.99) });
    return { kind, own: at(all.map(({ ownMs }) => ownMs)), beyond: at(all.map(({ beyondMs }) => beyondMs)) };
  });
  const growthMB = slope(memory.map(({ requests, heapMB }) => [requests / 10_000, heapMB]));
  return {
    kinds,
    keyCheckMs,
    memory,
    growthMB,
    perSecond: requests / instantS,
    cpuMs: (instantCpuS * 1_000) / requests,
  };
}

/** In a process of its own, so that its memory is its own; its log is read and dropped. */
async function measure(order: Order): Promise<Report> {
  const script = fileURLToPath(new URL('./warm/child.ts', import.meta.url));
  const child = spawn(process.execPath, ['--expose-gc', script, JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  child.stdout!.resume();
  const ended = once(child, 'exit');
  const early = ended.then(() => Promise.reject(new Error('the measured process ended early')));
  const [report] = (await Promise.race([once(child, 'message'), early])) as [Report];
  early.catch(() => {});
  await ended;
  return report;
}
