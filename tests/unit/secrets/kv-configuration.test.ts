import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { systemClock } from '../../../lib/clock.ts';
import { checkedBy } from '../../../lib/environment.ts';
import { configurationFrom } from '../../../lib/platforms/configuration.ts';
import { describedConfiguration } from '../../../lib/platforms/described-configuration.ts';
import { readersPlace, readersStore } from '../../../lib/platforms/readers-store.ts';
import { kvReading, kvVariables } from '../../../lib/secrets/kv/configuration.ts';
import { identityAt, placeOf } from '../../../lib/secrets/kv/kv-path.ts';
import { open } from '../../../lib/secrets/kv/open.ts';
import { isText } from '../../../local/kv/kv-auth.ts';
import { startKvStandIn } from '../../../local/kv/kv-server.ts';
import { called, keptAsCurrent, textOf, web } from '../../conformance/secret-harness.ts';
import { policyFile } from '../../conformance/secret-kv-harness.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

const approle = {
  KEYVEND_KV_ADDRESS: 'https://bao.example:8200',
  KEYVEND_KV_LOGIN: 'approle',
  KEYVEND_KV_ROLE_ID: 'keyvend',
  KEYVEND_KV_SECRET_ID_FILE: '/run/secret-id',
};
const common = {
  KEYVEND_PLATFORM: 'local',
  KEYVEND_LEDGER: 'sqlite',
  KEYVEND_STORE: 'kv',
  KEYVEND_DEPLOYMENT: 'main',
  KEYVEND_ACCESS: 'every valid token may do everything',
  KEYVEND_ISSUER: 'https://issuer.example',
  KEYVEND_AUDIENCE: 'keyvend',
  KEYVEND_JWKS_URI: 'https://issuer.example/jwks',
  KEYVEND_HOME: '/tmp/keyvend',
  KEYVEND_UPSTREAM: '{}',
  KEYVEND_EVENTS_URL: 'http://127.0.0.1:1/queue/events',
  KEYVEND_QUEUE_KEY: 'id:secret',
  KEYVEND_ROTATION_QUEUE_URL: 'http://127.0.0.1:1/queue/rotation',
};
const from = (over: Readonly<Record<string, string | undefined>>) =>
  configurationFrom({ ...common, ...approle, ...over });

describe('the environment of the store in KV version 2', () => {
  it('has a usual mount and folder', () => {
    expect(from({})).toMatchObject({ KEYVEND_KV_MOUNT: 'secret', KEYVEND_KV_PREFIX: 'keyvend' });
  });

  it.each(['http://bao.example:8200', 'bao.example', 'https://bao.example/v1', 'https://a:b@bao.example', ''])(
    'takes no address but https, or http on this machine: %s',
    (KEYVEND_KV_ADDRESS) => {
      expect(() => from({ KEYVEND_KV_ADDRESS })).toThrow('missing or wrong in the environment: KEYVEND_KV_ADDRESS');
      expect(from({ KEYVEND_KV_ADDRESS: 'http://127.0.0.1:8200/' }).KEYVEND_KV_ADDRESS).toBe('http://127.0.0.1:8200/');
    },
  );

  it.each(['..', 'a/../b', '/a', 'a/', 'a b', ''])('takes no folder that leads elsewhere: %j', (folder) => {
    for (const name of ['KEYVEND_KV_MOUNT', 'KEYVEND_KV_PREFIX', 'KEYVEND_KV_NAMESPACE', 'KEYVEND_KV_LOGIN_MOUNT'])
      expect(() => from({ [name]: folder })).toThrow(`missing or wrong in the environment: ${name}`);
  });

  it.each([
    [{ KEYVEND_KV_ROLE_ID: undefined }, 'KEYVEND_KV_LOGIN=approle needs KEYVEND_KV_ROLE_ID'],
    [{ KEYVEND_KV_SECRET_ID_FILE: undefined }, 'KEYVEND_KV_LOGIN=approle needs KEYVEND_KV_SECRET_ID_FILE'],
    [{ KEYVEND_KV_ROLE: 'x' }, 'KEYVEND_KV_LOGIN=approle has no use for KEYVEND_KV_ROLE'],
    [{ KEYVEND_KV_TOKEN_FILE: '/x' }, 'KEYVEND_KV_LOGIN=approle has no use for KEYVEND_KV_TOKEN_FILE'],
    [{ KEYVEND_KV_LOGIN: 'jwt' }, 'KEYVEND_KV_LOGIN=jwt needs KEYVEND_KV_ROLE'],
    [
      { KEYVEND_KV_LOGIN: 'kubernetes', KEYVEND_KV_ROLE: 'x' },
      'KEYVEND_KV_LOGIN=kubernetes has no use for KEYVEND_KV_ROLE_ID',
    ],
    [{ KEYVEND_KV_LOGIN: 'token' }, 'KEYVEND_KV_LOGIN=token needs KEYVEND_KV_TOKEN_FILE'],
  ])('refuses at the start what does not go together, by name: %o', (over, message) => {
    expect(() => from(over)).toThrow(new TypeError(message));
    expect(describedConfiguration({ ...common, ...approle, ...over }, []).refused).toContain(message);
  });

  it('knows no token of a person’s, and takes a pod’s own where none is named', () => {
    expect(Object.keys(kvVariables())).not.toContain('VAULT_TOKEN');
    const pod = { KEYVEND_KV_LOGIN: 'kubernetes', KEYVEND_KV_ROLE: 'keyvend' };
    expect(() => from({ ...pod, KEYVEND_KV_ROLE_ID: undefined, KEYVEND_KV_SECRET_ID_FILE: undefined })).not.toThrow();
  });
});

