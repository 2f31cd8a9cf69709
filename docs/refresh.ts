// Rewrites what the docs repeat from elsewhere: tables from the code, and what commands print; and the policies for access keys and
// roles and the alarms of deploy/fc, which come from tables too. `npm run docs`.
// With `--tables` it leaves out what commands print, which differs from run to run.
// With `--check` it rewrites nothing and fails when a table is not what the code says; outputs differ from run to run.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloudPolicies } from '../deploy/cloud-policies.ts';
import { grafanaFile } from '../deploy/dashboards.ts';
import { alarmTemplate } from '../deploy/fc/alarms.ts';
import { fcPolicies } from '../deploy/fc/policies.ts';
import { failures } from '../lib/errors.ts';
import { policyTable, rightsTable } from '../lib/providers/rights.ts';
import { findingRows, kinds } from '../lib/vending/finding.ts';
import { clientTypes } from './client-types.ts';
import { combinationTable } from './combinations.ts';
import { commandTable, exitCodeTable, keyFormTable } from './command-line.ts';
import { variableTable } from './configuration.ts';
import { eventTable } from './event-fields.ts';
import { eventFiles } from './event-schemas.ts';
import { licenceTable } from './licences.ts';
import { manPage } from './man-page.ts';
import { metricsTable } from './metrics.ts';

const errorTable = () =>
  [
    '| code | status | retry | what to do |',
    '|---|---|---|---|',
    ...Object.entries(failures).map(
      ([code, { status, retry, next }]) => `| \`${code}\` | ${status} | ${retry ? 'yes' : 'no'} | ${next} |`,
    ),
  ].join('\n');

const findingTable = () =>
  [
    '| finding | what it is | `--fix` |',
    '|---|---|---|',
    ...kinds.map((kind) => {
      const { is, fix } = findingRows[kind];
      return `| \`${kind}\` | ${is} | ${fix ?? ''} |`;
    }),
  ].join('\n');

const outputOf =
  (...script: string[]) =>
  async () => {
    const printed = execFileSync('npm', ['run', '--silent', ...script], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return `\`\`\`console\n$ npm run ${script.join(' ')}\n${printed.trim()}\n\`\`\``;
  };

/** One request to `npm start`, as curl shows it. */
async function httpCall(): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), 'keyvend-docs-'));
  const env = { ...process.env, KEYVEND_HOME: home, PORT: '3000', KEYVEND_CLOUDS_PORT: '4010' };
  const stack = spawn(process.execPath, ['local/start.ts'], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const [ready] = (await once(stack.stdout, 'data')) as [Buffer];
    if (!String(ready).startsWith('ready http://127.0.0.1:3000')) throw new Error('it did not start');
    const token = readFileSync(join(home, 'token'), 'utf8').trim();
    const url = 'http://127.0.0.1:3000/v1/ecs/key-pairs';
    const body = '{"name":"web:prod","region":"cn-hangzhou"}';
    const headers = ['-H', `authorization: Bearer ${token}`, '-H', 'content-type: application/json'];
    const printed = execFileSync('curl', ['-sSi', url, ...headers, '-d', body], { encoding: 'utf8' });
    const shown = printed.replaceAll('\r', '').replace(/^(date|connection|keep-alive|transfer-encoding):.*\n/gim, '');
    const asked = `curl -sSi ${url} -H "authorization: Bearer $(cat .keyvend/token)" \\\n    -H 'content-type: application/json' -d '${body}'`;
    return `\`\`\`console\n$ ${asked}\n${shown.trim()}\n\`\`\``;
  } finally {
    const gone = once(stack, 'exit');
    stack.kill('SIGTERM');
    await gone;
    rmSync(home, { recursive: true });
  }
}

/** Page, marker, and what belongs between `<!-- marker -->` and `<!-- /marker -->`. */
const tables: Repeated[] = [
  ['command-line.md', 'commands', async () => commandTable()],
  ['command-line.md', 'exit-codes', async () => exitCodeTable()],
  ['command-line.md', 'key-forms', async () => keyFormTable()],
  ['errors.md', 'errors', async () => errorTable()],
  ['reliability.md', 'findings', async () => findingTable()],
  ['deploy.md', 'cloud-rights', async () => rightsTable()],
  ['self-hosting.md', 'cloud-policies', async () => policyTable()],
  ['self-hosting.md', 'metrics', async () => metricsTable()],
  ['configuration.md', 'variables', async () => variableTable()],
  ['configuration.md', 'combinations', async () => combinationTable()],
  ['events.md', 'events', async () => eventTable()],
  ['licences.md', 'licences', async () => licenceTable()],
];
const outputs: Repeated[] = [
  ['command-line.md', 'first-commands', async () => (await import('./first-commands.ts')).firstCommands()],
  ['../README.md', 'demo', outputOf('demo')],
  ['../README.md', 'call', httpCall],
  ['rotation.md', 'demo-rotate', outputOf('demo', '--', '--rotate')],
  ['rotation.md', 'demo-fleet', outputOf('demo', '--', '--fleet')],
  ['deploy-fc.md', 'demo-fc', outputOf('demo', '--', '--platform', 'fc')],
];
type Repeated = readonly [page: string, marker: string, text: () => Promise<string>];

const checking = process.argv.includes('--check');
const tablesOnly = checking || process.argv.includes('--tables');
for (const [page, marker, text] of tablesOnly ? tables : [...tables, ...outputs]) {
  const file = new URL(page, import.meta.url);
  const before = readFileSync(file, 'utf8');
  const between = new RegExp(`(<!-- ${marker} -->\n)[^]*?(<!-- /${marker} -->)`);
  if (!between.test(before)) throw new Error(`${page} has no place for ${marker}`);
  const fresh = await text();
  const after = before.replace(between, (_, open: string, close: string) => `${open}${fresh}\n${close}`);
  keep(page, before, after);
}
for (const [path, text] of [
  ...cloudPolicies,
  ...fcPolicies,
  [alarmTemplate.path, alarmTemplate.text] as const,
  ['client/types.ts', clientTypes()] as const,
  ...eventFiles,
  grafanaFile,
  ['docs/keyvend.1', manPage()] as const,
]) {
  const file = new URL(`../${path}`, import.meta.url);
  keep(`../${path}`, existsSync(file) ? readFileSync(file, 'utf8') : '', text);
}

function keep(page: string, before: string, after: string): void {
  if (after === before) return;
  if (!checking) writeFileSync(new URL(page, import.meta.url), after);
  else {
    process.stderr.write(`${page} is not what the code says; run: npm run docs\n`);
    process.exitCode = 1;
  }
}
