// What functions print of themselves as metrics, and what a tracer from outside is told: against a real stack, whose keys must be in neither.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cloudWatchName } from '../../lib/platforms/metrics/emf.ts';
import { metricNames, metricTable } from '../../lib/platforms/metrics/metric-table.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
let home: string;
let lines: readonly string[];
let spans: readonly { name: string; attributes: Record<string, string>; status: { code: number } }[];

/** `npm start` with both, one key pair vended, one refused, and stopped. */
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'keyvend-metrics-'));
  // As an operator would set an SDK up: every span as a line of its own.
  const sdk = join(home, 'sdk.mjs');
  writeFileSync(
    sdk,
    `import { createRequire } from 'node:module';
const require = createRequire(${JSON.stringify(join(ROOT, 'package.json'))});
const { trace } = require('@opentelemetry/api');
const { BasicTracerProvider, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace-base');
const exporter = { export(all, done) { for (const { name, attributes, status } of all) console.log(JSON.stringify({ span: { name, attributes, status } })); done({ code: 0 }); }, async shutdown() {} };
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
`,
  );
  const imports = [sdk, join(ROOT, 'deploy/server/tracing.mjs')].flatMap((file) => [
    '--import',
    pathToFileURL(file).href,
  ]);
  const env = {
    ...process.env,
    KEYVEND_HOME: home,
    PORT: '0',
    KEYVEND_CLOUDS_PORT: '0',
    KEYVEND_METRICS: 'embedded',
    POWERTOOLS_LOG_LEVEL: 'INFO',
  };
  const stack = spawn(process.execPath, [...imports, join(ROOT, 'local/start.ts')], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  stack.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  try {
    await until(() => /ready (http:\/\/127\.0\.0\.1:\d+)/.exec(printed)?.[1] !== undefined);
    const [, url] = /ready (http:\/\/127\.0\.0\.1:\d+)/.exec(printed)!;
    const token = readFileSync(join(home, 'token'), 'utf8').trim();
    const vend = (body: object) =>
      fetch(`${url}/v1/ecs/key-pairs`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    expect((await vend({ name: 'measured-canary', region: 'cn-hangzhou' })).status).toBe(201);
    expect((await vend({ name: 'measured-canary', region: 'cn-hangzhou', tags: { other: 'tags' } })).status).toBe(409);
    await until(() => printed.includes('DIFFERENT_REQUEST'));
  } finally {
    const gone = once(stack, 'exit');
    stack.kill('SIGTERM');
    await gone;
  }
  lines = printed.split('\n').filter((line) => line.includes('"_aws"'));
  spans = printed.split('\n').flatMap((line) => (line.startsWith('{"span"') ? [JSON.parse(line).span] : []));
}, 60_000);
afterAll(() => rmSync(home, { recursive: true, force: true }));

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo(); tries += 1) {
    if (tries === 600) throw new Error('it did not come to that');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('metrics in the log of functions', () => {
  it('have rows of the table, all of its labels, and say nothing of whose keys they are', () => {
    const known = new Map(metricNames.map((metric) => [cloudWatchName(metric), metricTable[metric]]));
    expect(lines.length).toBeGreaterThan(5);
    for (const line of lines) {
      const {
        _aws: {
          CloudWatchMetrics: [{ Namespace, Dimensions, Metrics }],
        },
        ...fields
      } = JSON.parse(line);
      expect(Namespace).toBe('keyvend/local');
      expect(Dimensions).toEqual([known.get(Metrics[0].Name)?.labels]);
      expect(Object.keys(fields).sort()).toEqual([...Dimensions[0], Metrics[0].Name].sort());
      expect(line).not.toMatch(/measured-canary|PRIVATE|ssh-rsa/);
    }
  });

  it.each([
    { operation: 'vendEcsKeyPair', status: '201', code: 'none' },
    { operation: 'vendEcsKeyPair', status: '409', code: 'DIFFERENT_REQUEST' },
    { provider: 'ecs', outcome: 'made' },
    { code: 'DIFFERENT_REQUEST', effect: 'none' },
    { part: 'cloud', step: 'create', outcome: 'ok' },
    { part: 'store', step: 'put', outcome: 'ok' },
    { part: 'ledger', step: 'write', outcome: 'ok' },
  ])('say what was done: %j', (labels) => {
    expect(lines.map((line) => JSON.parse(line))).toContainEqual(expect.objectContaining(labels));
  });
});

describe('spans of a tracer from outside', () => {
  it('are of each call, with whose key pair it is about and how it failed, and hold no key', () => {
    const vended = spans.filter(({ attributes }) => attributes['keyvend.name'] === 'measured-canary');
    expect(vended.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['ledger read', 'cloud create', 'store put']),
    );
    const create = vended.find(({ name }) => name === 'cloud create')!;
    expect(create.attributes).toEqual({
      'keyvend.part': 'cloud',
      'keyvend.step': 'create',
      'keyvend.provider': 'ecs',
      'keyvend.account': 'default',
      'keyvend.region': 'cn-hangzhou',
      'keyvend.name': 'measured-canary',
    });
    expect(JSON.stringify(spans)).not.toMatch(/PRIVATE KEY|ssh-rsa/);
  });
});
