// `npm run chaos`: the local stack as it ships, under load from many clients, killed at random moments and started again, over
// clouds in which calls go wrong. At the end recovery runs, and what was promised is checked from outside. With `--yardstick`,
// the usual glue (chaos/glue.ts) goes through the same.
// `--platform serve` has two servers side by side with PostgreSQL and a stand-in of OpenBao, one of which is killed at a time.
//   --kills N (100)   --clients N (10)   --seed S (1)   --platform local|serve   --yardstick   --json FILE
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { random } from '../tests/doubles/random.ts';
import { type Child, start } from './chaos/children.ts';
import { type Book, load } from './chaos/clients.ts';
import { type Clouds, oneFault, startClouds } from './chaos/clouds.ts';
import { keyvend } from './chaos/keyvend.ts';
import type { Kind, Stage } from './chaos/kind.ts';
import { serve } from './chaos/serve.ts';
import { contradicted, storedByGlue, type Verdict, verdict } from './chaos/verdict.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    clients: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    platform: { type: 'string', default: 'local' },
    yardstick: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});
const [kills, clients, seed] = [Number(values.kills), Number(values.clients), Number(values.seed)];

interface Outcome extends Verdict {
  readonly requests: number;
  /** Answers that refuse, and do not say when to come again. */
  readonly refused: number;
  readonly kills: number;
  readonly faults: number;
  /** Until it served again, in seconds. */
  readonly slowestStart: string;
  readonly seconds: number;
}

const glue: Kind = {
  ...{ script: 'bench/chaos/glue.ts', words: [], processes: 1, ready: /^ready on / },
  environment: ({ home, clouds }, port) => ({ ...clouds.files, KEYVEND_HOME: home, PORT: String(port) }),
  around: async ({ home }) => ({
    environment: {},
    subject: (_child, { ports: [port] }) => ({ url: () => `http://127.0.0.1:${port}`, headers: () => ({}) }),
    stored: () => storedByGlue(home),
    searched: () => [],
    stop: async () => {},
  }),
  recovered: async () => {},
};

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  const { port } = server.address() as { port: number };
  await new Promise((closed) => server.close(closed));
  return port;
}

async function run(kind: Kind): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'keyvend-chaos-'));
  const home = join(folder, 'home');
  mkdirSync(home);
  const beganMs = performance.now();
  const chance = random(seed);
  const clouds: Clouds = await startClouds(folder);
  const ports: number[] = [];
  while (ports.length < kind.processes) ports.push(await freePort());
  const stage: Stage = { home, ports, clouds };
  const around = await kind.around(stage);
  const children: Child[] = [];
  const starts: number[] = [];
  /** @returns once it serves */
  const begin = async (port: number): Promise<Child> => {
    const atMs = performance.now();
    const child = start(kind.script, kind.words, { ...kind.environment(stage, port), ...around.environment });
    children.push(child);
    await child.said(kind.ready);
    if (kind.serves !== undefined) await served(kind.serves(port));
    starts.push(performance.now() - atMs);
    return child;
  };
  try {
    const subject = around.subject(() => children.at(-1), stage);
    const book: Book = { orders: new Map(), answers: new Map(), requests: 0, refused: 0 };
    const over = new AbortController();
    const running = await Promise.all(ports.map(begin));
    const loaded = load(subject, book, random(seed + 1), clients, over.signal);
    let faults = 0;
    for (let killed = 0; killed < kills; killed += 1) {
      for (let i = chance.below(4); i > 0; i -= 1, faults += 1) await clouds.admin('POST', '/faults', oneFault(chance));
      await wait(150 + chance.below(1_500));
      const which = chance.below(ports.length);
      await running[which]!.kill('SIGKILL');
      running[which] = await begin(ports[which]!);
      if ((killed + 1) % 10 === 0)
        process.stderr.write(`${kind.script}: ${killed + 1} kills, ${book.requests} requests\n`);
    }
    await clouds.admin('DELETE', '/faults');
    await clouds.admin('PATCH', '/limits', { 'cvm.requestsPerSecond': 100_000 }); // the verdict lists a lot
    await wait(3_000);
    over.abort();
    await loaded;
    await kind.recovered(subject);
    const apart = kind.shown === undefined ? new Set<string>() : await contradicted(book, kind.shown(subject));
    await Promise.all(running.map((child) => child.kill('SIGTERM')));
    const printed = children.map((child) => child.printed());
    const found = await verdict(
      book,
      clouds.files.KEYVEND_CLOUDS,
      await around.stored(),
      [...printed, ...(await around.searched())],
      apart,
    );
    const seconds = Math.round((performance.now() - beganMs) / 1_000);
    const slowestStart = (Math.max(...starts) / 1_000).toFixed(1);
    return { requests: book.requests, refused: book.refused, kills, faults, slowestStart, ...found, seconds };
  } finally {
    for (const child of children) await child.kill('SIGKILL');
    await around.stop();
    await clouds.child.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whoever listens is not able yet: its ledger has to be there. */
async function served(url: string): Promise<void> {
  while ((await fetch(url).catch(() => undefined))?.status !== 200) await wait(10);
}

const kinds: Readonly<Record<string, Kind>> = { local: keyvend, serve };
const chosen = kinds[values.platform];
if (chosen === undefined) throw new TypeError(`--platform takes ${Object.keys(kinds).join(', ')}`);
const outcomes: Record<string, Outcome> = { keyvend: await run(chosen) };
if (values.yardstick) outcomes['create, then put the secret'] = await run(glue);

const columns = [
  'requests',
  'kills',
  'faults',
  'acknowledged',
  'pairs',
  'lost',
  'orphaned',
  'twoAnswers',
  'refused',
  'leaked',
  'slowestStart',
  'seconds',
] as const;
const words: Partial<Record<(typeof columns)[number], string>> = {
  pairs: 'pairs in the clouds',
  twoAnswers: 'two answers',
  refused: 'told no for good',
  slowestStart: 'slowest start, s',
};
const rows = Object.entries(outcomes).map(([name, outcome]) => [
  name,
  ...columns.map((column) => String(outcome[column])),
]);
const head = ['', ...columns.map((column) => words[column] ?? column)];
process.stdout.write(
  `${[head, head.map((_, i) => (i === 0 ? '---' : '---:')), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')}\n`,
);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ seed, clients, outcomes })}\n`);
const { lost, orphaned, twoAnswers, leaked } = outcomes.keyvend!;
process.exitCode = lost + orphaned + twoAnswers + leaked === 0 ? 0 : 1;
