// A function as it is deployed, without packaging it: one file, made with the settings that serverless.yml gives the packager.
// What `npm run package` zips is these very bytes; a test compares them.
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '..');

/** The packager's own settings, which esbuild does not know; what is excluded is esbuild's `external`. */
const packagers = new Set(['exclude', 'concurrency', 'plugins']);

export interface Bundle {
  /** CommonJS, ready to be required. */
  readonly file: string;
  readonly bytes: number;
  readonly metafile: Metafile;
}

/**
 * @param name a file of `functions/`, without its extension: `ens`
 * @param folder where `<name>.js` is put
 */
export const bundle = (name: string, folder: string): Promise<Bundle> =>
  bundled(`functions/${name}.ts`, join(folder, `${name}.js`));

/** What a bundle is made for, where that is not what serverless.yml says. */
export interface MadeFor {
  readonly platform: string;
  readonly ledger: string;
  readonly store: string;
}

/** Any module, by its path in the project, as if it were a function. */
export async function bundled(entry: string, file: string, madeFor?: MadeFor): Promise<Bundle> {
  const output = { outfile: file, metafile: true } as const;
  const how = { ...settings(madeFor), ...output };
  const { metafile } = await build({ ...how, absWorkingDir: root, entryPoints: [entry] });
  return { file, bytes: Object.values(metafile.outputs)[0]!.bytes, metafile };
}

/** Compiles a bundle ahead for the Node that this is, and puts its loader in its place. @returns the bytes of all three files */
export function compiledAhead(file: string): number {
  execFileSync(process.execPath, [join(root, 'deploy/code-cache/compile.cjs'), file], {
    stdio: 'pipe',
  });
  const stem = file.replace(/\.js$/, '');
  return ['.js', '.bundle.cjs', '.compiled'].reduce((bytes, end) => bytes + statSync(`${stem}${end}`).size, 0);
}

function settings(madeFor?: MadeFor): BuildOptions {
  const { custom } = parse(readFileSync(join(root, 'serverless.yml'), 'utf8'), { logLevel: 'error' });
  const all = Object.entries(custom.esbuild as object).filter(([name]) => !packagers.has(name));
  const usual = { ...Object.fromEntries(all), external: custom.esbuild.exclude } as BuildOptions;
  if (madeFor === undefined) return usual;
  const { platform, ledger, store } = madeFor;
  return {
    ...usual,
    define: {
      'process.env.KEYVEND_PLATFORM': JSON.stringify(platform),
      'process.env.KEYVEND_LEDGER': JSON.stringify(ledger),
      'process.env.KEYVEND_STORE': JSON.stringify(store),
    },
    alias: {
      ...usual.alias,
      'pg-cloudflare': './deploy/left-out/pg-cloudflare.cjs',
      '#platform': `./lib/platforms/${platform}`,
      '#ledger': `./lib/ledger/${ledger}`,
      '#store': `./lib/secrets/${store}`,
    },
  };
}
