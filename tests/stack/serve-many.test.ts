// Two servers side by side as on two machines: PostgreSQL, a stand-in of OpenBao, an issuer that others wrote, a real sshd, a webhook.
import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../lib/clock.ts';
import { providerNames } from '../../lib/provider-table.ts';
import { guardedServer } from '../../local/guard.ts';
import { isText } from '../../local/kv/kv-auth.ts';
import { type KvStandIn, startKvStandIn } from '../../local/kv/kv-server.ts';
import { sshdProgram, startSshd } from '../../local/sshd.ts';
import { policyFile } from '../conformance/secret-kv-harness.ts';
import { type ForeignIssuer, foreignIssuer } from '../doubles/foreign-issuer.ts';
import { type PostgresServer, postgresPrograms, postgresServer } from '../doubles/postgres-server.ts';
import { cable } from '../hosts/cable.ts';
import { type Answered, type Place, place, type Serving } from './serving.ts';

const lacking = [
  ...(postgresPrograms() === undefined ? ['PostgreSQL'] : []),
  ...(sshdProgram() === undefined ? ['sshd'] : []),
].join(' and ');
const region = 'cn-hangzhou';
/** Beside the short windows: what is kept on several machines is taken over later, as their clocks differ. */
const many = { KEYVEND_TAKE_OVER_MS: '60000', KEYVEND_MIN_OVERLAP_DAYS: '0', KEYVEND_OVERLAP_DAYS: '0.00002' };

interface Received {
  readonly id: string;
  readonly signature: string;
  readonly event: { readonly type: string; readonly subject: string; readonly time: string };
}

