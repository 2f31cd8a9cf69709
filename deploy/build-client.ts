// What `npm pack -w @keyvend/client` puts into the package: one file of JavaScript, and its types without anything of the server's.
// `node deploy/build-client.ts [folder]`
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

const folder = join(import.meta.dirname, '../client');
const out = process.argv[2] ?? join(folder, 'dist');
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
await build({
  ...{ absWorkingDir: folder, entryPoints: ['index.ts'], outfile: join(out, 'index.js') },
  ...{ bundle: true, format: 'esm', platform: 'neutral', target: 'es2022', legalComments: 'none', logLevel: 'warning' },
});
const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
const options = {
  ...{ rootDir: folder, outDir: out, target: 'es2022', module: 'nodenext', lib: 'es2024,dom,dom.iterable' },
};
execFileSync(
  process.execPath,
  [
    compiler,
    join(folder, 'index.ts'),
    ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]),
    ...['--declaration', '--emitDeclarationOnly', '--strict', '--ignoreConfig', '--allowImportingTsExtensions'],
  ],
  { stdio: 'inherit' },
);
// A declaration is found beside the file that it is of, and that is JavaScript by then.
for (const file of readdirSync(out).filter((name) => name.endsWith('.d.ts'))) {
  const text = readFileSync(join(out, file), 'utf8');
  writeFileSync(join(out, file), text.replaceAll(/(from '\.\/[\w-]+)\.ts'/g, "$1.js'"));
}
