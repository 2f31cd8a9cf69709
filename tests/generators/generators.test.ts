// The contract is worth generating from: two generators that share no code make a client each, a compiler of theirs reads it with every
// strictness, and it vends. They have a workspace of their own, with the TypeScript that they are made for.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Place, place, type Serving } from '../stack/serving.ts';

const workspace = createRequire(import.meta.url);
/** The folder of a package, as the workspace has it. */
const packageOf = (name: string): string => {
  const path = workspace.resolve.paths(name)!.map((folder) => join(folder, name));
  return path.find((folder) => isThere(join(folder, 'package.json')))!;
};
const isThere = (file: string): boolean => {
  try {
    return workspace(file) !== undefined;
  } catch {
    return false;
  }
};

let folder: string;
let here: Place;
let server: Serving;
beforeAll(async () => {
  here = await place();
  server = await here.start({ KEYVEND_LEASE_MS: '35000' });
  folder = mkdtempSync(join(tmpdir(), 'keyvend-generated-'));
  const contract = await (await fetch(`${server.url}/openapi.json`)).text();
  writeFileSync(join(folder, 'openapi.json'), contract);
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  mkdirSync(join(folder, 'node_modules'));
  for (const name of ['openapi-fetch', 'openapi-typescript-helpers'])
    symlinkSync(packageOf(name), join(folder, 'node_modules', name));
}, 60_000);
afterAll(async () => {
  await server?.end();
  await here?.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** Not awaited in place: the clouds are in this process. */
const run = async (script: string, ...words: string[]): Promise<string> => {
  try {
    return (await promisify(execFile)(process.execPath, [script, ...words], { cwd: folder, timeout: 60_000 })).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${script} failed: ${stdout}${stderr}`);
  }
};

/** @returns what the program prints, once a strict compiler has nothing to say of it */
async function compiledAndRun(name: string, program: string): Promise<string> {
  writeFileSync(join(folder, `${name}.ts`), program);
  const compilerOptions = {
    ...{ noEmit: true, strict: true, exactOptionalPropertyTypes: false, noUncheckedIndexedAccess: true },
    ...{ module: 'nodenext', target: 'es2022', lib: ['es2022', 'dom', 'dom.iterable'], types: [] },
    allowImportingTsExtensions: true,
  };
  writeFileSync(join(folder, `${name}.json`), JSON.stringify({ compilerOptions, files: [`${name}.ts`] }));
  await run(join(packageOf('typescript'), 'bin/tsc'), '-p', `${name}.json`);
  return (await run(join(folder, `${name}.ts`), await here.token())).trim();
}

describe('a client that is generated from the contract', () => {
  it('compiles and vends, by types of one generator', async () => {
    const generator = join(dirname(packageOf('openapi-typescript')), 'openapi-typescript/bin/cli.js');
    await run(generator, 'openapi.json', '-o', 'types.ts');
    const printed = await compiledAndRun(
      'typed',
      `import createClient from 'openapi-fetch';
import type { paths } from './types.ts';
declare const process: { argv: string[] };
const headers = { authorization: \`Bearer \${process.argv[2]}\` };
const { POST, GET } = createClient<paths>({ baseUrl: '${server.url}', headers });
const { data, error } = await POST('/v1/ecs/key-pairs', { body: { name: 'typed:1', region: 'cn-hangzhou' } });
if (error !== undefined) throw new Error(error.code);
const params = { path: { provider: 'ecs' as const, name: 'typed:1' }, query: { region: 'cn-hangzhou' } };
const read = await GET('/v1/{provider}/key-pairs/{name}', { params });
const refused = await POST('/v1/ecs/key-pairs', { body: { name: 'no name', region: 'cn-hangzhou' } });
const code: 'NAME_INVALID' | undefined = refused.error?.code === 'NAME_INVALID' ? refused.error.code : undefined;
console.log(data.keyPairId === read.data?.versions[0]?.keyPairId, code);
// @ts-expect-error the region is required
void (() => POST('/v1/ecs/key-pairs', { body: { name: 'a' } }));
// @ts-expect-error it is no state
void (() => GET('/v1/key-pairs', { params: { query: { state: 'lost' } } }));
`,
    );
    expect(printed).toBe('true NAME_INVALID');
  }, 90_000);

  it('compiles and vends, by functions of another', async () => {
    const output = { target: 'functions.ts', client: 'fetch', mode: 'single', baseUrl: server.url };
    writeFileSync(
      join(folder, 'orval.config.mjs'),
      `export default { keyvend: { input: 'openapi.json', output: ${JSON.stringify(output)} } };`,
    );
    await run(join(packageOf('orval'), 'dist/bin/orval.mjs'), '--config', 'orval.config.mjs');
    const printed = await compiledAndRun(
      'functions-used',
      `import { listKeyPairs, readKeyPair, rotateKeyPair, vendEcsKeyPair } from './functions.ts';
declare const process: { argv: string[] };
const options = { headers: { authorization: \`Bearer \${process.argv[2]}\` } };
const vended = await vendEcsKeyPair({ name: 'functions:1', region: 'cn-hangzhou' }, options);
if (vended.status !== 201) throw new Error(String(vended.status));
const pair = await readKeyPair('ecs', 'functions:1', { region: 'cn-hangzhou' }, options);
if (pair.status !== 200) throw new Error(pair.data.code);
const found = await listKeyPairs({ name: 'functions', sort: '-name', limit: 5 }, options);
const rotation = await rotateKeyPair('ecs', 'functions:1', { region: 'cn-hangzhou' }, options);
console.log(pair.data.versions[0]?.keyPairId === vended.data.keyPairId, found.status === 200 && found.data.keyPairs.length, rotation.status);
`,
    );
    expect(printed).toBe('true 1 202');
  }, 90_000);
});
