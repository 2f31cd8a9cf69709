// `keyvend login`, at an issuer that was not written here, and the commands after it at a server that trusts that issuer.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { browser } from '../doubles/browser.ts';
import { type LoginIssuer, loginIssuer } from '../doubles/login-issuer.ts';
import { patiently } from '../hosts/keys.ts';
import { type Place, place, type Serving } from './serving.ts';

let issuer: LoginIssuer;
let here: Place;
let server: Serving;
let state: string;
beforeAll(async () => {
  issuer = await loginIssuer('keyvend', { groups: ['keyvend-operators'] });
  here = await place();
  server = await here.start({ KEYVEND_ISSUER: issuer.url, KEYVEND_JWKS_URI: issuer.keys });
});
afterAll(async () => {
  await server?.end();
  await here?.remove();
  await issuer?.stop();
});
beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), 'keyvend-login-'));
});
afterEach(() => rm(state, { recursive: true }));

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}
/** @param hears is given what it prints on standard error, as it comes */
async function keyvend(
  words: readonly string[],
  more: Record<string, string> = {},
  hears: (text: string) => void = () => {},
): Promise<Ended> {
  const { PATH = '' } = process.env;
  const env = { PATH, HOME: state, XDG_STATE_HOME: state, ...more };
  const child = spawn(process.execPath, [resolve('local/keyvend.ts'), ...words], { env, cwd: state });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (bytes) => {
    stdout += bytes;
  });
  child.stderr.on('data', (bytes) => {
    stderr += bytes;
    hears(stderr);
  });
  const [status] = await once(child, 'close');
  return { status, stdout, stderr };
}

/** A program that goes through the pages by itself. */
function ownBrowser(): string {
  const file = join(state, 'browser');
  const words = [process.execPath, resolve('tests/doubles/browser.ts')].map((word) => `'${word}'`).join(' ');
  writeFileSync(file, `#!/bin/sh\nexec ${words} "$1"\n`, { mode: 0o755 });
  return file;
}
const atIssuer = () => ['--url', server.url, '--issuer', issuer.url];
const withBrowser = () => keyvend(['login', ...atIssuer()], { BROWSER: ownBrowser() });
const kept = () => {
  const folder = join(state, 'keyvend');
  const file = join(folder, readdirSync(folder).find((name) => name.startsWith('session-'))!);
  return { file, session: JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown> };
};

