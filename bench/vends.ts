// Vends a second: how many key pairs one process makes with its ledger in SQLite, and how many with it in PostgreSQL, everything else
// being the same: clouds and OpenBao stand in, in another process, and answer at once, and some requests are under
// way at a time. The two take turns, and each figure is the median of the rounds; the ratio is that of a round's two turns. Both ledgers
// are as durable as keyvend asks of them, so the disk is in every figure, and SQLite's one writer waits for it where PostgreSQL's
// connections share a wait. What one core could do at most, were there no disk, is how many vends a second of the process's own processor
// time has; PostgreSQL's is not in it, as it is another process's.
//
// Run: node bench/vends.ts [--json FILE] [--vends N] [--concurrent N] [--rounds N] [--short]
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { postgresPrograms, postgresServer } from '../tests/doubles/postgres-server.ts';
import { median, publish, readOptions, table } from './support/figures.ts';
import { vendsAround } from './vends/around.ts';
import type { Took, Turn } from './vends/child.ts';

const { vends, concurrent, rounds, ...options } = readOptions({ vends: 200, concurrent: 16, rounds: 15 });
const REGION = 'cn-hangzhou';

const home = mkdtempSync(join(tmpdir(), 'keyvend-vends-'));
process.once('exit', () => rmSync(home, { recursive: true }));
const all = 2 * (rounds + 1) * vends;
const around = await vendsAround(home, all);
const server = postgresPrograms() === undefined ? undefined : await postgresServer();
const children = new Map<string, ChildProcess>();
const took = await measured();
report();

async function measured() {
  try {
    return await inTurns();
  } finally {
    await stop();
  }
}

async function inTurns() {
  await started('SQLite', { KEYVEND_LEDGER: 'sqlite', KEYVEND_HOME: home });
  if (server !== undefined)
    await started('PostgreSQL', { KEYVEND_LEDGER: 'postgres', KEYVEND_POSTGRES_URL: server.url });
  const took = new Map([...children.keys()].map((name) => [name, [] as Took[]]));
  for (let round = 0; round <= rounds; round += 1) {
    const turns = [...children.entries()];
    for (const [name, child] of round % 2 === 0 ? turns : turns.reverse()) {
      const turn = { region: REGION, prefix: `${name}-${round}`, vends, concurrent } satisfies Turn;
      child.send(turn);
      const [one] = (await once(child, 'message')) as [Took];
      if (round > 0) took.get(name)!.push(one); // the first one compiles and connects
    }
  }
  return took;
}

async function started(name: string, ledger: Record<string, string>): Promise<void> {
  const env = { ...process.env, ...around.environment, ...ledger };
  const script = fileURLToPath(new URL('./vends/child.ts', import.meta.url));
  const child = spawn(process.execPath, [script], { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  children.set(name, child);
  const ended = once(child, 'exit').then(() => Promise.reject(new Error(`the process with ${name} ended`)));
  await Promise.race([once(child, 'message'), ended]);
  ended.catch(() => {}); // it may end later
}

async function stop(): Promise<void> {
  const gone = [...children.values()].map((child) => child.exitCode ?? once(child, 'exit'));
  for (const child of children.values()) if (child.connected) child.disconnect();
  await Promise.all(gone);
  await server?.remove();
  await around.stop();
}

function report(): void {
  const sqlite = took.get('SQLite')!;
  const rate = ({ seconds }: Took) => vends / seconds;
  const rows = [...took].map(([name, turns]) => {
    const ratios = turns.map((turn, round) => rate(turn) / rate(sqlite[round]!));
    const perCpuSecond = median(turns.map(({ cpuSeconds }) => vends / cpuSeconds));
    return { name, perSecond: median(turns.map(rate)), ratio: median(ratios), perCpuSecond };
  });
  const text = [
    table(
      [`${concurrent} at once, ledger in`, 'vends a second', 'times SQLite', 'vends in a second of its processor time'],
      rows.map(({ name, perSecond, ratio, perCpuSecond }) => [
        ...[name, perSecond.toFixed(0), ratio.toFixed(2), perCpuSecond.toFixed(0)],
      ]),
    ),
    ...(server === undefined ? ['PostgreSQL is not installed here, so its ledger is left out.'] : []),
    `Medians of ${rounds} rounds, ${vends} vends a turn.`,
  ].join('\n\n');
  const made = around.clouds.admin.pairs().length;
  const broken = made === rows.length * (rounds + 1) * vends ? [] : [`${made} key pairs were made`];
  publish(text, { vends, concurrent, rounds, rows }, { broken }, options);
}
