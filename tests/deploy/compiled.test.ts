// Bundles that were compiled ahead: they run from V8's code where it fits, and as they always did, with a line in the log, where not.
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { environment } from '../../bench/cold-start/environment.ts';
import type { Host } from '../../bench/cold-start/stand-in/hosts.ts';
import { bundle } from '../../deploy/bundle.ts';
import { shellWord } from '../../local/shell-word.ts';
import { packaged } from './packaged.ts';
import { unzipped } from './zip.ts';

const lambdas: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'arm64' };
const here = lambdas[process.arch] ?? process.arch;
const there = Object.values(lambdas).find((name) => name !== here)!;
const node = shellWord(process.execPath);

const folder = mkdtempSync(join(tmpdir(), 'keyvend-compiled-'));
const made = await packaged('--param', `architecture=${here}`, '--compiled-by', node);
afterAll(() => {
  for (const one of [folder, made.folder]) rmSync(one, { recursive: true, force: true });
});

/** The function as it is unzipped, in a folder of its own. */
function unpacked(name: string): string {
  const home = join(folder, name);
  for (const [path, bytes] of unzipped(readFileSync(join(made.folder, 'catalog.zip')))) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), bytes);
  }
  return home;
}

const hosts = ['issuer', 'ens', 'ecs', 'cvm', 'secretsmanager', 'dynamodb', 'events', 'sqs'] as const;
const ports = Object.fromEntries(hosts.map((host) => [host, 9])) as Record<Host, number>; // nothing is asked for
const variables = environment({ ports }, join(folder, 'ca.pem'), folder);

/** Loads it and asks it for the document of its API, as a runtime would. */
function run(home: string, options: readonly string[] = []) {
  const file = join(home, 'functions/catalog.js');
  const rest = { version: '2.0', rawPath: '/openapi.json', headers: {} };
  const event = { ...rest, requestContext: { http: { method: 'GET', path: '/openapi.json' } } };
  const script = `require(${JSON.stringify(file)}).http(${JSON.stringify(event)}, { getRemainingTimeInMillis: () => 9000 })
    .then(({ statusCode }) => { console.error('answered', statusCode); process.exit(); });`;
  const { NODE_EXTRA_CA_CERTS: _, ...env } = variables;
  const { stdout, stderr } = spawnSync(process.execPath, [...options, '-e', script], { env, encoding: 'utf8' });
  const line = stdout.split('\n').find((one) => one.includes('compiled code is not used'));
  return { answered: /answered (\d+)/.exec(stderr)?.[1] ?? stderr, told: line && JSON.parse(line) };
}

describe('a function that was compiled ahead', () => {
  it('runs from that code, and says nothing', () => {
    expect(run(unpacked('as it is'))).toEqual({ answered: '200', told: undefined });
  });

  it.each([
    ['other flags', 'it was made for another Node', ['--no-opt'], () => {}],
    ['no compiled code', 'it is missing', [], (home: string) => rmSync(join(home, 'functions/catalog.compiled'))],
    [
      'compiled code that is damaged',
      'it is of another bundle',
      [],
      (home: string) => {
        const file = join(home, 'functions/catalog.compiled');
        const bytes = readFileSync(file);
        bytes[bytes.length >> 1]! ^= 1;
        writeFileSync(file, bytes);
      },
    ],
    [
      'another bundle of the same length',
      'it is of another bundle',
      [],
      (home: string) => {
        const file = join(home, 'functions/catalog.bundle.cjs');
        const text = readFileSync(file, 'utf8');
        expect(text).toContain(' key pair');
        writeFileSync(file, text.replace(' key pair', ' KEY pair'));
      },
    ],
    [
      'more compiled code than there was',
      'it is of another bundle',
      [],
      (home: string) => appendFileSync(join(home, 'functions/catalog.compiled'), 'x'),
    ],
  ] as const)('answers all the same with %s, and says why', (name, why, options, spoil) => {
    const home = unpacked(name);
    spoil(home);
    const { node: version } = process.versions;
    const { answered, told } = run(home, options);
    expect(answered).toBe('200');
    expect(told).toEqual({
      ...{ level: 'WARN', message: 'compiled code is not used', service: 'keyvend', why },
      madeFor: { node: version, arch: process.arch, options: [] },
      here: { node: version, arch: process.arch, options: expect.arrayContaining([...options]) },
    });
  });

  it('is told apart when it was made for other processors', { timeout: 60_000 }, async () => {
    const refused = packaged('--param', `architecture=${there}`, '--compiled-by', node);
    await expect(refused).rejects.toMatchObject({
      stdout: expect.stringContaining(`is for ${process.arch}, and the functions are for ${there}`),
    });
  });

  it('is not made by a Node that fails at it, and the packaging ends and says why', { timeout: 60_000 }, async () => {
    const failing = join(folder, 'failing');
    writeFileSync(
      failing,
      `#!/bin/sh\ncase "$1" in -p) exec ${node} "$@";; esac\necho "RangeError: too much" >&2\nexit 1\n`,
    );
    const refused = packaged('--param', `architecture=${here}`, '--compiled-by', `sh ${failing}`);
    await expect(refused).rejects.toMatchObject({ stderr: expect.stringMatching(/failed: RangeError: too much$/m) });
  });

  it('is not made by a command that is no Node', { timeout: 60_000 }, async () => {
    await expect(packaged('--compiled-by', 'false')).rejects.toMatchObject({
      stdout: expect.stringContaining('--compiled-by: false failed'),
    });
  });
});

it.each(['ens', 'ecs', 'cvm', 'catalog', 'lifecycle', 'fleet', 'rotation', 'recovery'])(
  'the bundle of %s has no import(), which compiled code could not carry out',
  async (name) => {
    const { metafile } = await bundle(name, folder);
    const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
    expect(imports.filter(({ kind }) => kind === 'dynamic-import')).toEqual([]);
  },
);
