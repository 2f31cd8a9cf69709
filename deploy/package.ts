// `npm run package`: the CloudFormation template and the functions' bundles, without an AWS account, credentials or a network.
// Options go to `serverless package`; without `--stage` it is `example`, without `--package` the files go to the folder below.
// With `--compiled-by COMMAND` the bundles are compiled ahead by that Node: docs/deploy.md.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compiledFile } from '../local/compiled-file.ts';
import { shellWord } from '../local/shell-word.ts';

const root = join(import.meta.dirname, '..');
const { values, tokens } = parseArgs({
  options: {
    stage: { type: 'string', short: 's' },
    package: { type: 'string', short: 'p' },
    'compiled-by': { type: 'string' },
  },
  strict: false,
  tokens: true,
});
const ours = tokens.flatMap((token) =>
  token.kind === 'option' && (token.name === 'stage' || token.name === 'package' || token.name === 'compiled-by')
    ? [token.index, ...(token.inlineValue === false ? [token.index + 1] : [])]
    : [],
);
const theirs = process.argv.slice(2).filter((_, index) => !ours.includes(index));
const stage = String(values.stage ?? 'example');
const folder = resolve(String(values.package ?? join(root, '.keyvend/package')));

/** The stage's access document, if it has one; that it has one or says that it needs none, parameters.ts sees to. */
function writeAccess(stage: string, file: string): { readonly warnings: readonly string[] } {
  const document = join(root, 'access', `${stage}.yaml`);
  if (!existsSync(document)) return { warnings: [] };
  const { compiled, warnings } = compiledFile(document);
  writeFileSync(file, JSON.stringify(compiled), { mode: 0o644 });
  return { warnings };
}

// In a copy: the framework works in `.serverless` and `.esbuild` beside the sources, where two runs at once would collide.
const copy = mkdtempSync(join(tmpdir(), 'keyvend-package-'));
let status: number | null;
try {
  for (const name of ['functions', 'lib', 'deploy', 'serverless.yml', 'package.json', 'tsconfig.json']) {
    cpSync(join(root, name), join(copy, name), { recursive: true });
  }
  const { warnings } = writeAccess(stage, join(copy, 'access.json'));
  for (const warning of warnings) process.stderr.write(`warning: access/${stage}.yaml: ${warning}\n`);
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'dir');
  mkdirSync(folder, { recursive: true });
  process.umask(0o022); // a file's mode goes into its zip
  const serverless = fileURLToPath(import.meta.resolve('serverless/bin/serverless.js'));
  const args = [serverless, 'package', '--stage', stage, '--package', folder, ...theirs];
  const env = { ...process.env, KEYVEND_COMPILED_BY: String(values['compiled-by'] ?? '') };
  ({ status } = spawnSync(process.execPath, args, { cwd: copy, stdio: 'inherit', env }));
} finally {
  rmSync(copy, { recursive: true, force: true });
}
if (status === 0) {
  const sizes = readdirSync(folder).map(
    (name) => `  ${String(statSync(join(folder, name)).size).padStart(8)}  ${name}`,
  );
  process.stdout.write(`\n${folder}\n${sizes.join('\n')}\n\nDeploy it:\n`);
  process.stdout.write(`  npx serverless deploy --stage ${shellWord(stage)} --package ${shellWord(folder)}\n`);
}
process.exitCode = status ?? 1;