describe('keyvend login', () => {
  it('signs in with the browser of this machine, and commands mean that deployment from then on', async () => {
    const signedIn = await withBrowser();
    expect(signedIn).toMatchObject({ status: 0, stdout: expect.stringMatching(/^signed in at http:/) });
    expect((await keyvend(['vend', 'ens', 'by-browser'])).stdout).toMatch(/^vended: \S+ \S+\n/);
    const listed = await keyvend(['list', '--json']);
    expect(listed.stderr).toBe('');
    expect(
      listed.stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).name),
    ).toContain('by-browser');
  });

  it('signs in by a code that is typed elsewhere, where there is no browser', async () => {
    const user = browser();
    let typing: Promise<unknown> | undefined;
    const signedIn = await keyvend(['login', ...atIssuer()], {}, (text) => {
      const [, code, page] = /type the code (\S+):\n {2}(\S+)\n/.exec(text) ?? [];
      if (code === undefined || typing !== undefined) return;
      typing = (async () => {
        let shown = await user.submitted(await user.go(page!), { user_code: code });
        while (shown.text.includes('<form')) shown = await user.submitted(shown, { confirm: 'yes' });
      })();
    });
    await typing;
    expect(signedIn).toMatchObject({ status: 0, stdout: expect.stringMatching(/^signed in at http:/) });
    expect((await keyvend(['list'])).status).toBe(0);
  });

  it('keeps tokens for their owner alone, and prints none', async () => {
    const { stdout, stderr } = await withBrowser();
    const { file, session } = kept();
    expect([statSync(join(state, 'keyvend')).mode & 0o777, statSync(file).mode & 0o777]).toEqual([0o700, 0o600]);
    for (const token of [session.accessToken, session.refreshToken]) {
      expect(token).toMatch(/^\S{20,}$/);
      expect(stdout + stderr).not.toContain(token);
    }
  });

  it('gets another token when the one it has is over, once for however many commands that run at a time', async () => {
    await withBrowser();
    const { file, session } = kept();
    writeFileSync(file, JSON.stringify({ ...session, accessToken: 'over', staleAtMs: 1 }));
    const all = await Promise.all(Array.from({ length: 4 }, () => keyvend(['list', '--json'])));
    expect(all.map(({ status, stderr }) => [status, stderr])).toEqual(Array(4).fill([0, '']));
    const after = kept().session;
    expect(after.refreshToken).not.toBe(session.refreshToken);
    expect(readdirSync(join(state, 'keyvend')).filter((name) => name.startsWith('session-'))).toHaveLength(1);
  });

  it('says that one has to sign in again where the issuer gives no more tokens, and after signing out', async () => {
    await withBrowser();
    const { file, session } = kept();
    writeFileSync(file, JSON.stringify({ ...session, staleAtMs: 1, refreshToken: 'not one' }));
    const refused = await keyvend(['list']);
    expect([refused.status, refused.stdout]).toEqual([4, '']);
    expect(refused.stderr).toMatch(/^keyvend: the issuer refuses: invalid_grant.*; sign in: keyvend login\n$/);
    writeFileSync(file, JSON.stringify(session));
    expect(await keyvend(['logout'])).toEqual({ status: 0, stdout: `signed out at ${server.url}\n`, stderr: '' });
    expect(await keyvend(['list', '--url', server.url])).toEqual({
      ...{ status: 4, stdout: '', stderr: 'keyvend: nobody is signed in there; sign in: keyvend login\n' },
    });
    const body = new URLSearchParams({
      ...{ grant_type: 'refresh_token', client_id: 'keyvend-cli', refresh_token: String(session.refreshToken) },
    });
    expect((await fetch(`${issuer.url}/token`, { method: 'POST', body })).status).toBe(400);
  });

  it('asks the deployment where to sign in, unless it is told', async () => {
    const deployment = createServer((request, response) =>
      response
        .writeHead(request.url === '/at/portal/config.json' ? 200 : 404, { 'content-type': 'application/json' })
        .end(JSON.stringify({ issuer: issuer.url, clientId: 'keyvend-portal', scope: 'openid' })),
    ).listen(0, '127.0.0.1');
    await once(deployment, 'listening');
    const origin = `http://127.0.0.1:${(deployment.address() as AddressInfo).port}`;
    try {
      const browsing = { BROWSER: ownBrowser() };
      expect((await keyvend(['login', '--url', `${origin}/at/`], browsing)).stdout).toContain(
        `signed in at ${origin}/at;`,
      );
      const silent = await keyvend(['login', '--url', origin], browsing);
      expect([silent.status, silent.stderr]).toEqual([2, expect.stringContaining('give --issuer and --client-id')]);
    } finally {
      deployment.close();
    }
  });

  it('says what the issuer says where it refuses, and saves nothing', async () => {
    const refusing = join(state, 'refusing');
    const script = `const asked = new URL(process.argv[2]).searchParams;
      const back = new URL(asked.get('redirect_uri'));
      back.search = new URLSearchParams({ error: 'access_denied', error_description: 'not you', state: asked.get('state'), iss: '${issuer.url}' });
      fetch(back)`;
    writeFileSync(join(state, 'refusing.cjs'), script);
    writeFileSync(refusing, `#!/bin/sh\nexec '${process.execPath}' '${join(state, 'refusing.cjs')}' "$1"\n`, {
      mode: 0o755,
    });
    const refused = await keyvend(['login', ...atIssuer()], { BROWSER: refusing });
    expect([refused.status, refused.stdout]).toEqual([4, '']);
    expect(refused.stderr).toMatch(/\nkeyvend: the issuer refuses: access_denied, not you\n$/);
    expect((await keyvend(['list'])).stderr).toContain('no deployment is named');
  });

  it.each([
    [['login'], 2, 'no deployment is named; give --url'],
    [['login', '--url', 'http://keyvend.example.com'], 1, 'a token is sent over https alone'],
    [['login', '--url', 'keyvend.example.com'], 1, 'the address of a deployment is a URL'],
    [['login', '--url', 'http://127.0.0.1:1'], 1, 'the deployment cannot be reached'],
    [['login', '--url', 'http://127.0.0.1:1', '--issuer', 'http://127.0.0.1:1'], 1, 'the issuer cannot be reached'],
    [['logout'], 4, 'nobody is signed in'],
  ])('says what is wrong with %j', async (words, status, said) => {
    const answer = await keyvend(words);
    expect([answer.status, answer.stdout]).toEqual([status, '']);
    expect(answer.stderr).toContain(said);
  });
});