describe('the folder of a secret', () => {
  it('is another one for every identity, and leads back to it', () => {
    const names = ['web', 'WEB', 'web:1', 'web_1', 'web=3A1', '.', '..', 'a+b', 'a*', 'x@y', 'schlüssel', '%2e', ' '];
    const folders = names.map((name) => placeOf('keyvend', called(name)).folder);
    expect(new Set(folders).size).toBe(names.length);
    for (const [i, folder] of folders.entries()) {
      expect(folder).toMatch(/^keyvend(\/[A-Za-z0-9_=-]+){4}$/);
      expect(identityAt(folder.split('/').slice(1))).toEqual(called(names[i]!));
    }
    for (const words of [
      ['ecs', 'a', 'b'],
      ['ecs', 'a', 'b', 'c:d'],
      ['none', 'a', 'b', 'c'],
      ['ecs', 'a', 'b', '=zz'],
    ])
      expect(identityAt(words)).toBeUndefined();
  });

  it('takes no version that is no id', () => {
    for (const id of ['..', 'a/b', '', `${'a'.repeat(36)}/x`])
      expect(() => placeOf('keyvend', web).version(id)).toThrow(TypeError);
  });
});

describe('a store that is opened by its environment', () => {
  it('keeps a key, which its reader reads with rights of their own, by three ways to a token', async () => {
    const standIn = await startKvStandIn(systemClock);
    const folder = mkdtempSync(join(tmpdir(), 'keyvend-kv-'));
    cleanUp.push(standIn.stop, () => rmSync(folder, { recursive: true }));
    standIn.mount('team/kv');
    for (const name of ['kv-keyvend', 'kv-reader'])
      standIn.policy(name, policyFile(name).replaceAll('secret/', 'team/kv/').replaceAll('/keyvend/', '/keys/ssh/'));
    standIn.auth.roles.set('/machines/keyvend', { accepts: isText('secret-id'), policies: ['kv-keyvend'], ttlS: 60 });
    const [secretIdFile, tokenFile] = [join(folder, 'secret-id'), join(folder, 'token')];
    writeFileSync(secretIdFile, 'secret-id\n');
    const place = {
      ...{ KEYVEND_KV_ADDRESS: `${standIn.origin}/`, KEYVEND_KV_MOUNT: 'team/kv', KEYVEND_KV_PREFIX: 'keys/ssh' },
      KEYVEND_DEPLOYMENT: 'main',
    };
    const login = { KEYVEND_KV_LOGIN: 'approle', KEYVEND_KV_LOGIN_MOUNT: 'machines', KEYVEND_KV_ROLE_ID: 'keyvend' };
    const environment = { ...place, ...login, KEYVEND_KV_SECRET_ID_FILE: secretIdFile };
    const schema = z.object({ KEYVEND_DEPLOYMENT: z.string(), ...kvReading(), ...kvVariables() });
    const store = await open(checkedBy(schema, environment), systemClock);
    const { key } = await keptAsCurrent(store, web);
    await store.close();

    const token = standIn.auth.issue(['kv-reader']);
    writeFileSync(tokenFile, `${token}\n`);
    for (const way of [{ VAULT_TOKEN: token }, { BAO_TOKEN: token }, { KEYVEND_KV_TOKEN_FILE: tokenFile }]) {
      const reader = await readersStore({ KEYVEND_STORE: 'kv', ...place, ...way });
      expect(await textOf(reader.reveal(web))).toBe(key.reveal());
      await reader.close();
    }
    expect(await readersPlace({ KEYVEND_STORE: 'kv', ...place }, called('web:1'))).toBe(
      'bao kv get -mount=team/kv -field=private_key keys/ssh/ecs/default/cn-hangzhou/web=3A1/current',
    );
  });
});

describe('where a reader finds a key', () => {
  it('is said in the words of the store, and for none that only keyvend reads', async () => {
    expect(await readersPlace({}, called('web:1'))).toBe('keyvend/ecs/default/cn-hangzhou/web=3A1');
    await expect(readersPlace({ KEYVEND_STORE: 'embedded' }, web)).rejects.toThrow('read by keyvend key alone');
    await expect(readersPlace({ KEYVEND_STORE: 'attic' }, web)).rejects.toThrow('KEYVEND_STORE');
  });
});
