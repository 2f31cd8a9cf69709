// Another client's view: node-vault, which knows nothing of us, against the stand-in; and our store against a server that is none of ours.
import nodeVault from 'node-vault';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { systemClock, wait } from '../../lib/clock.ts';
import { Secret } from '../../lib/secret.ts';
import { kvCalls } from '../../lib/secrets/kv/kv-calls.ts';
import { kvHttp } from '../../lib/secrets/kv/kv-http.ts';
import { tokensBy } from '../../lib/secrets/kv/kv-login.ts';
import { kvStore } from '../../lib/secrets/kv/kv-store.ts';
import { createTransport } from '../../lib/transport/transport.ts';
import { isText } from '../../local/kv/kv-auth.ts';
import { called, keptAsCurrent, type StartStore } from './secret-harness.ts';
import { kvOnStandIn } from './secret-kv-harness.ts';
import { cursorPromises } from './secret-list.ts';
import { secretStoreContract } from './secret-store-contract.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});
const begin = async () => {
  const here = await kvOnStandIn();
  cleanUp.push(here.stop);
  const { origin: endpoint, auth } = here.standIn;
  auth.roles.set('/approle/someone', { accepts: isText('their-secret-id'), policies: ['root'], ttlS: 60 });
  const client = nodeVault({ endpoint, token: '', noCustomHTTPVerbs: true }); // Node's server takes no LIST
  const { auth: given } = await client.approleLogin({ role_id: 'someone', secret_id: 'their-secret-id' });
  client.token = given.client_token;
  return { ...here, client };
};
const status = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 200,
    (error) => error.response?.statusCode,
  );

describe('node-vault, against the stand-in', () => {
  it('reads the current key where keyvend says it is', async () => {
    const { client, store } = await begin();
    const identity = called('web:1');
    const { key, id } = await keptAsCurrent(store, identity);
    const { reference } = (await store.find(identity))!;
    expect(reference).toBe('secret/keyvend/ecs/default/cn-hangzhou/web=3A1/current');
    const { data } = await client.read(reference.replace('secret/', 'secret/data/'));
    expect(data.data).toMatchObject({ private_key: key.reveal(), version: id });
    const { data: listed } = await client.list('secret/metadata/keyvend/ecs/default/cn-hangzhou/');
    expect(listed).toEqual({ keys: ['web=3A1/'] });
  });

  it('writes by check-and-set, deletes, undeletes and destroys, as its users do', async () => {
    const { client } = await begin();
    const at = 'secret/data/theirs/one';
    expect(await status(client.read(at))).toBe(404);
    const written = await client.write(at, { options: { cas: 0 }, data: { a: '1' } });
    expect(written.data).toMatchObject({ version: 1, deletion_time: '', destroyed: false });
    expect(await status(client.write(at, { options: { cas: 0 }, data: { a: '2' } }))).toBe(400);
    await client.write(at, { options: { cas: 1 }, data: { a: '2' } });
    expect((await client.read(`${at}?version=1`)).data.data).toEqual({ a: '1' });
    await client.delete(at);
    const gone = await client.read(at).catch((error) => error.response);
    expect([gone.statusCode, gone.body.data.metadata.version]).toEqual([404, 2]);
    await client.write('secret/undelete/theirs/one', { versions: [2] });
    expect((await client.read(at)).data.data).toEqual({ a: '2' });
    await client.write('secret/destroy/theirs/one', { versions: [2] });
    await client.write('secret/undelete/theirs/one', { versions: [2] });
    expect(await status(client.read(at))).toBe(404);
    await client.delete('secret/metadata/theirs/one');
    expect(await status(client.list('secret/metadata/theirs/'))).toBe(404);
  });

  it('keeps as many versions as the larger of two numbers says, and loses the oldest for good', async () => {
    const { client, engine } = await begin();
    const at = 'secret/data/theirs/many';
    await client.write('secret/metadata/theirs/many', { max_versions: 1 });
    for (let i = 0; i < 3; i += 1) await client.write(at, { data: { i: String(i) } });
    expect(await status(client.read(`${at}?version=2`))).toBe(404);
    engine.config.maxVersions = 5;
    for (let i = 3; i < 6; i += 1) await client.write(at, { data: { i: String(i) } });
    expect((await client.read(`${at}?version=4`)).data.data).toEqual({ i: '3' });
  });

  it('looks at its token, renews it, and is nobody once it is revoked', async () => {
    const { client, clock } = await begin();
    expect((await client.tokenLookupSelf()).data).toMatchObject({ ttl: 60, renewable: true });
    clock.advance(50_000);
    await client.tokenRenewSelf();
    clock.advance(50_000);
    expect((await client.tokenLookupSelf()).data).toMatchObject({ ttl: 10 });
    await client.tokenRevokeSelf();
    expect(await status(client.tokenLookupSelf())).toBe(403);
  });

  it('hears of a seal', async () => {
    const { client, standIn } = await begin();
    standIn.mode = 'sealed';
    expect(await client.health()).toMatchObject({ sealed: true });
    expect(await status(client.read('secret/data/x'))).toBe(503);
  });
});

describe('the secret store in KV version 2, against the server of KEYVEND_TEST_KV_ADDRESS', () => {
  const {
    KEYVEND_TEST_KV_ADDRESS: origin,
    KEYVEND_TEST_KV_TOKEN: token,
    KEYVEND_TEST_KV_MOUNT: mount = 'secret',
  } = process.env;
  const transport = createTransport({ clock: systemClock, maxAnswerBytes: 8 * 1024 * 1024 });
  afterAll(() => transport.close());
  const run = Date.now().toString(36);
  let started = 0;
  if (origin === undefined || token === undefined) {
    it('keeps to the contract of stores', (context) =>
      context.skip('KEYVEND_TEST_KV_ADDRESS and KEYVEND_TEST_KV_TOKEN name no server of OpenBao or Vault'));
    return;
  }
  const http = kvHttp({ transport, clock: systemClock, wait, origin });
  const kv = kvCalls(mount, http, tokensBy({ by: 'given', token: new Secret(token) }, http, systemClock));
  /** A folder of its own for each test; nothing is deleted there afterwards. */
  const start: StartStore = async () => {
    started += 1;
    const prefix = `keyvend-test/${run}/${started}`;
    const open = (deployment: string) => kvStore({ kv, clock: systemClock, deployment, mount, prefix });
    return { store: open('here'), other: open('here'), stranger: open('there') };
  };
  secretStoreContract(start, { canBeDown: false });
  cursorPromises(start);
});