describe('the messages of a server', () => {
  it('are listed and shown over HTTP, and one that was not buried is not put back', async () => {
    await withBrowser();
    const headers = { authorization: `Bearer ${kept().session.accessToken}` };
    const filed = await server.ask('POST', '/v1/requests', { provider: 'ens', name: 'filed' }, headers);
    expect(filed.status).toBe(202);
    const done = async () => (await keyvend(['queue', 'list', '--state', 'done', '--json'])).stdout;
    await expect.poll(done, patiently).toContain('"state":"done"');
    const { queue, id } = JSON.parse((await done()).split('\n')[0]!);
    const shown = await keyvend(['queue', 'show', queue, id]);
    expect([shown.status, shown.stderr]).toEqual([0, '']);
    expect(shown.stdout).toContain(`${queue} ${id} done, 1 try, filed `);
    expect(shown.stdout).toContain('"name":"filed"');
    expect((await keyvend(['queue', 'list'])).stdout).toBe('there are no such messages\n');
    expect((await keyvend(['queue', 'put-back', queue, id])).status).not.toBe(0);
    expect((await keyvend(['queue', 'show', queue, 'nothing'])).status).toBe(3);
  });
});

describe('which deployment is meant', () => {
  const whatFails = async (words: readonly string[], more: Record<string, string> = {}) =>
    (await keyvend(words, more)).stderr;

  it('is said by --url, KEYVEND_URL, what is set for here, the profile, what runs here, in this order', async () => {
    await withBrowser();
    const none = 'http://127.0.0.1:1';
    expect((await keyvend(['list'])).status).toBe(0);
    expect(await whatFails(['list', '--url', none])).toContain('nobody is signed in there');
    expect(await whatFails(['list'], { KEYVEND_URL: none })).toContain('nobody is signed in there');
    expect((await keyvend(['list', '--url', server.url], { KEYVEND_URL: none })).status).toBe(0);
    expect(await whatFails(['show', 'ens', 'web'], { KEYVEND_HOME: state })).toContain('nothing is running here');
    expect(await whatFails(['show', 'ens', 'nobody'])).toContain('under this name');
    // Where a ledger is, is no address: what has a form over HTTP alone is asked where one is signed in.
    expect((await keyvend(['list'], { KEYVEND_PLATFORM: 'aws' })).status).toBe(0);
    await keyvend(['logout']);
    expect(await whatFails(['show', 'ens', 'web'])).toContain('nothing is running here');
    expect(await whatFails(['list'])).toContain('no deployment is named');
  });

  it('is called with the token of a job where one is given', async () => {
    const token = await here.token();
    const file = join(state, 'token');
    writeFileSync(file, token);
    const another = { KEYVEND_URL: server.url };
    // A token of another issuer, so the server says that it was sent.
    for (const [words, more] of [
      [['--token-file', file], {}],
      [[], { KEYVEND_TOKEN: token }],
    ] as const) {
      const { status, stderr } = await keyvend(['list', ...words], { ...another, ...more });
      expect([status, stderr]).toEqual([4, expect.stringContaining('Sign in: keyvend login')]);
    }
  });
});
