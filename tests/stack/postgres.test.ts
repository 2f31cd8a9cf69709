// The local stack with its ledger in PostgreSQL, by two processes, one after the other, and with a server that is killed under load.
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lackingPostgres, type PostgresServer, postgresServer } from '../doubles/postgres-server.ts';
import { type Running, start } from './process.ts';

const place = { region: 'cn-hangzhou' };

describe('keyvend with a ledger in PostgreSQL', { timeout: 120_000 }, () => {
  if (lackingPostgres !== undefined)
    return it('loses nothing when its server is killed', (context) => context.skip(lackingPostgres));

  let home: string;
  let server: PostgresServer;
  let running: Running | undefined;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'keyvend-postgres-'));
    server = await postgresServer();
  });
  afterEach(async () => {
    await running?.end('SIGTERM');
    await server.remove();
    await rm(home, { recursive: true });
  });

  it('loses nothing when its server is killed, and serves again once that is back', async () => {
    const environment = { KEYVEND_LEDGER: 'postgres', KEYVEND_POSTGRES_URL: server.url };
    running = await start(home, environment);
    const names = Array.from({ length: 60 }, (_, i) => `web_${i}`);
    const vend = async (name: string) => {
      const { status, body } = await running!.post('ecs', { name, ...place });
      return { name, status, body: body as { keyPairId?: string; code?: string } };
    };
    const first = await vend('first');
    expect(first.status).toBe(201);

    const under = names.map(vend);
    await Promise.race(under);
    await server.stop('SIGKILL');
    const answers = await Promise.all(under);
    expect(answers.some(({ status }) => status === 201)).toBe(true);
    for (const { status, body } of answers.filter((one) => one.status !== 201))
      expect([status, body.code]).toEqual([503, 'LEDGER_UNAVAILABLE']);
    expect((await vend('down')).body.code).toBe('LEDGER_UNAVAILABLE');

    await server.start();
    expect((await vend('after')).status).toBe(201);
    for (const { name, body } of answers.filter(({ status }) => status === 201))
      expect(await vend(name)).toMatchObject({ status: 200, body: { keyPairId: body.keyPairId } });
    await running.end('SIGTERM');
    running = await start(home, environment);
    expect(await vend('first')).toMatchObject({ status: 200, body: { keyPairId: first.body.keyPairId } });
  });

  const refusedIn = (folder: string, url: string) => {
    const env = { ...process.env, KEYVEND_HOME: folder, KEYVEND_LEDGER: 'postgres', KEYVEND_POSTGRES_URL: url };
    const { status, stderr, stdout } = spawnSync(process.execPath, ['local/start.ts'], {
      env: { ...env, PORT: '0', KEYVEND_CLOUDS_PORT: '0' },
      encoding: 'utf8',
      timeout: 60_000,
    });
    expect(status).not.toBe(0);
    expect(stdout + stderr).not.toMatch(/^ {4}at /m);
    return stdout + stderr;
  };

  it('is refused to whoever keeps its keys in another folder', async () => {
    running = await start(home, { KEYVEND_LEDGER: 'postgres', KEYVEND_POSTGRES_URL: server.url });
    const other = await mkdtemp(join(tmpdir(), 'keyvend-postgres-'));
    try {
      expect(refusedIn(other, server.url)).toContain('the keys of this ledger are kept in another folder');
    } finally {
      await rm(other, { recursive: true });
    }
  });

  it('says in a sentence what is wrong with a server that may lose what it acknowledges', async () => {
    await server.stop('SIGINT');
    const hasty = await postgresServer({ lines: ['synchronous_commit = off'] });
    try {
      expect(refusedIn(home, hasty.url)).toContain('The server may lose what it has acknowledged');
    } finally {
      await hasty.remove();
    }
  });
});
