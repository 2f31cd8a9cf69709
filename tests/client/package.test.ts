// The client as it is published: what its page shows is run against a server, and its types are read by a compiler that is not ours.
import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Place, place, type Serving } from '../stack/serving.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(join(ROOT, 'client/README.md'), 'utf8');
const examples = [...page.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code);

let folder: string;
let here: Place;
let server: Serving;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyvend-client-'));
  const installed = join(folder, 'node_modules/@keyvend/client');
  execFileSync(process.execPath, [join(ROOT, 'deploy/build-client.ts'), join(installed, 'dist')]);
  cpSync(join(ROOT, 'client/package.json'), join(installed, 'package.json'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  here = await place();
  server = await here.start({ KEYVEND_LEASE_MS: '35000' });
}, 60_000);
afterAll(async () => {
  await server?.end();
  await here?.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** The page's address and the words for a token are the reader's own. */
const filledIn = async (code: string): Promise<string> =>
  code
    .replace('https://keyvend.example.com', server.url)
    .replace('fetchYourAccessToken()', JSON.stringify(await here.token()));

describe('the page of the client', () => {
  it('vends, lists and rotates when it is run from top to bottom', async () => {
    expect(examples).toHaveLength(2);
    const code = (await Promise.all(examples.map(filledIn))).join('\n').replace(/(import \{ KeyvendError \})/, '$1');
    const imports = code.match(/^import .*$/gm) ?? [];
    const body = code.replaceAll(/^import .*$/gm, '');
    writeFileSync(
      join(folder, 'page.mjs'),
      `${imports.join('\n')}\n${body}\nconsole.log('rotation', rotation.state, keyPairId, fingerprint);\n`,
    );
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'page.mjs')], { timeout: 60_000 });
    const lines = stdout.trim().split('\n');
    expect(lines[0]).toBe('web:prod active');
    expect(lines.at(-1)).toMatch(
      /^rotation (promoted|old-key-removed|purged) ssh-\w+ (?:[0-9a-f]{2}:){15}[0-9a-f]{2}$/,
    );
  }, 90_000);

  it('names every call that there is, and none that there is not', async () => {
    const { createClient } = (await import(join(folder, 'node_modules/@keyvend/client/dist/index.js'))) as {
      createClient: (options: object) => object;
    };
    const calls = Object.keys(createClient({ url: 'http://127.0.0.1', token: () => '' })).sort();
    const named = [...page.matchAll(/`(\w+)\(/g)].map(([, name]) => name!);
    expect([...new Set(named)].filter((name) => name !== 'createClient').sort()).toEqual(calls);
  });
});

describe('the types of the package', () => {
  it('are read by a TypeScript of another major version, without anything else that is installed', () => {
    const compiler = join(
      dirname(createRequire(join(ROOT, 'tests/generators/package.json')).resolve('typescript/package.json')),
      'bin/tsc',
    );
    const use = `import { createClient, type Rotation } from '@keyvend/client';
const keyvend = createClient({ url: 'http://127.0.0.1', token: () => 'x' });
export const state: Promise<Rotation['state']> = keyvend.rotate({ provider: 'ens', name: 'a' }).then((one) => one.state);
// @ts-expect-error no such provider
keyvend.vend({ provider: 'gcp', name: 'a' });
// @ts-expect-error ECS needs a region
keyvend.vend({ provider: 'ecs', name: 'a' });
`;
    writeFileSync(join(folder, 'use.ts'), use);
    const compilerOptions = {
      ...{ noEmit: true, strict: true, module: 'nodenext', lib: ['es2022', 'dom'], types: [], skipLibCheck: false },
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['use.ts'] }));
    const { status, stdout } = run(compiler, ['-p', folder]);
    expect([status, stdout]).toEqual([0, '']);
  }, 60_000);
});

function run(script: string, words: readonly string[]): { readonly status: number; readonly stdout: string } {
  try {
    return { status: 0, stdout: execFileSync(process.execPath, [script, ...words], { cwd: folder, encoding: 'utf8' }) };
  } catch (error) {
    const { status, stdout } = error as { status: number; stdout: string };
    return { status, stdout };
  }
}
