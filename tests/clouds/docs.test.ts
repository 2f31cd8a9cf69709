// docs/local-clouds.md: its snippets run as they stand, and its tables are complete.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { faultShapes } from '../../local/clouds/faults/checked-rule.ts';
import { switches } from '../../local/clouds/settings/behaviour.ts';
import { limitRows } from '../../local/clouds/settings/limits.ts';
import { call } from './support/raw.ts';
import { started } from './support/started.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const text = readFileSync(join(root, 'docs/local-clouds.md'), 'utf8');
const blocks = (language: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, code]) => code ?? '');
/** The rows of the table under a heading, as cells. */
const rowsUnder = (heading: string): string[][] =>
  (text.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1)
        .map((cell) => cell.trim()),
    );

/** @returns what it printed */
function run(command: string, args: string[], env: Record<string, string>, input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, env: { ...process.env, ...env } });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk;
      });
    }
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(output) : reject(new Error(output))));
    child.stdin.end(input);
  });
}

describe('a snippet', () => {
  const prints: Record<string, RegExp> = {
    'local/clouds/clouds.ts': /^http:\/\/127\.0\.0\.1:\d+ STS\.local-temporary$/m,
    'from-the-ecs-sdk': /^ssh-bp\w+ ([0-9a-f]{2}:){15}/m,
    'from-openapi-core': /^ssh-5\w+ [0-9a-f]{32}$/m,
    'found.TotalCount': /^0$/m,
    from_the_cvm_sdk: /^skey-\w{8} ssh-rsa /m,
    'from-the-kms-sdk': /^from-the-kms-sdk ACSCurrent$/m,
    CLOUDS_CA: /^0 0$/m,
  };
  const snippets = blocks('ts').map((code) => ({
    code,
    name: Object.keys(prints).find((word) => code.includes(word)),
  }));

  it('is there for everything that is expected to print something', () => {
    expect(snippets.map(({ name }) => name)).toEqual(Object.keys(prints));
  });

  it.each(snippets)('runs as it stands: $name', async ({ code, name }) => {
    const clouds = await started();
    const { endpoint, credentials } = clouds;
    const folder = mkdtempSync(join(tmpdir(), 'clouds-docs-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const ca = join(folder, 'ca.pem');
    writeFileSync(ca, clouds.ca);
    const env = { CLOUDS: JSON.stringify({ endpoint, ...credentials }), CLOUDS_CA: ca };
    const output = await run(process.execPath, ['--input-type=module-typescript', '-'], env, code);
    expect(output).toMatch(prints[name ?? '']!);
  });

  it('plans, for curl, the fault that it says', async (context) => {
    const clouds = await started();
    const [snippet] = blocks('sh').filter((code) => code.startsWith('curl'));
    const output = await run('sh', ['-c', `command -v curl >/dev/null || { echo none; exit; }\n${snippet}`], {
      ENDPOINT: clouds.endpoint,
    });
    if (output.trim() === 'none') return context.skip('curl is not installed');
    expect(JSON.parse(output)).toMatchObject({ seen: 0, done: 0 });
    expect(clouds.admin.faults()).toMatchObject([{ rule: { match: { name: 'web-1' }, fault: { kind: 'drop' } } }]);
  });
});

describe('the credential that is denied two actions', () => {
  it('is refused those, in the words that the page says, and nothing else', async () => {
    const [credential] = blocks('json').filter((code) => code.includes('"denied"'));
    const own = JSON.parse(credential ?? '');
    const clouds = await started({ credentials: [own] });
    const alibaba = { accessKeyId: own.keyId, accessKeySecret: own.secret };
    const code = async (service: 'ens' | 'ecs', action: string) =>
      (await call(clouds, service, action, { RegionId: 'cn-hangzhou', KeyPairName: 'web-1' }, { alibaba })).code;
    expect(own.denied[0]).toBe('ecs:CreateKeyPair');
    expect(await code('ecs', 'CreateKeyPair')).toBe('Forbidden.RAM');
    expect(text).toContain('`Forbidden.RAM`, `NoPermission` on ENS, `UnauthorizedOperation` on Tencent');
    expect(await code('ecs', 'DescribeKeyPairs')).toBe('');
    expect(await code('ens', 'CreateKeyPair')).toBe('');
  });
});

describe('the tables', () => {
  const code = (cell: string | undefined): string => cell?.match(/`([^`]+)`/)?.[1] ?? '';

  it('have every switch with its default first', () => {
    const rows = rowsUnder('Switches').map(([name, values]) => [code(name), values] as const);
    expect(rows.map(([name]) => name)).toEqual(Object.keys(switches));
    const models = new Map(rows);
    for (const [name, cell] of rows) {
      const values = cell?.startsWith('as for ENS') ? models.get(name.replace(/^\w+/, 'ens')) : cell;
      expect([name, code(values)]).toEqual([name, String(switches[name as keyof typeof switches].default)]);
    }
  });

  it('have every limit with its default', () => {
    const rows = rowsUnder('Limits');
    expect(rows.map(([name]) => code(name))).toEqual(Object.keys(limitRows));
    for (const [name, value = ''] of rows) {
      const limit = limitRows[code(name) as keyof typeof limitRows].default;
      const shown = Array.isArray(limit) && value.endsWith('region ids') ? `${limit.length} region ids` : String(limit);
      expect(value.replaceAll('`', '').replaceAll(', ', ',')).toBe(shown.replaceAll(', ', ','));
    }
  });

  it('have every fault', () => {
    expect(rowsUnder('Faults').map(([name]) => code(name))).toEqual(Object.keys(faultShapes));
  });

  it('have every option of the command', async () => {
    const help = await run(process.execPath, [join(root, 'local/clouds/main.ts'), '--help'], {});
    const options = [...help.matchAll(/^ {2}(--[\w-]+)/gm)]
      .map(([, option]) => option)
      .filter((option) => option !== '--help');
    expect(rowsUnder('Start').map(([name]) => code(name).split(' ')[0])).toEqual(options);
  });
});
