// `npm run package`: the CloudFormation template and the functions' bundles, without an AWS account, credentials or a network.
// Options go to `serverless package`; without `--stage` it is `example`, without `--package` the files go to the folder below.
// With `--compiled-by COMMAND` the bundles are compiled ahead by that Node: docs/deploy.md. With `--platform fc` it is the folders for
// Function Compute instead, with the store that `--store` names: fc/package-fc.ts.
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
import { LAYER_NODE, packageFc } from './fc/package-fc.ts';

const root = join(import.meta.dirname, '..');
const { values, tokens } = parseArgs({
  options: {
    stage: { type: 'string', short: 's' },
    package: { type: 'string', short: 'p' },
    'compiled-by': { type: 'string' },
    platform: { type: 'string' },
    store: { type: 'string' },
  },
  strict: false,
  tokens: true,
});
const own = new Set(['stage', 'package', 'compiled-by', 'platform', 'store']);
const ours = tokens.flatMap((token) =>
  token.kind === 'option' && own.has(token.name)
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

async function forFc(): Promise<void> {
  const out = values.package === undefined ? undefined : resolve(String(values.package));
  const compiledBy = values['compiled-by'] === undefined ? undefined : String(values['compiled-by']);
  const warn = (sentence: string) => void process.stderr.write(`warning: ${sentence}\n`);
  const sizes = await packageFc({ stage, out, compiledBy, warn, store: String(values.store ?? 'kms') });
  const lines = [...sizes].map(([name, bytes]) => `  ${String(bytes).padStart(8)}  ${name}`);
  process.stdout.write(`\n${out ?? join(root, '.package/fc')}\n${lines.join('\n')}\n`);
  if (compiledBy === undefined && process.versions.node !== LAYER_NODE)
    process.stdout.write(
      `\nIt is not compiled ahead, which needs the layer's Node: --compiled-by the command of a Node ${LAYER_NODE}\n`,
    );
}

function forAws(): void {
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
}

if (values.platform === undefined || values.platform === 'aws') forAws();
else if (values.platform === 'fc') await forFc();
else throw new TypeError('--platform is aws or fc');
