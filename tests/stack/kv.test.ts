// The local stack with its keys in a stand-in of OpenBao: a seal under way, a restart, and a reader with rights of their own.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../lib/clock.ts';
import { Secret } from '../../lib/secret.ts';
import { parsePrivateKey } from '../../lib/ssh/private-key.ts';
import { isText } from '../../local/kv/kv-auth.ts';
import { type KvStandIn, startKvStandIn } from '../../local/kv/kv-server.ts';
import { policyFile } from '../conformance/secret-kv-harness.ts';
import { type Running, start } from './process.ts';

const run = promisify(execFile);
const place = { region: 'cn-hangzhou' };

describe('keyvend with its keys in KV version 2', { timeout: 120_000 }, () => {
  let home: string;
  let server: KvStandIn;
  let running: Running | undefined;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'keyvend-kv-'));
    server = await startKvStandIn(systemClock);
    server.mount('secret');
    for (const name of ['kv-keyvend', 'kv-reader']) server.policy(name, policyFile(name));
    const role = { accepts: isText('secret-id'), policies: ['kv-keyvend'], ttlS: 60 };
    server.auth.roles.set('/approle/keyvend', role);
    await writeFile(join(home, 'secret-id'), 'secret-id');
  });
  afterEach(async () => {
    await running?.end('SIGTERM');
    await server.stop();
    await rm(home, { recursive: true });
  });

  it('vends, waits for a sealed server, and leaves a key to its readers', async () => {
    const environment = {
      ...{ KEYVEND_STORE: 'kv', KEYVEND_KV_ADDRESS: server.origin, KEYVEND_KV_LOGIN: 'approle' },
      ...{ KEYVEND_KV_ROLE_ID: 'keyvend', KEYVEND_KV_SECRET_ID_FILE: join(home, 'secret-id') },
    };
    running = await start(home, environment);
    const vend = (name: string) => running!.post('ecs', { name, ...place });
    expect((await vend('web')).status).toBe(201);
    const many = await Promise.all(Array.from({ length: 20 }, (_, i) => vend(`web_${i}`)));
    expect(many.map(({ status }) => status)).toEqual(many.map(() => 201));

    server.mode = 'sealed';
    const sealed = await vend('later');
    expect([sealed.status, (sealed.body as { code?: string }).code]).toEqual([503, 'STORE_UNAVAILABLE']);
    server.mode = 'active';
    server.auth.revokeAll();
    expect((await vend('later')).status).toBe(201);

    await running.end('SIGTERM');
    running = await start(home, environment);
    expect((await vend('web')).status).toBe(200);

    const read = (...more: string[]) =>
      run(process.execPath, ['local/keyvend.cjs', 'key', 'ecs', 'web', '--region', 'cn-hangzhou', ...more], {
        env: { ...reader, PATH: process.env.PATH, VAULT_TOKEN: server.auth.issue(['kv-reader']) },
      });
    const reader = {
      ...{ KEYVEND_STORE: 'kv', KEYVEND_KV_ADDRESS: server.origin, KEYVEND_DEPLOYMENT: 'local', KEYVEND_HOME: home },
    };
    const { body } = await running.get('/v1/ecs/key-pairs/web?region=cn-hangzhou');
    const { publicKey } = parsePrivateKey(new Secret((await read()).stdout));
    expect(JSON.stringify(body)).toContain(publicKey.split(' ')[1]);
    const where = 'bao kv get -mount=secret -field=private_key keyvend/ecs/default/cn-hangzhou/web/current\n';
    expect((await read('--where')).stdout).toBe(where);
    const printed = running.printed();
    for (const secret of ['PRIVATE KEY', 'secret-id\n', 'hvs.']) expect(printed).not.toContain(secret);
  });
});
