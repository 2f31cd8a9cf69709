// `npm run fuzz -- --requests 50000 --seed 1`: a stack of its own, and requests that nobody would write, eight at a time. Ends with 1 at
// the first answer that must not be, and prints its request.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { type Answer, type Fuzzed, faultsOf, type Holder, request } from './fuzzing.ts';
import { start } from './process.ts';

export interface Report {
  readonly requests: number;
  readonly seed: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly faults: readonly { readonly asked: Fuzzed; readonly answer: Answer; readonly faults: readonly string[] }[];
}

const AT_ONCE = 8;

export async function fuzz(requests: number, seed: number): Promise<Report> {
  const home = await mkdtemp(join(tmpdir(), 'keyvend-fuzz-'));
  const running = await start(home, { POWERTOOLS_LOG_LEVEL: 'SILENT' });
  const statuses: Record<string, number> = {};
  const faults: Report['faults'][number][] = [];
  try {
    const tokens = new Map<Holder, string>();
    for (const holder of ['operator', 'team-a', 'auditor'] as const)
      tokens.set(holder, (await readFile(join(home, 'tokens', holder), 'utf8')).trim());
    const ask = async (asked: Fuzzed): Promise<Answer> => {
      const token = tokens.get(asked.holder);
      const headers = { ...asked.headers, ...(token && { authorization: `Bearer ${token}` }) };
      const answer = await fetch(`${running.endpoint}${asked.path}`, {
        method: asked.method,
        headers,
        ...(asked.body === undefined ? {} : { body: asked.body }),
        signal: AbortSignal.timeout(40_000),
      });
      return { status: answer.status, body: await answer.text() };
    };
    for (let done = 0; done < requests; ) {
      const some = fc.sample(request, { numRuns: Math.min(400, requests - done), seed: seed + done });
      done += some.length;
      for (let i = 0; i < some.length; i += AT_ONCE) {
        await Promise.all(
          some.slice(i, i + AT_ONCE).map(async (asked) => {
            const began = performance.now();
            const answer = await ask(asked).catch((error: Error) => ({ status: 0, body: `{"error":"${error.name}"}` }));
            const found =
              answer.status === 0 ? [`no answer: ${answer.body}`] : faultsOf(asked, answer, performance.now() - began);
            statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
            if (found.length > 0) faults.push({ asked, answer, faults: found });
          }),
        );
      }
      if (faults.length > 0) break;
    }
  } finally {
    await running.end('SIGTERM');
    await rm(home, { recursive: true });
  }
  return { requests, seed, statuses, faults };
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: {
      requests: { type: 'string', default: '50000' },
      seed: { type: 'string', default: '1' },
      json: { type: 'string' },
    },
  });
  const began = performance.now();
  const report = await fuzz(Number(values.requests), Number(values.seed));
  for (const { asked, answer, faults } of report.faults.slice(0, 5))
    process.stdout.write(
      `${faults.join(', ')}\n${JSON.stringify(asked)}\n${answer.status} ${answer.body.slice(0, 1_000)}\n`,
    );
  const counted = Object.entries(report.statuses).map(([status, count]) => `${status}: ${count}`);
  process.stdout.write(`${counted.join(', ')}\n`);
  process.stdout.write(
    `${report.requests} requests in ${Math.round((performance.now() - began) / 1_000)} s, ${report.faults.length} answers that must not be\n`,
  );
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`);
  process.exitCode = report.faults.length === 0 ? 0 : 1;
}
