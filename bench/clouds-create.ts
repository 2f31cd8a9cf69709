// How fast the local clouds create key pairs: 1,000 in a row, then 200 at once, per service, over kept-alive connections
// with signatures by the official signers. Run: node bench/clouds-create.ts [--in-a-row N] [--at-once N]
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { availableParallelism, cpus } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type ServiceName, serviceNames } from '../local/clouds/state/registry.ts';
import { call, createCall } from '../tests/clouds/support/raw.ts';

const { values } = parseArgs({
  options: {
    'in-a-row': { type: 'string', default: '1000' },
    'at-once': { type: 'string', default: '200' },
  },
});
const [inARow, atOnce] = [Number(values['in-a-row']), Number(values['at-once'])];
const main = fileURLToPath(new URL('../local/clouds/main.ts', import.meta.url));

type Clouds = Parameters<typeof call>[0];

/** A process of its own, so that its memory is its own. */
async function server(): Promise<{ child: ChildProcess; clouds: Clouds }> {
  const child = spawn(process.execPath, [main, '--json', '--cvm-rate', '1000000'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface({ input: child.stdout! }), 'line');
  const { endpoint, alibaba, tencent } = JSON.parse(String(line));
  const clouds = { port: Number(new URL(endpoint).port), credentials: { alibaba, tencent } as never };
  await admin(clouds, 'PATCH', '/admin/limits', {
    'ens.keyPairs': 1e6,
    'ecs.keyPairsPerRegion': 1e6,
    'cvm.keyPairs': 1e6,
  });
  return { child, clouds };
}

async function admin(clouds: Clouds, method: string, path: string, body?: unknown): Promise<{ rssBytes: number }> {
  const headers = { 'content-type': 'application/json' };
  const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
  return (await (await fetch(`http://127.0.0.1:${clouds.port}${path}`, init)).json()) as { rssBytes: number };
}

interface Sample {
  readonly ms: number;
  readonly origin: string;
}
async function create(clouds: Clouds, service: ServiceName, name: string, agent: Agent): Promise<Sample> {
  const begun = performance.now();
  const answer = await call(clouds, service, 'CreateKeyPair', createCall(service, name), { agent });
  if (answer.code) throw new Error(`${service} refused: ${answer.code} ${answer.message}`);
  return { ms: performance.now() - begun, origin: String(answer.headers['x-local-key']) };
}

/** One row of the table. */
function row(label: string, samples: readonly Sample[], wholeMs: number, rss: readonly [number, number]): string {
  const sorted = samples.map(({ ms }) => ms).sort((a, b) => a - b);
  const at = (share: number): string =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!.toFixed(1);
  const generated = samples.filter(({ origin }) => origin === 'generated').length;
  const megabytes = rss.map((bytes) => Math.round(bytes / 2 ** 20));
  const cells = [
    label,
    at(0.5),
    at(0.99),
    (wholeMs / 1000).toFixed(2),
    generated,
    samples.length - generated,
    ...megabytes,
  ];
  return `| ${cells.join(' | ')} |`;
}

const { child, clouds } = await server();
const rssNow = async (): Promise<number> => (await admin(clouds, 'GET', '/admin')).rssBytes;
const rows: string[] = [];
for (const service of serviceNames) {
  const agent = new Agent({ keepAlive: true });
  for (const [label, count, together] of [
    [`${service}, in a row`, inARow, false],
    [`${service}, at once`, atOnce, true],
  ] as const) {
    const before = await rssNow();
    const begun = performance.now();
    const samples: Sample[] = [];
    const name = (n: number): string => `k${together ? 'b' : 'r'}${n}`;
    if (together) {
      samples.push(
        ...(await Promise.all(Array.from({ length: count }, (_, n) => create(clouds, service, name(n), agent)))),
      );
    } else {
      for (let n = 0; n < count; n += 1) samples.push(await create(clouds, service, name(n), agent));
    }
    rows.push(row(label, samples, performance.now() - begun, [before, await rssNow()]));
  }
  agent.destroy();
}
child.kill('SIGTERM');

const table = [
  '| creates | median ms | p99 ms | all, s | from the pool | composed | RSS before, MB | after |',
  '|---|---:|---:|---:|---:|---:|---:|---:|',
  ...rows,
  '',
  `${inARow} creates in a row over one connection, ${atOnce} at once over as many; client and server on one machine with`,
  `${availableParallelism()} cores (${cpus()[0]?.model.trim()}), Node ${process.versions.node}.`,
].join('\n');
process.stdout.write(`${table}\n`);
