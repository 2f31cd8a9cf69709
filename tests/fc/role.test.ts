// The role of a function: its key comes with each call, and is good for that call.
import Kms from '@alicloud/kms20160120';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kmsClient } from '../clouds/support/kms.ts';
import { lackingPostgres } from '../doubles/postgres-server.ts';
import { keyOfRole } from './roles.ts';
import { canary, nameOf, type Scene, scene } from './scene.ts';

const region = 'cn-hangzhou';
const role = { role: 'function' };

describe("an account whose key is the function's own role", { timeout: 120_000 }, () => {
  if (lackingPostgres !== undefined) return it('is vended in', (context) => context.skip(lackingPostgres));
  let here: Scene;
  beforeAll(async () => {
    here = await scene({
      environment: () => ({
        KEYVEND_UPSTREAM: JSON.stringify({ ecs: { default: role }, ens: { default: role }, cvm: { default: role } }),
      }),
    });
  }, 120_000);
  afterAll(() => here?.stop());
  const vend = (name: string) => here.ask('POST', '/v1/ecs/key-pairs', { name, region });

  it('is vended in, on both services of its cloud and on no other cloud', async () => {
    expect((await vend('by_role')).status).toBe(201);
    expect((await here.ask('POST', '/v1/ens/key-pairs', { name: 'by_role' })).status).toBe(201);
    const there = { name: 'by_role', region: 'ap-guangzhou', projectId: 0 };
    expect((await here.ask('POST', '/v1/cvm/key-pairs', there)).body).toMatchObject({ code: 'CREDENTIALS_REFUSED' });
  });

  it('has secrets with tags and keys of their own, also where an earlier request had others', async () => {
    const body = { name: 'of_team', region, secretKey: 'key-local' };
    const match = { service: 'ecs', action: 'CreateKeyPair', name: body.name } as const;
    here.clouds.admin.addFault({ match, fault: { kind: 'throttle', retryAfterMs: 1_000 } });
    const ask = (secretTags: object) => here.ask('POST', '/v1/ecs/key-pairs', { ...body, secretTags });
    expect((await ask({ team: 'web', old: 'yes' })).body).toMatchObject({ code: 'THROTTLED' });
    expect((await ask({ team: 'db' })).status).toBe(201);
    const { body: pair } = await here.ask('GET', `/v1/ecs/key-pairs/${body.name}?region=${region}`);
    expect(pair).toMatchObject({ secretTags: { team: 'db' }, secretKey: 'key-local' });
    const secretName = (pair.versions as { secretReference: string }[])[0]!.secretReference;
    const look = new Kms.DescribeSecretRequest({ secretName, fetchTags: 'true' });
    const { tags, encryptionKeyId } = await kmsClient(here.clouds).describeSecret(look);
    const shown = Object.fromEntries(tags!.tag!.map(({ tagKey, tagValue }) => [tagKey, tagValue]));
    expect([encryptionKeyId, shown]).toEqual(['key-local', expect.objectContaining({ team: 'db', old: 'yes' })]);
  });

  it('is vended in by the worker as well, whose calls have the key of their own', async () => {
    const filed = await here.ask('POST', '/v1/requests', { provider: 'ecs', name: 'by_worker', region });
    expect(filed.status).toBe(202);
    await here.fc.asynchronous.settled();
    expect((await here.ask('GET', String(filed.headers.get('location')))).body).toMatchObject({ state: 'done' });
  });

  it("signs each call by that call's own key, in the same process, and keeps none", async () => {
    expect((await vend('one')).status).toBe(201);
    const { pid } = here.fc.get(nameOf('ecs')).instances[0]!;
    here.role = canary('nobodys');
    // A key that was kept from the call before would still do.
    expect((await vend('two')).body).toMatchObject({ code: 'CREDENTIALS_REFUSED' });
    here.role = undefined;
    expect((await vend('three')).status).toBe(201);
    expect(here.fc.get(nameOf('ecs')).instances.map((one) => one.pid)).toEqual([pid]);
  });

  it('prints and keeps no key that it was called with', async () => {
    const key = canary('canary');
    here.role = key;
    await vend('with_canary');
    await here.ask('POST', '/v1/requests', { provider: 'ecs', name: 'with_canary_later', region });
    await here.fc.get(nameOf('settle')).invoke('{"job":"settle"}');
    await here.fc.get(nameOf('worker')).invoke('no event at all');
    here.role = undefined;
    const tables = await here.query(
      "SET xmlbinary = 'hex'; SELECT query_to_xml('SELECT * FROM keyvend.' || tablename, true, false, '')::text AS all FROM pg_tables WHERE schemaname = 'keyvend'",
    );
    const written = here.fc.printed() + tables.map((row) => String(row.all).toLowerCase()).join('');
    expect(written).toContain('with_canary');
    expect(written).toContain(Buffer.from('with_canary_later').toString('hex')); // what is kept as bytes is looked at as well
    for (const secret of Object.values(key))
      for (const form of ['utf8', 'base64', 'base64url', 'hex'] as const)
        expect(written).not.toContain(Buffer.from(secret).toString(form).replace(/=+$/, ''));
  });

  it('is refused where the function has no role, in words that say so', async () => {
    here.role = { ...keyOfRole('ecs'), accessKeySecret: '' };
    const answer = await vend('without');
    here.role = undefined;
    expect(answer.body).toMatchObject({ code: 'CREDENTIALS_REFUSED' });
  });
});
