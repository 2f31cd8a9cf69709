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
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { OPEN } from '../lib/access/access-document.ts';
import { systemClock } from '../lib/clock.ts';
import { forEachProvider, rowOf, variableOf } from '../lib/provider-table.ts';
import { startClouds } from '../local/clouds/clouds.ts';
import { KeySource } from '../local/clouds/keys/key-source.ts';
import { isText } from '../local/kv/kv-auth.ts';
import { startKvStandIn } from '../local/kv/kv-server.ts';
import { policyFile } from '../tests/conformance/secret-kv-harness.ts';
import { postgresPrograms, postgresServer } from '../tests/doubles/postgres-server.ts';
import { median, publish, readOptions, table } from './support/figures.ts';
import type { Took, Turn } from './vends/child.ts';

const { vends, concurrent, rounds, ...options } = readOptions({ vends: 200, concurrent: 16, rounds: 15 });
const REGION = 'cn-hangzhou';
const SECRET_ID = 'of-a-benchmark';

const home = mkdtempSync(join(tmpdir(), 'keyvend-vends-'));
process.once('exit', () => rmSync(home, { recursive: true }));
const all = 2 * (rounds + 1) * vends;
const keys = new KeySource({ ready: 0, combinations: all });
const clouds = await startClouds({ limits: { 'ecs.keyPairsPerRegion': all }, keys });
const store = await startKvStandIn(systemClock);
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
  while (!keys.idle) await wait(100);
  writeFileSync(join(home, 'ca.pem'), clouds.ca);
  writeFileSync(join(home, 'secret-id'), SECRET_ID);
  store.mount('secret');
  store.policy('kv-keyvend', policyFile('kv-keyvend'));
  store.auth.roles.set('/approle/keyvend', { accepts: isText(SECRET_ID), policies: ['kv-keyvend'], ttlS: 3_600 });
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
  const env = {
    ...process.env,
    ...{ KEYVEND_PLATFORM: 'serve', KEYVEND_DEPLOYMENT: 'bench' },
    ...{ KEYVEND_STORE: 'kv', KEYVEND_KV_ADDRESS: store.origin, KEYVEND_KV_LOGIN: 'approle' },
    ...{ KEYVEND_KV_ROLE_ID: 'keyvend', KEYVEND_KV_SECRET_ID_FILE: join(home, 'secret-id') },
    ...{ KEYVEND_ACCESS: OPEN, KEYVEND_ISSUER: 'nobody', KEYVEND_AUDIENCE: 'nobody' },
    ...{ KEYVEND_JWKS_URI: 'http://127.0.0.1/never-asked', KEYVEND_CA_FILE: join(home, 'ca.pem') },
    ...Object.fromEntries(
      ['ecs', 'ens', 'cvm'].map((one) => [variableOf(one as 'ecs', 'ENDPOINT'), clouds.tlsEndpoint]),
    ),
    KEYVEND_UPSTREAM: JSON.stringify(
      forEachProvider((provider) => ({ default: clouds.credentials[rowOf(provider).credentials] })),
    ),
    ...{ POWERTOOLS_LOG_LEVEL: 'SILENT', ...ledger },
  };
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
  await store.stop();
  keys.close();
  await clouds.close();
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
  const made = clouds.admin.pairs().length;
  const broken = made === rows.length * (rounds + 1) * vends ? [] : [`${made} key pairs were made`];
  publish(text, { vends, concurrent, rounds, rows }, { broken }, options);
}
