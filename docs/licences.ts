// The packages that run where keyvend runs, and their licences: by the lock file, which says what is installed, and by each
// package's own words.
import { readFileSync } from 'node:fs';

interface Locked {
  readonly version: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  /** Of a workspace. */
  readonly link?: boolean;
}
interface Described {
  readonly license?: string;
  /** As packages of another time have it. */
  readonly licenses?: readonly { readonly type: string }[];
}

const read = (path: string): unknown => JSON.parse(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8'));

/** Permissive ones: a notice is all they ask for, or not even that. Any other has to be looked at before it is added here. */
const permitted = new Set(['0BSD', 'Apache-2.0', 'BSD-3-Clause', 'ISC', 'MIT', 'MIT-0', 'Unlicense']);

export interface RuntimePackage {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
}

/** @throws {Error} for a licence that nobody has looked at */
export function runtimePackages(): readonly RuntimePackage[] {
  const { packages } = read('package-lock.json') as { readonly packages: Readonly<Record<string, Locked>> };
  return Object.entries(packages).flatMap(([path, { version, license, dev, optional, link }]) => {
    if (!path.includes('node_modules/') || link || dev || optional) return []; // the project's own have none
    const own = license === undefined ? (read(`${path}/package.json`) as Described) : { license };
    const licence = own.license ?? own.licenses?.map(({ type }) => type).join(' OR ') ?? 'none';
    const name = path.replace(/^.*node_modules\//, '');
    if (!permitted.has(licence))
      throw new Error(`${name} has the licence ${licence}: look at it, then permit it in docs/licences.ts`);
    return [{ name, version, licence }];
  });
}

export const licenceTable = (): string =>
  [
    '| package | version | licence |',
    '|---|---|---|',
    ...runtimePackages().map(({ name, version, licence }) => `| \`${name}\` | ${version} | ${licence} |`),
  ].join('\n');
