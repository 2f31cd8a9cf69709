// `npm run package -- --platform fc`: a folder for each function's code, as Function Compute takes it: `bootstrap`, the bundle, and V8's code
// of it. From the sources alone, without an account or a network; the same sources give the same bytes.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { platforms } from '../../lib/platforms/platform-table.ts';
import { compiledFile } from '../../local/compiled-file.ts';
import { bundled } from '../bundle.ts';
import { type CodeFolder, codeFolders } from './folders.ts';

const root = join(import.meta.dirname, '../..');

export interface PackageOptions {
  /** Which access document goes with it: `access/<stage>.yaml`, where there is one. */
  readonly stage: string;
  /** Where to. Default `.package/fc`. */
  readonly out?: string | undefined;
  readonly store: string;
  /** A command that is the Node to compile the code ahead with. Default the one that this is, where it is the layer's. */
  readonly compiledBy?: string | undefined;
  /** Default all. */
  readonly only?: readonly CodeFolder[];
  /** Told in a sentence what whoever packages may not have meant. */
  readonly warn?: (sentence: string) => void;
}

/** For whatever has no date of its own. */
const SOME_DAY = new Date('2026-01-01T00:00:00Z');

/** @returns the bytes of each folder @throws {TypeError} for a store that the functions do not work with */
export async function packageFc(options: PackageOptions): Promise<ReadonlyMap<CodeFolder, number>> {
  const { stage, store, out = join(root, '.package/fc'), only = codeFolders } = options;
  const { stores } = platforms.fc;
  if (!stores.some((one) => one === store))
    throw new TypeError(`--store is one that functions on many machines share: ${stores.join(' or ')}`);
  const [access, compile] = [accessOf(stage, options), compiler(options)];
  const sizes = new Map<CodeFolder, number>();
  for (const name of only) {
    const folder = resolve(out, name);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const file = join(folder, 'index.js');
    await bundled(`functions/fc/${name}.ts`, file, { platform: 'fc', ledger: 'postgres', store });
    compile?.(file);
    writeFileSync(join(folder, 'package.json'), '{"type":"commonjs"}\n'); // wherever the folder lies
    copyFileSync(join(import.meta.dirname, 'bootstrap'), join(folder, 'bootstrap'));
    if (access !== undefined) writeFileSync(join(folder, 'access.json'), access);
    for (const one of readdirSync(folder)) {
      chmodSync(join(folder, one), one === 'bootstrap' ? 0o755 : 0o644); // whatever the umask is here: it goes into the zip, as dates do
      utimesSync(join(folder, one), SOME_DAY, SOME_DAY);
    }
    sizes.set(
      name,
      readdirSync(folder).reduce((bytes, one) => bytes + statSync(join(folder, one)).size, 0),
    );
  }
  return sizes;
}

function accessOf(stage: string, { warn }: PackageOptions): string | undefined {
  const document = join(root, 'access', `${stage}.yaml`);
  if (!existsSync(document)) {
    warn?.(
      `there is no access/${stage}.yaml, so no access.json is packaged, which deploy/fc/s.yaml has all functions read`,
    );
    return undefined;
  }
  const { compiled, warnings } = compiledFile(document);
  for (const warning of warnings) warn?.(`access/${stage}.yaml: ${warning}`);
  return JSON.stringify(compiled);
}

/** What the public layer `Nodejs24`, version 1, has in it; Function Compute's machines are x64. */
export const LAYER_NODE = '24.19.0';
const ofLayer = { node: LAYER_NODE, arch: 'x64' };

/** V8 takes the code of no other version, so that it is made by the very Node that the function has; or else there is none, and it compiles. */
function compiler({ compiledBy: command, warn }: PackageOptions): ((file: string) => void) | undefined {
  const run = (...words: string[]): string => {
    const { status, stdout, stderr } =
      command === undefined
        ? spawnSync(process.execPath, words, { encoding: 'utf8' })
        : spawnSync('sh', ['-c', `${command} "$@"`, 'sh', ...words], { encoding: 'utf8' });
    if (status === 0) return stdout;
    throw new TypeError(`--compiled-by failed: ${/^\w*Error.*/m.exec(stderr)?.[0] ?? stderr.trim()}`);
  };
  const { node, arch } = JSON.parse(run('-p', 'JSON.stringify({ node: process.versions.node, arch: process.arch })'));
  const fits = node === ofLayer.node && arch === ofLayer.arch;
  if (!fits && command === undefined) return undefined;
  if (!fits) warn?.(`compiled by Node ${node} for ${arch}, and the layer has ${LAYER_NODE} for x64`);
  // Without this switch no two of them are alike.
  return (file) => void run('--predictable', join(root, 'deploy/code-cache/compile.cjs'), file);
}
