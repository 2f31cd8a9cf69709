// `npm run sbom`: a software bill of materials of what runs, by npm, to `--out` (.keyvend/sbom.json). `--dev` has what is for development in it as well. npm's own
// `--omit dev` is not used: it also omits what a package that runs and one for development both need, such as zod.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

interface Bill {
  readonly components: readonly {
    readonly 'bom-ref': string;
    readonly properties?: readonly { readonly name: string; readonly value: string }[];
  }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
  readonly metadata: { readonly component: { readonly 'bom-ref': string } };
}

const root = join(import.meta.dirname, '..');
const { dev, out } = parseArgs({
  options: {
    dev: { type: 'boolean', default: false },
    out: { type: 'string', default: join(root, '.keyvend', 'sbom.json') },
  },
}).values;
const { status, stdout, stderr } = spawnSync('npm', ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
});
if (status !== 0) {
  process.stderr.write(stderr);
  process.exit(1);
}
const whole = JSON.parse(stdout) as Bill;
const bill = dev ? whole : running(whole);
const file = resolve(out);
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, `${JSON.stringify(bill, undefined, 2)}\n`);
process.stdout.write(`${bill.components.length} packages: ${file}\n`);

function running(all: Bill): Bill {
  const components = all.components.filter(
    ({ properties = [] }) => !properties.some(({ name }) => name === 'cdx:npm:package:development'),
  );
  const refs = new Set([all.metadata.component['bom-ref'], ...components.map((one) => one['bom-ref'])]);
  const dependencies = all.dependencies
    .filter(({ ref }) => refs.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((one) => refs.has(one)) }));
  return { ...all, components, dependencies };
}
