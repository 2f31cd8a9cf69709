// How long a function of Function Compute takes from the start of its process to its first answer: to nothing, to a health check, and to a
// vend on ECS with its key in KMS and its record in PostgreSQL, against the same handler written the usual way with the official clients.
// All variants take turns within a round, on the same clouds, the same KMS and the same PostgreSQL, all on this machine.
//
// Run: node bench/fc-cold-start.ts [--json FILE] [--rounds N] [--short]
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundled } from '../deploy/bundle.ts';
import { packageFc } from '../deploy/fc/package-fc.ts';
import { startClouds } from '../local/clouds/clouds.ts';
import { KeySource } from '../local/clouds/keys/key-source.ts';
import { exampleBody } from '../local/example-request.ts';
import { shellWord } from '../local/shell-word.ts';
import { servedIssuer } from '../local/stack/issuer.ts';
import { postgresPrograms, postgresServer } from '../tests/doubles/postgres-server.ts';
import { medianWithin, paired, seeded, shuffled } from './cold-start/statistics.ts';
import { environmentOf } from './fc/environment.ts';
import { type Asked, started } from './fc/started.ts';
import { median, publish, readOptions, table } from './support/figures.ts';

const { rounds, ...options } = readOptions({ rounds: 31 });
if (postgresPrograms() === undefined) {
  process.stdout.write('not run: PostgreSQL is not installed\n');
  process.exit(0);
}
const root = join(import.meta.dirname, '..');
const out = mkdtempSync(join(tmpdir(), 'keyvend-fc-start-'));
const madeFor = { platform: 'fc', ledger: 'postgres', store: 'kms' };
await packageFc({
  stage: 'none',
  store: 'kms',
  out,
  compiledBy: shellWord(process.execPath),
  only: ['catalog', 'ecs'],
});
const plain = (name: string) => {
  cpSync(join(out, name), join(out, `${name}-plain`), { recursive: true });
  cpSync(join(out, name, 'index.bundle.cjs'), join(out, `${name}-plain`, 'index.js'));
  return [join(out, `${name}-plain`, 'bootstrap')];
};
cpSync(join(out, 'catalog'), join(out, 'fastify'), { recursive: true });
const fastify = await bundled('bench/fc/with-fastify.ts', join(out, 'fastify/index.js'), madeFor);
execFileSync(process.execPath, [join(root, 'deploy/code-cache/compile.cjs'), fastify.file]);
const usual = join(root, 'bench/fc/usual/ecs.mjs');
const usualBundle = join(out, 'usual.cjs');
await build({
  ...{ entryPoints: [usual], outfile: usualBundle, bundle: true, minify: true, platform: 'node', target: 'node24' },
  external: ['pg-native', 'pg-cloudflare'],
});

const count = 10 * (rounds + 1);
const [clouds, database, issuer] = await Promise.all([
  startClouds({
    limits: { 'ecs.keyPairsPerRegion': count, 'kms.requestsPerSecond.create': 1_000 },
    keys: new KeySource({ ready: 0, combinations: count }),
  }),
  postgresServer(),
  servedIssuer('keyvend'),
]);
writeFileSync(join(out, 'ca.pem'), clouds.ca);
const environment = environmentOf({ clouds, database, issuer, caFile: join(out, 'ca.pem') });
const token = await issuer.token('operator', 2, { groups: ['keyvend-operators'] });
const { accessKeyId, accessKeySecret, securityToken = '' } = clouds.credentials.alibabaSts;
const headers = {
  ...{ 'x-fc-request-id': 'bench', 'x-fc-control-path': '/http-invoke', authorization: `Bearer ${token}` },
  ...{ 'x-fc-access-key-id': accessKeyId, 'x-fc-access-key-secret': accessKeySecret },
  ...{ 'x-fc-security-token': securityToken, 'content-type': 'application/json' },
};

let pairs = 0;
const vend = (): Asked => {
  pairs += 1;
  return {
    method: 'POST',
    path: '/v1/ecs/key-pairs',
    body: JSON.stringify(exampleBody('ecs', `bench_${pairs}`)),
    expects: 201,
  };
};
const health = (): Asked => ({ method: 'GET', path: '/health', expects: 200 });
const empty = (): Asked => ({ ...vend(), expects: 201 });

interface Variant {
  readonly name: string;
  readonly command: readonly string[];
  readonly asks: () => Asked;
}
const ahead = (name: string) => [join(out, name, 'bootstrap')];
const node = (file: string) => [process.execPath, file];
const variants: readonly Variant[] = [
  { name: 'a server alone', command: node(join(root, 'bench/fc/empty.cjs')), asks: empty },
  { name: 'health: keyvend, compiled ahead', command: ahead('catalog'), asks: health },
  { name: 'health: keyvend', command: plain('catalog'), asks: health },
  { name: 'health: keyvend on fastify, compiled ahead', command: ahead('fastify'), asks: health },
  { name: 'vend: keyvend, compiled ahead', command: ahead('ecs'), asks: vend },
  { name: 'vend: keyvend', command: plain('ecs'), asks: vend },
  { name: 'vend: official clients, bundled', command: node(usualBundle), asks: vend },
  { name: 'vend: official clients, from node_modules', command: node(usual), asks: vend },
];

const took = new Map<string, number[]>(variants.map(({ name }) => [name, []]));
const random = seeded(1);
try {
  for (let round = 0; round <= (options.short ? 1 : rounds); round += 1)
    for (const { name, command, asks } of shuffled(variants, random)) {
      const ms = await started(command, environment, headers, asks());
      if (round > 0) took.get(name)!.push(ms); // the first warms the machine's own caches
    }
} finally {
  await Promise.all([clouds.close(), database.remove(), issuer.stop()]);
  rmSync(out, { recursive: true });
}

const ms = (name: string) => took.get(name)!;
const own = 'vend: keyvend, compiled ahead';
const times = (name: string) => medianWithin(paired(ms(name), ms(own)), random);
const shown = (name: string) => {
  if (!name.startsWith('vend: official')) return '';
  const { value, low, high } = times(name);
  return `${value.toFixed(1)}x (${low.toFixed(1)} to ${high.toFixed(1)})`;
};
publish(
  table(
    ['from the start of the process to its first answer', 'median, ms', 'least, ms', 'of keyvend, compiled ahead'],
    variants.map(({ name }) => [name, median(ms(name)).toFixed(0), Math.min(...ms(name)).toFixed(0), shown(name)]),
  ),
  Object.fromEntries(took),
  { broken: [] },
  options,
);
