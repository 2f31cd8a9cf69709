// `npm run chaos`: the local stack as it ships, under load from many clients, killed at random moments and started again, over
// clouds in which calls go wrong. At the end recovery runs, and what was promised is checked from outside. With `--yardstick`,
// the usual glue (chaos/glue.ts) goes through the same.
//   --kills N (100)   --clients N (10)   --seed S (1)   --yardstick   --json FILE
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { queueKeyIn } from '../local/stack/queue-signature.ts';
import { random } from '../tests/doubles/random.ts';
import { type Child, start } from './chaos/children.ts';
import { type Book, load, type Subject } from './chaos/clients.ts';
import { type Clouds, oneFault, startClouds, WINDOW_MS } from './chaos/clouds.ts';
import {
  contradicted,
  filesIn,
  type Shown,
  storedByGlue,
  storedByKeyvend,
  type Verdict,
  verdict,
} from './chaos/verdict.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    clients: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
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
  readonly seconds: number;
}

interface Kind {
  readonly script: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly ready: RegExp;
  subject(child: () => Child | undefined, home: string, port: number): Subject;
  /** Waits until nothing is open. */
  recovered(subject: Subject): Promise<void>;
  /** What its API shows, where it has one. */
  readonly shown?: (subject: Subject) => Shown;
  stored(home: string): Promise<ReadonlyMap<string, string>> | ReadonlyMap<string, string>;
  /** Where no key may be. */
  searched(home: string): readonly string[];
}

const keyvend: Kind = {
  script: 'local/start.ts',
  ready: /^clouds: /,
  // In the proportions of a deployment: the lease outlives a call, the windows the lease, the horizon the windows.
  environment: {
    KEYVEND_LEASE_MS: '6000',
    KEYVEND_TAKE_OVER_MS: '1000',
    KEYVEND_ALIBABA_WINDOW_MS: String(WINDOW_MS),
    KEYVEND_TENCENT_WINDOW_MS: String(WINDOW_MS),
    KEYVEND_HORIZON_MS: String(2 * WINDOW_MS),
    KEYVEND_ABSENT_TWICE_MS: '1000',
    KEYVEND_RECOVERY_MS: '1000',
    POWERTOOLS_LOG_LEVEL: 'DEBUG',
  },
  subject: (child, home, port) => ({
    url: () => `http://127.0.0.1:${port}`,
    headers: () => ({ 'content-type': 'application/json', authorization: `Bearer ${token(home)}` }),
    queueKey: () => queueKeyIn(readFileSync(join(home, 'queue-credentials'), 'utf8')),
    queue: (provider) => `${/(http:\S*\/)keyvend-ens/.exec(child()?.printed() ?? '')?.[1]}keyvend-${provider}`,
  }),
  async recovered(subject) {
    for (let quiet = 0, tries = 0; quiet < 3 && tries < 240; tries += 1) {
      await wait(500);
      const answer = await fetch(`${subject.url()}/v1/key-pairs?state=vending`, { headers: subject.headers() });
      const { keyPairs } = (await answer.json()) as { keyPairs: unknown[] };
      quiet = keyPairs.length === 0 ? quiet + 1 : 0;
    }
    await wait(4 * WINDOW_MS); // the second settling, past the horizon
  },
  shown:
    (subject) =>
    async ({ provider, body }) => {
      const query = body.region === undefined ? '' : `?region=${body.region}`;
      const answer = await fetch(`${subject.url()}/v1/${provider}/key-pairs/${body.name}${query}`, {
        headers: subject.headers(),
      });
      const { state, versions } = (await answer.json()) as {
        state: string;
        versions: { keyPairId: string; fingerprint: string }[];
      };
      return state === 'active' ? versions.at(-1) : undefined;
    },
  stored: storedByKeyvend,
  searched: filesIn,
};

const glue: Kind = {
  script: 'bench/chaos/glue.ts',
  ready: /^ready on /,
  environment: {},
  subject: (_child, _home, port) => ({ url: () => `http://127.0.0.1:${port}`, headers: () => ({}) }),
  recovered: async () => {},
  stored: storedByGlue,
  searched: () => [],
};

const token = (home: string): string => {
  try {
    return readFileSync(join(home, 'token'), 'utf8').trim();
  } catch {
    return '';
  }
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
  const port = await freePort();
  const children: Child[] = [];
  const begin = async (): Promise<Child> => {
    const environment = { ...kind.environment, ...clouds.files, KEYVEND_HOME: home, PORT: String(port) };
    const child = start(kind.script, [], environment);
    children.push(child);
    await child.said(kind.ready);
    return child;
  };
  try {
    const subject = kind.subject(() => children.at(-1), home, port);
    const book: Book = { orders: new Map(), answers: new Map(), requests: 0, refused: 0 };
    const over = new AbortController();
    await begin();
    const loaded = load(subject, book, random(seed + 1), clients, over.signal);
    let faults = 0;
    for (let killed = 0; killed < kills; killed += 1) {
      for (let i = chance.below(4); i > 0; i -= 1, faults += 1) await clouds.admin('POST', '/faults', oneFault(chance));
      await wait(150 + chance.below(1_500));
      await children.at(-1)!.kill('SIGKILL');
      await begin();
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
    await children.at(-1)!.kill('SIGTERM');
    const printed = children.map((child) => child.printed());
    const found = await verdict(
      book,
      clouds.files.KEYVEND_CLOUDS,
      await kind.stored(home),
      [...printed, ...kind.searched(home)],
      apart,
    );
    const seconds = Math.round((performance.now() - beganMs) / 1_000);
    return { requests: book.requests, refused: book.refused, kills, faults, ...found, seconds };
  } finally {
    for (const child of children) await child.kill('SIGKILL');
    await clouds.child.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  }
}

const outcomes: Record<string, Outcome> = { keyvend: await run(keyvend) };
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
  'seconds',
] as const;
const words: Partial<Record<(typeof columns)[number], string>> = {
  pairs: 'pairs in the clouds',
  twoAnswers: 'two answers',
  refused: 'told no for good',
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
