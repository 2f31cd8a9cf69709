// keyvend.yaml: the variables of docs/configuration.md under shorter names, in groups as people like. `postgres: { url: ... }` is
// KEYVEND_POSTGRES_URL. What is in the environment already counts more than the file.
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { OPEN } from '../lib/access/access-document.ts';
import type { Environment } from '../lib/environment.ts';
import { everyVariable } from '../lib/platforms/configuration.ts';
import { rotationConfiguration } from '../lib/platforms/rotation-configuration.ts';
import { compiledFile } from './compiled-file.ts';

const usual = {
  KEYVEND_PLATFORM: 'serve',
  KEYVEND_LEDGER: 'sqlite',
  KEYVEND_STORE: 'embedded',
  KEYVEND_HOME: 'keyvend-data',
};

const choices = ['KEYVEND_PLATFORM', 'KEYVEND_LEDGER', 'KEYVEND_STORE'];
/** Not of keyvend's own, and read by what it is made of. */
const others = /^(?:AWS_[A-Z_]+|KEYVEND_LOG_LEVEL)$/;
/** Those whose values are files or folders; in a file they are meant beside it. */
const isPath = (name: string) => /_(?:FILE|DIR)$/.test(name) || name === 'KEYVEND_HOME' || name === 'KEYVEND_ACCESS';

/**
 * The whole environment of a server.
 * @param file undefined for none @throws {TypeError} which names what is wrong in the file, and no value
 */
export function serverEnvironment(file: string | undefined, given: Environment): Record<string, string> {
  const folder = file === undefined ? process.cwd() : dirname(resolve(file));
  const written = file === undefined ? {} : flat(documentIn(file));
  const set = Object.fromEntries(Object.entries(given).filter((one): one is [string, string] => one[1] !== undefined));
  const beside = (values: Readonly<Record<string, string>>) =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => [
        name,
        isPath(name) && value !== OPEN ? resolve(folder, value) : value,
      ]),
    );
  const all: Record<string, string> = { ...beside({ ...usual, ...written }), ...set };
  refuseUnknown(Object.keys(written));
  if (all.KEYVEND_LOG_LEVEL !== undefined) all.POWERTOOLS_LOG_LEVEL = all.KEYVEND_LOG_LEVEL.toUpperCase();
  return all;
}

/** As the server takes it: the access document is checked and compiled, as packaging does it elsewhere. @throws {WrongDocument} */
export function withAccess(environment: Readonly<Record<string, string>>): Record<string, string> {
  const { KEYVEND_ACCESS: access } = environment;
  if (access === undefined || access === OPEN || access.startsWith('{')) return { ...environment };
  return { ...environment, KEYVEND_ACCESS: JSON.stringify(compiledFile(access).compiled) };
}

function documentIn(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new TypeError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  try {
    return parse(text, { strict: true, uniqueKeys: true, maxAliasCount: 0 });
  } catch (error) {
    const { linePos, code = 'unreadable' } = error as { linePos?: readonly { line: number }[]; code?: string };
    throw new TypeError(
      `${file} is not YAML that can be read (${code}${linePos ? ` in line ${linePos[0]?.line}` : ''})`,
    );
  }
}

/** By variable. @throws {TypeError} */
function flat(document: unknown, path: readonly string[] = []): Record<string, string> {
  if (document === null || document === undefined) return {};
  if (typeof document === 'object' && !Array.isArray(document))
    return Object.assign({}, ...Object.entries(document).map(([key, value]) => flat(value, [...path, key])));
  const wrong = () => new TypeError(`${path.join('.') || 'the file'} is not what a configuration has`);
  if (path.length === 0) throw wrong();
  const words = path.join('_').toUpperCase().replaceAll('-', '_');
  const name = words.startsWith('AWS_') ? words : `KEYVEND_${words}`;
  const values = Array.isArray(document) ? document : [document];
  if (!values.every((value) => ['string', 'number', 'boolean'].includes(typeof value))) throw wrong();
  return { [name]: values.join(',') };
}

function refuseUnknown(names: readonly string[]): void {
  const known = new Set([...everyVariable(), ...Object.keys(rotationConfiguration().shape), ...choices]);
  const unknown = names.filter((name) => !known.has(name) && !others.test(name));
  if (unknown.length > 0)
    throw new TypeError(`nobody knows ${unknown.map(written).join(', ')}; docs/configuration.md lists what there is`);
}

/** A variable as the file would have it. */
const written = (name: string) =>
  name
    .replace(/^KEYVEND_/, '')
    .toLowerCase()
    .replaceAll('_', '-');
