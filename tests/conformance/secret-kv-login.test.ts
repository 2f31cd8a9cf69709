import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Secret } from '../../lib/secret.ts';
import { kvCalls } from '../../lib/secrets/kv/kv-calls.ts';
import { kvHttp } from '../../lib/secrets/kv/kv-http.ts';
import { type KvLogin, tokensBy } from '../../lib/secrets/kv/kv-login.ts';
import { isText } from '../../local/kv/kv-auth.ts';
import { expectNoKey, failureOf, idsOf, kept, web } from './secret-harness.ts';
import { kvOnStandIn } from './secret-kv-harness.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

const SECRET = 'a-secret-that-nobody-may-see-0123456789';

/** A store that logs in, and the file with what it logs in with. */
async function begin(by: 'approle' | 'jwt' | 'kubernetes' | 'token', { namespace = '', over = {} } = {}) {
  const here = await kvOnStandIn();
  const folder = mkdtempSync(join(tmpdir(), 'keyvend-kv-'));
  cleanUp.push(here.stop, () => rmSync(folder, { recursive: true }));
  const { standIn, transport, clock, open } = here;
  const file = join(folder, 'secret');
  writeFileSync(file, `${SECRET}\n`);
  const role = { accepts: isText(SECRET), policies: ['kv-keyvend'], ttlS: 60, ...over };
  standIn.auth.roles.set(`${namespace}/${by}/keyvend`, role);
  if (namespace !== '') standIn.mount('secret', namespace);
  const login: KvLogin = by === 'token' ? { by, file } : { by, mount: by, role: 'keyvend', file };
  const http = kvHttp({ transport, clock, wait: async () => {}, origin: standIn.origin, namespace });
  const store = open({ kv: kvCalls('secret', http, tokensBy(login, http, clock)) });
  const renewals = () => standIn.calls.filter(({ path }) => path === 'auth/token/renew-self').length;
  return { ...here, store, file, role, renewals };
}

describe('logging in', () => {
  it.each(['approle', 'jwt', 'kubernetes'] as const)(
    'gets a token by %s, and another before it runs out',
    async (by) => {
      const { store, clock } = await begin(by, { over: { renewable: false } });
      for (let i = 0; i < 5; i += 1) {
        await kept(store, web);
        clock.advance(50_000);
      }
      expect(idsOf(await store.find(web))).toHaveLength(5);
    },
  );

  it('reads the file again for each login, as its token is replaced', async () => {
    const { store, clock, file, standIn, role } = await begin('jwt', { over: { renewable: false } });
    await kept(store, web);
    writeFileSync(file, 'the-next-one');
    standIn.auth.roles.set('/jwt/keyvend', { ...role, accepts: isText('the-next-one') });
    clock.advance(61_000);
    await kept(store, web);
    expect(idsOf(await store.find(web))).toHaveLength(2);
  });

  it('renews a token while that lasts, and then logs in anew before it is refused', async () => {
    let logins = 0;
    const accepts = () => {
      logins += 1;
      return true;
    };
    const { store, clock, renewals } = await begin('approle', { over: { ttlS: 60, longestS: 150, accepts } });
    for (let i = 0; i < 12; i += 1) {
      await store.find(web);
      clock.advance(45_000);
    }
    expect([logins, renewals()]).toEqual([4, 11]);
    await kept(store, web);
  });

  it('is done once by any number of calls, and once more where the token is no longer good', async () => {
    const { store, standIn } = await begin('kubernetes');
    let logins = 0;
    const counted = { ...standIn.auth.roles.get('/kubernetes/keyvend')! };
    standIn.auth.roles.set('/kubernetes/keyvend', {
      ...counted,
      accepts: (jwt) => {
        logins += 1;
        return counted.accepts(jwt);
      },
    });
    await Promise.all(Array.from({ length: 10 }, () => store.find(web)));
    expect(logins).toBe(1);
    standIn.auth.revokeAll();
    await kept(store, web);
    expect(logins).toBe(2);
  });

  it('goes on in the middle of a put whose token ran out, after a process stood still', async () => {
    const { store, standIn, clock } = await begin('approle');
    await store.prepare(web);
    standIn.auth.revokeAll();
    clock.advance(10 * 60_000);
    await kept(store, web);
    expect(idsOf(await store.find(web))).toHaveLength(1);
  });

  it('holds in the namespace that is named, and in no other', async () => {
    const { store, standIn } = await begin('approle', { namespace: 'team/a' });
    await kept(store, web);
    expect(new Set(standIn.calls.map(({ namespace }) => namespace))).toEqual(new Set(['team/a']));
  });

  it('takes the token that an agent keeps in a file, and the next one when that is there', async () => {
    const { store, standIn, file } = await begin('token');
    writeFileSync(file, standIn.auth.issue(['kv-keyvend']));
    await kept(store, web);
    standIn.auth.revokeAll();
    expect(await failureOf(store.find(web))).toMatchObject({ code: 'STORE_REFUSED', upstreamCode: '403' });
    writeFileSync(file, `${standIn.auth.issue(['kv-keyvend'])}\n`);
    expect(idsOf(await store.find(web))).toHaveLength(1);
  });

  it('says that it was refused, and shows nothing of what it was done with', async () => {
    const { store, file, standIn } = await begin('approle');
    writeFileSync(file, `${SECRET}-wrong`);
    const wrong = await failureOf(store.find(web));
    expect(wrong).toMatchObject({ code: 'STORE_REFUSED', effect: 'none', upstreamCode: '400' });
    rmSync(file);
    const missing = await failureOf(store.find(web));
    expect(missing).toMatchObject({ code: 'STORE_REFUSED', effect: 'none' });
    writeFileSync(file, 'two\nlines');
    const odd = await failureOf(store.find(web));
    expect(odd).toMatchObject({ code: 'STORE_REFUSED', effect: 'none' });
    standIn.mode = 'sealed';
    writeFileSync(file, SECRET);
    const sealed = await failureOf(store.find(web));
    expect(sealed).toMatchObject({ code: 'STORE_UNAVAILABLE', effect: 'none' });
    for (const failure of [wrong, missing, odd, sealed]) {
      expectNoKey(new Secret(SECRET), failure);
      expect(`${failure.message}${failure.stack}`).not.toContain(file);
    }
  });
});
