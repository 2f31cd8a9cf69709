// How much memory a vending function should have: what a vend takes and costs with each size, of which its share of a processor follows.
// Behind relays, because what is waited for is paid like what is computed.
//   node bench/memory.ts [--rounds 7] [--short]
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environment } from './cold-start/environment.ts';
import { handlers } from './cold-start/handlers.ts';
import type { Host } from './cold-start/stand-in/hosts.ts';
import { startStandIn } from './cold-start/stand-in/start.ts';
import { seeded, shuffled } from './cold-start/statistics.ts';
import * as variants from './cold-start/variants.ts';
import { ask, type Times } from './distance/ask.ts';
import { type Relay, startRelay } from './distance/relay.ts';
import { allow, canAllow, processors } from './memory/allowance.ts';
import { median, publish, readOptions, table } from './support/figures.ts';

const options = readOptions({ rounds: 7 });
const sizes = options.short ? [512, 1_769] : [256, 512, 768, 1_024, 1_769];
const distances = options.short ? [20] : [200, 30];
const NEAR_MS = 2;
/** US dollars a gigabyte-second, eu-central-1 on arm64, without any free tier; as docs/deploy.md has it. */
const GIGABYTE_SECOND = 0.03 / 2_000;
const chosen = handlers(options.short ? ['ecs.http'] : ['ens.http', 'ecs.http', 'cvm.http']);

if (!canAllow()) {
  process.stdout.write('not run: this machine does not tell how much processor time a thread has had\n');
  process.exit();
}

const folder = mkdtempSync(join(tmpdir(), 'keyvend-memory-'));
const standIn = await startStandIn();
const relays: Relay[] = [];
const [ca, home] = [join(folder, 'ca.pem'), join(folder, 'home')];
writeFileSync(ca, standIn.ca);
mkdirSync(home);

async function at(provider: string, cloudMs: number): Promise<Record<string, string>> {
  const ports: Partial<Record<Host, number>> = {};
  for (const [host, port] of Object.entries(standIn.ports) as [Host, number][]) {
    const relay = await startRelay(port, host === provider ? cloudMs : NEAR_MS);
    relays.push(relay);
    ports[host] = relay.port;
  }
  return environment({ ports: ports as Record<Host, number> }, ca, home);
}

interface Job {
  readonly provider: string;
  readonly cloudMs: number;
  readonly memoryMB: number;
  readonly taken: Times[];
  readonly run: () => Promise<Times>;
}
const jobs: Job[] = [];
for (const handler of chosen) {
  const provider = handler.provider!;
  const keyvend = await variants.keyvend(handler, folder);
  for (const cloudMs of distances) {
    const variables = await at(provider, cloudMs);
    for (const memoryMB of sizes) {
      const started = (child: Parameters<typeof allow>[0]) => allow(child, processors(memoryMB));
      const run = () => ask(standIn, handler, { ...keyvend, variables, started });
      jobs.push({ provider, cloudMs, memoryMB, taken: [], run });
    }
  }
}
try {
  const random = seeded(20_171_127);
  for (let round = 0; round <= (options.short ? 1 : options.rounds); round += 1) {
    for (const job of shuffled(jobs, random)) {
      const times = await job.run();
      if (round > 0) job.taken.push(times);
    }
  }
} finally {
  for (const relay of relays) relay.close();
  await standIn.stop();
  rmSync(folder, { recursive: true });
}

const rows = jobs.map(({ provider, cloudMs, memoryMB, taken }) => {
  const [coldMs, warmMs] = [median(taken.map((one) => one.coldMs)), median(taken.map((one) => one.warmMs))];
  const cents = (ms: number) => ((memoryMB / 1_024) * (ms / 1_000) * GIGABYTE_SECOND * 1_000 * 100).toFixed(2);
  const share = processors(memoryMB);
  return { provider, cloudMs, memoryMB, share, coldMs, warmMs, coldCents: cents(coldMs), warmCents: cents(warmMs) };
});
const text = [
  `A vend over HTTP, medians of ${options.short ? 1 : options.rounds}: the first of a process with its loading, and a later one; what a thousand of them cost.`,
  '',
  table(
    [
      'function',
      'cloud',
      'memory, MB',
      'processor',
      'cold, ms',
      'warm, ms',
      '1,000 cold, US cents',
      '1,000 warm, US cents',
    ],
    rows.map((one) => [
      `${one.provider}.http`,
      `${one.cloudMs} ms`,
      ...[
        one.memoryMB,
        one.share.toFixed(2),
        Math.round(one.coldMs),
        Math.round(one.warmMs),
        one.coldCents,
        one.warmCents,
      ],
    ]),
  ),
].join('\n');
publish(text, { rows }, { broken: [] }, options);
