// What a key costs that is made here: how long one takes of each size, whether the event loop is held up meanwhile, and how much longer a
// whole vend takes than one whose key the cloud makes. All in one process and one run, in turns, so that ratios say more than
// milliseconds. The clouds stand in, behind a relay that delays both directions; their own keys are made beforehand, so a create
// costs nothing there. OpenBao stands in 2 ms away, the ledger is in SQLite.
//
// Run: node bench/key-source.ts [--json FILE] [--keys N] [--rounds N] [--cloud-ms N] [--idle-ms N] [--short]
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { providerNames } from '../lib/provider-table.ts';
import { publicKeyLine } from '../lib/ssh/public-key.ts';
import { keySizes } from '../lib/vending/key-source.ts';
import type { Request } from '../lib/vending/record.ts';
import { startRelay } from './distance/relay.ts';
import type { Took, Turn } from './key-source/child.ts';
import { loopTable, type Made, promised, type Vends, vendTable } from './key-source/report.ts';
import { publish, readOptions } from './support/figures.ts';
import { vendsAround } from './vends/around.ts';

const given = readOptions({ keys: 200, rounds: 30, 'cloud-ms': 30, 'idle-ms': 20_000 });
const { keys, rounds } = given;
const NEAR_MS = 2;
const AT_ONCE = 4;
const regions = { ens: 'global', ecs: 'cn-hangzhou', cvm: 'ap-tokyo' };
const kinds: Readonly<Record<string, () => Request>> = {
  create: () => ({}),
  ...Object.fromEntries(
    keySizes.map((keyBits) => [`import, ${keyBits} bits`, () => ({ keySource: 'import', keyBits })]),
  ),
  "import, the caller's own": () => ({
    publicKey: publicKeyLine(generateKeyPairSync('rsa', { modulusLength: 2_048 }).publicKey),
  }),
};

const home = mkdtempSync(join(tmpdir(), 'keyvend-key-source-'));
process.once('exit', () => rmSync(home, { recursive: true }));
const around = await vendsAround(home, providerNames.length * Object.keys(kinds).length * (rounds + 1));
const distances = { [around.clouds.port]: given['cloud-ms'], [portOf(around.storeOrigin)]: NEAR_MS };
const relays = await Promise.all(
  Object.entries(distances).map(async ([port, ms]) => ({ port, relay: await startRelay(Number(port), ms) })),
);
const BENCH_FAR_PORTS = JSON.stringify(Object.fromEntries(relays.map(({ port, relay }) => [port, relay.port])));
const ledger = { KEYVEND_LEDGER: 'sqlite', KEYVEND_HOME: home };
const env = { ...process.env, ...around.environment, ...ledger, BENCH_FAR_PORTS };
const script = fileURLToPath(new URL('./key-source/child.ts', import.meta.url));
const child = spawn(process.execPath, [script], { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
const ended = once(child, 'exit').then(() => Promise.reject(new Error('the process that is measured ended')));
ended.catch(() => {}); // it ends when everything is measured

try {
  await said();
  const made = await keysMade();
  const vends = await vended();
  const pairs = around.clouds.admin.pairs().length;
  const text = [
    loopTable(made),
    `${keys} keys of each kind. *Late*: how much later than due a timer of 1 ms ran in the process that made them; beside it, in times of what it was while nothing was done.`,
    vendTable(vends),
    `Medians of ${rounds} rounds, in turns, the cloud ${given['cloud-ms']} ms away; in brackets in times of a create. The 95th of 100: the slowest provider's.`,
  ].join('\n\n');
  publish(text, { keys, rounds, made, vends }, promised(made, vends, pairs), given);
} finally {
  if (child.connected) child.disconnect();
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  for (const { relay } of relays) relay.close();
  await around.stop();
}

function portOf(origin: string): number {
  return Number(new URL(origin).port);
}

async function said(): Promise<unknown> {
  return (await Promise.race([once(child, 'message'), ended]))[0];
}

function take(turn: Turn): Promise<Took> {
  child.send(turn);
  return said() as Promise<Took>;
}

async function keysMade(): Promise<readonly Made[]> {
  const idle = { what: 'nothing is done', ...(await take({ kind: 'idle', ms: given['idle-ms'] })) };
  const made: Made[] = [idle];
  for (const [bits, atOnce] of [...keySizes.map((bits) => [bits, 1] as const), [4_096, AT_ONCE] as const]) {
    const what = atOnce === 1 ? `${bits} bits` : `${bits} bits, ${atOnce} at once`;
    made.push({ what, ...(await take({ kind: 'keys', bits, keys, atOnce })) });
  }
  return made;
}

async function vended(): Promise<Vends> {
  const all = providerNames.flatMap((provider) =>
    Object.keys(kinds).map((kind) => ({ provider, kind, ms: [] as number[] })),
  );
  for (let round = 0; round <= rounds; round += 1) {
    const turns = round % 2 === 0 ? all : all.toReversed();
    for (const { provider, kind, ms } of turns) {
      const more = provider === 'cvm' ? { projectId: 0 } : {};
      const request = { ...more, ...kinds[kind]!() };
      const name = `k${round}_${all.findIndex((one) => one.ms === ms)}`;
      const took = await take({ kind: 'vend', provider, region: regions[provider], name, request });
      if (!took.right) throw new Error(`${provider}, ${kind}: there was one already`);
      if (round > 0) ms.push(took.ms[0]!); // the first one compiles and connects
    }
  }
  return all;
}
