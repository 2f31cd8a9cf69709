// The Function Compute of this machine: what it refuses and what it passes on, with a function of a few lines.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { acs3Headers } from '../../lib/alibaba/acs3.ts';
import { Secret } from '../../lib/secret.ts';
import type { RoleKey } from '../../local/fc/fc-call.ts';
import { type LocalFc, startLocalFc } from '../../local/fc/local-fc.ts';
import { freePort } from '../doubles/postgres-server.ts';
import { canary } from './scene.ts';

/** Says what it was called with; fails when its body says so; never answers `wait`. */
const code = `
const answer = (request, response, body) => {
  if (body === 'wait') return;
  const said = { name: process.env.FC_FUNCTION_NAME, url: request.url, headers: request.headers, body, pid: process.pid };
  const failed = body === 'fail';
  response.writeHead(failed ? 404 : 200, failed ? { 'x-fc-status': '404' } : {}).end(JSON.stringify(said));
};
require('node:http').createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => (body += chunk));
  request.on('end', () => {
    if (request.url === '/initialize') console.log('initialised');
    if (request.url === '/pre-stop') console.log('stopping');
    answer(request, response, body);
  });
}).listen(process.env.KEYVEND_FC_PORT, '0.0.0.0');
`;

describe('a Function Compute of this machine', { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyvend-fc-code-'));
  const role = canary('own');
  const nowMs = Date.parse('2026-03-01T12:00:00Z');
  let fc: LocalFc;
  let endNow = () => {};
  beforeAll(async () => {
    writeFileSync(join(folder, 'index.js'), code);
    writeFileSync(join(folder, 'package.json'), '{"type":"commonjs"}');
    writeFileSync(join(folder, 'bootstrap'), '#!/bin/sh\nexec node index.js\n');
    chmodSync(join(folder, 'bootstrap'), 0o755);
    fc = await startLocalFc({
      ...{ freePort, role: () => role, nowMs: () => nowMs },
      routes: { '/*': 'all', '/v1/ecs/*': 'ecs', '/health': 'health' },
      limit: () =>
        new Promise((resolve) => {
          endNow = () => resolve(undefined);
        }),
    });
  });
  beforeEach(() => {
    for (const name of ['all', 'ecs', 'health', 'queue'])
      fc.deploy({ name, folder, environment: {}, timeoutSeconds: 5, maxAsyncRetryAttempts: 2 });
  });
  afterAll(async () => {
    await fc?.stop();
    rmSync(folder, { recursive: true });
  });

  const asked = async (path: string, headers: Record<string, string> = {}) =>
    (await fetch(`${fc.domain}${path}`, { headers })).json() as Promise<{
      name: string;
      url: string;
      headers: Record<string, string>;
    }>;
  const invoke = (
    how: string,
    by: RoleKey,
    over: { nonce?: string; body?: string; atMs?: number; path?: string } = {},
  ) => {
    const path = over.path ?? '/2023-03-30/functions/queue/invocations';
    const credentials = {
      ...{ accessKeyId: by.accessKeyId, accessKeySecret: new Secret(by.accessKeySecret) },
      securityToken: new Secret(by.securityToken),
    };
    const json = '{"a":1}';
    const headers = acs3Headers({
      ...{
        host: new URL(fc.api).host,
        action: 'InvokeFunction',
        version: '2023-03-30',
        query: '',
        path,
        json,
        credentials,
      },
      ...{ nowMs: over.atMs ?? nowMs, nonce: over.nonce ?? crypto.randomUUID() },
    });
    return fetch(`${fc.api}${path}`, {
      ...{ method: 'POST', body: over.body ?? json },
      headers: { ...headers, 'x-fc-invocation-type': how },
    });
  };

  it('leads a path to the function with the longest route that fits', async () => {
    expect((await asked('/v1/ecs/key-pairs?a=b')).name).toBe('ecs');
    expect((await asked('/v1/ecs')).name).toBe('all');
    expect((await asked('/health')).name).toBe('health');
    expect((await asked('/healthy')).name).toBe('all');
  });

  it('passes on the headers of a caller but those that only the platform may send', async () => {
    const { headers, url } = await asked('/a%20b?c=d', {
      'x-fc-request-id': 'mine',
      'x-fc-other': 'mine',
      accept: 'x',
    });
    expect(url).toBe('/a%20b?c=d');
    expect(headers).toMatchObject({ accept: 'x', 'x-fc-control-path': '/http-invoke' });
    expect(headers['x-fc-security-token']).toBe(role.securityToken);
    expect(JSON.stringify(headers)).not.toContain('mine');
  });

  it('takes calls that are signed by a key that it knows, each once, and no others', async () => {
    expect((await invoke('Async', role)).status).toBe(202);
    expect(fc.asynchronous.waiting).toHaveLength(1);
    const refused: [string, Promise<Response>][] = [
      ['InvalidAccessKeyId.NotFound', invoke('Async', canary('other'))],
      ['SignatureDoesNotMatch', invoke('Async', { ...role, accessKeySecret: 'guessed' })],
      ['InvalidSecurityToken.Malformed', invoke('Async', { ...role, securityToken: 'guessed' })],
      ['InvalidTimeStamp.Expired', invoke('Async', role, { atMs: nowMs - 16 * 60_000 })],
      ['FunctionNotFound', invoke('Async', role, { path: '/2023-03-30/functions/nobody/invocations' })],
    ];
    for (const [code, answer] of refused) expect(await (await answer).json()).toMatchObject({ Code: code });
    expect((await invoke('Async', role, { body: '{"a":2}' })).status).toBe(400);
    const nonce = crypto.randomUUID();
    expect((await invoke('Async', role, { nonce })).status).toBe(202);
    expect(await (await invoke('Async', role, { nonce })).json()).toMatchObject({ Code: 'SignatureNonceUsed' });
    expect(await fc.asynchronous.settled()).toBe(2);
  });

  it('answers a call that is waited for', async () => {
    expect(await (await invoke('Sync', role)).json()).toMatchObject({ name: 'queue', url: '/invoke', body: '{"a":1}' });
  });

  it('tries an asynchronous call again as often as the function says, and keeps what failed', async () => {
    fc.asynchronous.add(fc.get('queue'), Buffer.from('fail'));
    expect(await fc.asynchronous.settled()).toBe(3);
    expect(fc.asynchronous.givenUp.at(-1)).toEqual({ name: 'queue', body: 'fail', tries: 3 });
  });

  it('ends an instance whose time is over, and starts another one for the next call', async () => {
    await fc.get('queue').invoke('a start');
    const late = fc.get('queue').invoke('wait');
    endNow();
    expect(await late).toEqual({ failure: 'Function time out', failed: true });
    expect(fc.get('queue').instances).toEqual([]);
    expect(await fc.get('queue').invoke('again')).toMatchObject({ failed: false });
  });

  it('initialises an instance before its first call, and tells it when it is stopped', async () => {
    const from = fc.printed().length;
    await fc.get('queue').invoke('x');
    await fc.get('queue').stop();
    expect(fc.printed().slice(from).trim().split('\n')).toEqual(['initialised', 'stopping']);
  });
});
