// `npm run pack`: the package that `npm i -g` takes, as a tarball: one command, all it needs compiled into it, nothing to be fetched
// when it is installed. Made from the sources alone, without a network; the same sources give the same bytes.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { build as buildPage } from 'vite';
import { shellWord } from '../local/shell-word.ts';

const root = join(import.meta.dirname, '..');
const { values } = parseArgs({ options: { out: { type: 'string', default: join(root, '.keyvend/npm') } } });
const out = resolve(values.out);
const folder = join(out, 'package');

/** What is installed beside the command. */
const files = ['README.md', 'CHANGELOG.md', 'SECURITY.md', 'access', 'docs', 'deploy/policies', 'deploy/server'];
/** What node:sqlite needs no switch for. */
const ENGINES = { node: '^22.13.0 || >=24.0.0' };

const { name, version, description, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
await build({
  absWorkingDir: root,
  entryPoints: { keyvend: 'local/keyvend.ts' },
  outdir: join(folder, 'bin'),
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true, // a command loads what it needs
  format: 'esm',
  platform: 'node',
  target: 'node22',
  minifySyntax: true,
  legalComments: 'linked',
  // What some dependencies are written with, and modules do not have.
  banner: {
    js: "import{createRequire as _cr}from'node:module';import{fileURLToPath as _fp}from'node:url';import{dirname as _dn}from'node:path';const require=_cr(import.meta.url),__filename=_fp(import.meta.url),__dirname=_dn(__filename);",
  },
  alias: { 'cpu-features': './deploy/left-out/cpu-features.cjs' },
  external: ['*/sshcrypto.node', 'pg-native'],
  logLevel: 'warning',
});
// The page of people, as npm run portal builds it; `keyvend serve` finds it there.
await buildPage({
  configFile: join(root, 'portal/vite.config.ts'),
  build: { outDir: join(folder, 'portal') },
});
const isForUsers = (path: string) => !path.endsWith('.ts');
for (const file of files.filter((one) => existsSync(join(root, one))))
  cpSync(join(root, file), join(folder, file), { recursive: true, filter: isForUsers });
cpSync(join(root, 'deploy/npm-bin.cjs'), join(folder, 'bin/keyvend.cjs'));
const manifest = {
  ...{ name, version, description, license, type: 'module', bin: { keyvend: 'bin/keyvend.cjs' }, engines: ENGINES },
  man: ['./docs/keyvend.1'],
  files: ['bin', 'portal', ...files],
};
writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);

// Its own dates are the same each time.
const packed = spawnSync('npm', ['pack', '--silent', '--pack-destination', out], { cwd: folder, encoding: 'utf8' });
process.stderr.write(packed.stderr);
if (packed.status === 0) {
  const tarball = join(out, packed.stdout.trim());
  process.stdout.write(`${tarball}\n\nInstall it, with Node 22.13 or later:\n  npm i -g ${shellWord(tarball)}\n`);
}
process.exitCode = packed.status ?? 1;
