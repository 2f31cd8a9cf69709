// Where no Node of the right kind is installed (install scripts switched off, development dependencies left out), each command of
// package.json says in one sentence what to do, and does nothing else.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const { bin, scripts, engines } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  bin: { keyvend: string };
  scripts: Record<string, string>;
  engines: { node: string };
};
/** A checkout without node_modules. */
const root = mkdtempSync(join(tmpdir(), 'keyvend-old-'));
const nodeAlone = mkdtempSync(join(tmpdir(), 'keyvend-path-'));
beforeAll(() => {
  for (const part of ['access', 'functions', 'local', 'lib', 'package.json', 'serverless.yml'])
    cpSync(part, join(root, part), { recursive: true });
});
afterAll(() => {
  for (const folder of [root, nodeAlone]) rmSync(folder, { recursive: true });
});

/** Those that some other Node may be, and how old it is. */
const others = (process.env.PATH ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'node'))
  .map((node) => ({ node, version: spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout?.trim() ?? '' }));
const old = others.find(({ version }) => /^v(?:1\d|20|21)\./.test(version));

const commands = { ...scripts, 'npx keyvend': `node ${bin.keyvend} --help` };
/** Runs it as npm does, with a PATH on which no other Node is. */
function run(command: string, node: string, options = ''): { status: number | null; stdout: string; stderr: string } {
  const folder = mkdtempSync(join(nodeAlone, 'bin-'));
  symlinkSync(node, join(folder, 'node'));
  const env = { ...process.env, PATH: `${folder}${delimiter}/usr/bin-of-nobody`, NODE_OPTIONS: options };
  return spawnSync('/bin/sh', ['-c', command], { cwd: root, env, encoding: 'utf8' });
}

/** One sentence, which says what there is, what is needed, and what to do. */
function expectSentence(said: ReturnType<typeof run>, version: string): void {
  expect(said.stderr).toMatch(/^keyvend: [^\n]*\n$/);
  expect(said.stderr).toContain(version.replace('v', ''));
  expect(said.stderr).toContain(engines.node);
  expect(said.stderr).toContain('npm ci');
  expect([said.status, said.stdout]).toEqual([1, '']);
}

const needPackages: ReadonlySet<string> = new Set(['npx keyvend', 'start', 'demo', 'test', 'check', 'format']);

describe.each(Object.entries(commands))('%s', (name, command) => {
  it('says what to do on a Node that does not run TypeScript', () => {
    expectSentence(run(command, process.execPath, '--no-experimental-strip-types'), process.version);
  });

  it('says what to do on an old Node', (context) => {
    if (old === undefined) return context.skip('no Node before 22 is on the PATH');
    expectSentence(run(command, old.node), old.version);
  });

  it('says what to do on the right Node where a package is missing', (context) => {
    if (!needPackages.has(name)) return context.skip('it may need none');
    const { status, stderr, stdout } = run(command, process.execPath);
    expect(stderr).toMatch(/^keyvend: .*not installed.*npm ci[^\n]*\n$/);
    expect([status, stdout]).toEqual([1, '']);
  });
});

it('a command finds its arguments where it would find them by itself', () => {
  mkdirSync(join(root, 'odd one'));
  const file = join('odd one', 'says.ts');
  writeFileSync(
    join(root, file),
    'const words: string[] = process.argv.slice(1);\nprocess.stdout.write(JSON.stringify(words));\n',
  );
  const { stdout } = run(`node local/on-node.cjs '${file}' a --b 'c d'`, process.execPath);
  expect(JSON.parse(stdout)).toEqual([join(root, file), 'a', '--b', 'c d']);
});

it('a failure of the command itself is not taken for a missing package', () => {
  writeFileSync(join(root, 'breaks.ts'), 'throw new TypeError("its own");\n');
  const { stderr, status } = run('node local/on-node.cjs breaks.ts', process.execPath);
  expect(stderr).toContain('TypeError: its own');
  expect(status).toBe(1);
});