describe('two servers with a ledger and a store that they share', { timeout: 150_000 }, () => {
  if (lacking !== '') return it('vend, rotate and retire', (context) => context.skip(`${lacking} is not installed`));

  let here: Place;
  let database: PostgresServer;
  let store: KvStandIn;
  let issuer: ForeignIssuer;
  let token: () => Promise<string>;
  const [running, cleanUp]: [Serving[], (() => unknown)[]] = [[], []];
  const environment: Record<string, string> = {};
  beforeEach(async () => {
    [here, database, store, issuer] = await Promise.all([
      place(),
      postgresServer(),
      startKvStandIn(systemClock),
      foreignIssuer(),
    ]);
    store.mount('secret');
    for (const name of ['kv-keyvend', 'kv-reader']) store.policy(name, policyFile(name));
    store.auth.roles.set('/approle/keyvend', { accepts: isText('secret-id'), policies: ['kv-keyvend'], ttlS: 60 });
    writeFileSync(join(here.folder, 'secret-id'), 'secret-id', { mode: 0o600 });
    token = await issuer.source({ groups: ['keyvend-operators'] });
    Object.assign(environment, many, {
      ...{ KEYVEND_LEDGER: 'postgres', KEYVEND_POSTGRES_URL: database.url },
      ...{
        KEYVEND_STORE: 'kv',
        KEYVEND_KV_ADDRESS: store.origin,
        KEYVEND_KV_LOGIN: 'approle',
        KEYVEND_KV_ROLE_ID: 'keyvend',
      },
      KEYVEND_KV_SECRET_ID_FILE: join(here.folder, 'secret-id'),
      ...{ KEYVEND_ISSUER: issuer.url, KEYVEND_JWKS_URI: issuer.keys, KEYVEND_AUDIENCE: issuer.audience },
      KEYVEND_HOST_NETWORKS: '127.0.0.0/8',
      KEYVEND_HOST_PORTS: '1-65535',
    });
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((one) => one.end('SIGKILL')));
    for (const undo of cleanUp.splice(0).reverse()) await undo();
    await Promise.all([here.remove(), database.remove(), store.stop(), issuer.stop()]);
  });
  const start = async (more: Record<string, string> = {}) => {
    const serving = await here.start({ ...environment, ...more });
    running.push(serving);
    return serving;
  };
  const ask = async (serving: Serving, method: string, path: string, body?: object): Promise<Answered> =>
    serving.ask(method, path, body, { authorization: `Bearer ${await token()}` });
  const until = async (what: () => Promise<boolean>) => {
    while (!(await what())) await wait(50);
  };
  const path = (name: string, below = '') => `/v1/ecs/key-pairs/${name}${below}?region=${region}`;

  it('vend, list, rotate on a real sshd, retire, and say so to a webhook in order', async () => {
    const secret = randomBytes(32);
    writeFileSync(join(here.folder, 'webhook'), `whsec_${secret.toString('base64')}\n`, { mode: 0o600 });
    const received: Received[] = [];
    let refusals = 2;
    const hook: Server = await guardedServer(async (request, response) => {
      const body = await text(request);
      const [id, at] = [request.headers['webhook-id'], request.headers['webhook-timestamp']].map(String);
      const right = createHmac('sha256', secret).update(`${id}.${at}.${body}`).digest('base64');
      const signature = String(request.headers['webhook-signature']) === `v1,${right}` ? 'right' : 'wrong';
      if (refusals-- > 0) return void response.writeHead(500).end();
      received.push({ id: id!, signature, event: JSON.parse(body) });
      response.writeHead(204).end();
    });
    cleanUp.push(() => hook.close());
    const events = {
      KEYVEND_WEBHOOK_URL: `http://127.0.0.1:${(hook.address() as AddressInfo).port}/keyvend`,
      KEYVEND_WEBHOOK_SECRET_FILE: join(here.folder, 'webhook'),
    };
    // One has its access keys from its folder, the other one from the store.
    const keys = store.auth.issue(['keys']);
    store.policy('keys', 'path "secret/data/keyvend-upstream/*" {\n  capabilities = ["create", "update"]\n}\n');
    for (const provider of providerNames) {
      const key = readFileSync(join(here.folder, 'upstream', provider, 'default.json'), 'utf8');
      const put = await fetch(`${store.origin}/v1/secret/data/keyvend-upstream/${provider}/default`, {
        method: 'POST',
        headers: { 'x-vault-token': keys, 'content-type': 'application/json' },
        body: `{"data":${key}}`,
      });
      expect(put.status).toBe(200);
    }
    const stored = { KEYVEND_UPSTREAM_STORED: 'true', KEYVEND_UPSTREAM_DIR: join(here.folder, 'nowhere') };
    const [one, two] = [await start(events), await start({ ...events, ...stored })];
    const vended = await ask(one, 'POST', '/v1/ecs/key-pairs', { name: 'web', region });
    expect(vended.status).toBe(201);
    expect(await ask(two, 'POST', '/v1/ecs/key-pairs', { name: 'web', region })).toMatchObject({
      status: 200,
      body: vended.body,
    });
    const filed = await ask(two, 'POST', '/v1/requests', { provider: 'ens', name: 'later' });
    expect(filed.status).toBe(202);
    await until(async () => (await ask(one, 'GET', String(filed.headers.get('location')))).body.state === 'done');
    const listed = (await ask(two, 'GET', '/v1/key-pairs')).body.keyPairs as { name: string }[];
    expect(listed.map(({ name }) => name).sort()).toEqual(['later', 'web']);

    const sshd = await startSshd();
    cleanUp.push(() => sshd.remove());
    const key = () =>
      here.run(
        { ...environment, VAULT_TOKEN: store.auth.issue(['kv-reader']) },
        'key',
        'ecs',
        'web',
        '--region',
        region,
      );
    const before = here.clouds.admin.pairs('ecs')[0]!.publicKey;
    await sshd.permit([before]);
    const { host, port, user, hostKeys } = sshd;
    const policy = { hosts: [{ host, port, user, hostKeys: hostKeys.fingerprints }], overlapDays: 0.0001 };
    expect((await ask(one, 'PUT', path('web', '/policy'), policy)).status).toBe(200);
    const begun = await ask(two, 'POST', path('web', '/rotations'));
    expect(begun.status).toBe(202);
    const state = async () => (await ask(one, 'GET', String(begun.headers.get('location')))).body.state;
    await until(async () => (await state()) === 'purged');
    const left = await readFile(sshd.keysFile(), 'utf8');
    expect(left).not.toContain(before.split(' ')[1]!);
    expect(await key()).toContain('PRIVATE KEY');

    expect((await ask(one, 'DELETE', path('web'))).status).toBe(202);
    const types = () => received.filter(({ event }) => event.subject.endsWith('/web')).map(({ event }) => event.type);
    await until(async () => types().includes('keyvend.key-pair.retired'));
    const wanted = ['vended', 'policy-changed', 'rotated', 'retired'].map((type) => `keyvend.key-pair.${type}`);
    expect(types().filter((type) => wanted.includes(type))).toEqual(wanted);
    expect(new Set(received.map(({ signature }) => signature))).toEqual(new Set(['right']));
    for (const serving of [one, two]) expect(await serving.end()).toBe(0);
  });

  it('lose nothing when their database fails over to a synchronous standby under load', async () => {
    const standby = await postgresServer({ from: database });
    cleanUp.push(() => standby.remove());
    const query = async (server: PostgresServer, sql: string) => {
      const client = new pg.Client(server.url);
      await client.connect();
      return client.query(sql).finally(() => client.end());
    };
    const replicates = async (what: string) =>
      (await query(database, `SELECT 1 FROM pg_stat_replication WHERE ${what}`)).rows.length > 0;
    await until(() => replicates("state = 'streaming'"));
    const refused = await here.refused(environment, 'serve');
    expect(refused).toContain('none that is synchronous');
    await query(database, "ALTER SYSTEM SET synchronous_standby_names = '*'");
    await query(database, 'SELECT pg_reload_conf()');
    await until(() => replicates("sync_state = 'sync'"));

    const address = await cable(database.port);
    cleanUp.push(() => address.close());
    const url = new URL(database.url);
    url.port = String(address.port);
    const shared = { KEYVEND_POSTGRES_URL: url.href };
    const servers = [await start(shared), await start(shared)];
    const names = Array.from({ length: 60 }, (_, i) => `web_${i}`);
    const vend = (name: string, i: number) => ask(servers[i % 2]!, 'POST', '/v1/ecs/key-pairs', { name, region });
    const under = names.map(vend);
    await Promise.race(under);
    await database.stop('SIGKILL');
    const answers = await Promise.all(under);
    const acknowledged = answers.flatMap(({ status, body }, i) => (status === 201 ? [[names[i]!, body] as const] : []));
    expect(acknowledged.length).toBeGreaterThan(0);
    // Whoever waited for it past its lease says so instead; the same request can be sent again in either case.
    for (const { status } of answers) expect([201, 503]).toContain(status);

    await query(standby, "ALTER SYSTEM SET synchronous_standby_names = ''");
    await query(standby, 'SELECT pg_promote()');
    address.leadTo(standby.port);
    for (const serving of servers) await until(async () => (await fetch(`${serving.url}/ready`)).status === 200);
    for (const [i, [name, body]] of acknowledged.entries())
      expect(await vend(name, i)).toMatchObject({ status: 200, body });
    expect((await vend('after', 0)).status).toBe(201);
  });
});
