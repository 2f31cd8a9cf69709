// Tags and a key of one's own for a secret, from the command line and over HTTP to what the store's own client shows.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Kms from '@alicloud/kms20160120';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SecretTags } from '../../lib/secret-traits.ts';
import * as kms from '../../lib/secrets/kms/kms-name.ts';
import * as aws from '../../lib/secrets/secrets-manager/aws-name.ts';
import { kmsClient } from '../clouds/support/kms.ts';
import { isSecretsManager, type StoreHere, storesHere } from '../doubles/stores-here.ts';
import { type Place, place, type Serving } from './serving.ts';

const web = { provider: 'ecs', account: 'default', region: 'cn-hangzhou', name: 'web' } as const;
const body = { name: web.name, region: web.region };
const usual = { 'cost-center': '1', team: 'nobody' };
const on = { provider: 'any', account: 'any', region: 'any', name: 'any' };
/** @param more of the grant for vending */
const access = (more: object) =>
  JSON.stringify({
    version: 1,
    issuers: { default: { groups: 'groups' } },
    grants: [{ id: 'operators', who: { issuer: 'default', groups: 'keyvend-operators' }, may: 'any', on, ...more }],
  });
const cleanUp: (() => unknown)[] = [];
let here: Place;
beforeEach(async () => {
  here = await place();
  cleanUp.push(() => here.remove());
});
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

async function started(name: keyof typeof storesHere, more: Record<string, string> = {}) {
  const store: StoreHere = await storesHere[name]({ folder: here.folder, clouds: here.clouds, deployment: 'main' });
  cleanUp.push(() => store.stop());
  const environment = { KEYVEND_STORE: name, ...store.environment, ...store.credentials, KEYVEND_LEASE_MS: '35000' };
  const server = await here.start({ ...environment, ...more });
  cleanUp.push(() => server.end('SIGKILL'));
  return { server, store, environment };
}

/** As the store shows it to whoever asks. */
async function shown(store: StoreHere): Promise<{ readonly tags: SecretTags; readonly key: string | undefined }> {
  if (isSecretsManager(store)) {
    const { tags, kmsKeyId: key } = store.rules.held.get(aws.nameOf(aws.PREFIX, web))!;
    return { tags: Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])), key };
  }
  const look = new Kms.DescribeSecretRequest({ secretName: kms.nameOf(kms.PREFIX, web), fetchTags: 'true' });
  const { tags, encryptionKeyId: key } = await kmsClient(here.clouds).describeSecret(look);
  return { tags: Object.fromEntries(tags!.tag!.map(({ tagKey, tagValue }) => [tagKey, tagValue])), key };
}

const compiled = async (document: string, folder: string): Promise<Record<string, string>> => {
  const file = join(folder, 'own-access.yaml');
  writeFileSync(file, document);
  return { KEYVEND_ACCESS: file };
};
const metadata = async ({ ask }: Serving) => (await ask('GET', '/v1/ecs/key-pairs/web?region=cn-hangzhou')).body;
const problem = async ({ ask }: Serving, more: object) => {
  const { status, body: answer } = await ask('POST', '/v1/ecs/key-pairs', { ...body, ...more });
  return { status, ...answer } as { status: number; code: string; detail: string; errors?: { pointer: string }[] };
};

describe.each(['secrets-manager', 'kms'] as const)('a secret in %s', (name) => {
  const tags = { KEYVEND_SECRET_TAGS: JSON.stringify(usual) };

  it("has the tags and the key of its request, and the deployment's tags beside them", async () => {
    const more = await compiled(access({ secretKeys: ['key-local'] }), here.folder);
    const { server, store } = await started(name, { ...tags, ...more });
    const words = ['--secret-tag', 'team=web', '--secret-tag', 'owner=a=b', '--secret-key', 'key-local'];
    const token = join(here.folder, 'token');
    writeFileSync(token, await here.token(), { mode: 0o600 });
    const target = ['--url', server.url, '--token-file', token, '--region', web.region];
    await here.run({}, 'vend', 'ecs', 'web', ...words, ...target);
    const asked = { secretTags: { team: 'web', owner: 'a=b' }, secretKey: 'key-local' };
    expect(await shown(store)).toMatchObject({ tags: { ...usual, ...asked.secretTags }, key: 'key-local' });
    expect(await metadata(server)).toMatchObject(asked);
    const printed = await here.run({}, 'show', 'ecs', 'web', ...target);
    expect(printed).toMatch(/tag of its secret: team=web\n.*owner=a=b\n.*key of its secret: key-local\n/s);
    expect((await server.ask('POST', '/v1/ecs/key-pairs', { ...body, ...asked })).status).toBe(200);
    expect(await problem(server, {})).toMatchObject({ status: 409, code: 'DIFFERENT_REQUEST' });
    const { grants } = (await server.ask('GET', '/v1/me')).body as { grants: object[] };
    expect(grants).toMatchObject([{ secretKeys: ['key-local'] }]);
  });

  it('has the key of the grant, and a request names another one only where the grant lists it', async () => {
    const more = await compiled(access({ secretKey: 'key-local' }), here.folder);
    const { server, store, environment } = await started(name, more);
    const refused = await problem(server, { secretKey: 'key-local-second' });
    expect(refused).toMatchObject({ status: 403, code: 'FORBIDDEN', detail: expect.stringContaining('secretKeys') });
    expect(refused.detail).not.toContain('key-local');
    expect(here.clouds.admin.pairs()).toEqual([]);
    expect((await server.ask('POST', '/v1/ecs/key-pairs', body)).status).toBe(201);
    expect((await shown(store)).key).toBe('key-local');
    expect(await metadata(server)).toMatchObject({ secretKey: 'key-local' });
    await server.end();

    // The same request is answered the same, whatever the deployment does by then.
    const changed = await compiled(access({ secretKey: 'key-local-second' }), here.folder);
    const later = await here.start({ ...environment, ...changed, KEYVEND_SECRET_TAGS: '{"new":"yes"}' });
    cleanUp.push(() => later.end('SIGKILL'));
    expect((await later.ask('POST', '/v1/ecs/key-pairs', body)).status).toBe(200);
  });
});

describe.each(['embedded', 'kv'] as const)('the store %s', (name) => {
  it('refuses tags and keys of secrets by their fields, and nothing is made', async () => {
    const { server } = await started(name);
    const refused = await problem(server, { secretTags: { team: 'web' }, secretKey: 'key-local' });
    expect(refused).toMatchObject({ status: 400, code: 'INVALID_REQUEST' });
    expect(refused.errors!.map(({ pointer }) => pointer)).toEqual(['#/secretTags', '#/secretKey']);
    expect(here.clouds.admin.pairs()).toEqual([]);
    expect((await server.ask('POST', '/v1/ecs/key-pairs', { ...body, secretTags: {} })).status).toBe(201);
  });

  it('is not started with tags for its secrets, or with a grant that has a key for them', async () => {
    const { server, environment } = await started(name);
    await server.end();
    const tags = { ...environment, KEYVEND_SECRET_TAGS: JSON.stringify(usual) };
    expect(await here.refused(tags, 'serve')).toMatch(/KEYVEND_SECRET_TAGS .*KEYVEND_STORE=/);
    const withKey = await compiled(access({ secretKey: 'key-local' }), here.folder);
    const said = await here.refused({ ...environment, ...withKey }, 'serve');
    expect(said).toMatch(new RegExp(`KEYVEND_STORE=${name} .*grant operators`));
    expect(said).not.toContain('key-local');
  });
});
