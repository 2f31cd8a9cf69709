import { statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  aKey,
  anId,
  anRsaKey,
  called,
  expectNoKey,
  failureOf,
  idsOf,
  kept,
  textOf,
  web,
} from '../../conformance/secret-harness.ts';
import { aFolder, type Folder } from './embedded-folder.ts';

let at: Folder;
beforeEach(() => {
  at = aFolder();
});
afterEach(() => at.cleanUp());
const DAY_MS = 86_400_000;

describe('the file of an embedded store', () => {
  it('is accessible to its owner alone, and so are its folder, its log and the key file', async () => {
    const store = await at.open();
    await kept(store, web);
    const mode = (path: string) => statSync(path).mode & 0o777;
    expect([mode(dirname(at.path)), mode(dirname(at.keyFile))]).toEqual([0o700, 0o700]);
    expect([at.path, `${at.path}-wal`, `${at.path}-shm`, at.keyFile].map(mode)).toEqual([0o600, 0o600, 0o600, 0o600]);
  });

  it('holds no piece of a key in the clear, not even in its log or after removal and purge', async () => {
    const store = await at.open({ recoveryWindowDays: 0 });
    const keys = [aKey(), anRsaKey(), aKey()];
    const [first, second, third] = [anId(), anId(), anId()];
    await store.put(web, first, keys[0]!);
    await store.put(web, second, keys[1]!);
    await store.put(called('db'), third, keys[2]!);
    await store.remove(web, first);
    await store.purge();
    const expectNothing = () => {
      const bytes = at.bytes();
      expect(bytes.includes('web')).toBe(true); // we are looking in the right place
      for (const text of ['PRIVATE', 'BEGIN', '-----']) expect(bytes.includes(text)).toBe(false);
      for (const key of keys) {
        const base64 = key.reveal().replace(/-----[^-]+-----|\s/g, '');
        const octets = Buffer.from(base64, 'base64');
        for (let i = 0; i + 12 <= base64.length; i += 6) expect(bytes.includes(base64.slice(i, i + 12))).toBe(false);
        for (let i = 20; i + 8 <= octets.length; i += 4) expect(bytes.includes(octets.subarray(i, i + 8))).toBe(false);
      }
    };
    expectNothing();
    await store.close();
    expectNothing();
  });

  it('is brought up to date from an earlier format, with every key in it', async () => {
    const store = await at.open();
    const { id, key } = await kept(store, web);
    await store.close();
    const earlier = new DatabaseSync(at.path);
    earlier.exec(
      'ALTER TABLE versions DROP COLUMN pair; ALTER TABLE secrets DROP COLUMN pending; PRAGMA user_version = 1',
    );
    earlier.close();
    const now = await at.open();
    expect((await now.find(web))?.versions).toMatchObject([{ id, pending: false }]);
    expect(await textOf(now.reveal(web, id))).toBe(key.reveal());
    await now.markPending(web, id);
    expect((await now.find(web))?.versions).toMatchObject([{ id, pending: true }]);
  });

  it('keeps everything across a restart, and for a store that is opened beside another', async () => {
    const store = await at.open();
    const { id, key } = await kept(store, web);
    const crashed = await at.open();
    expect(await textOf(crashed.reveal(web, id))).toBe(key.reveal());
    await store.close();
    await crashed.close();
    expect(await textOf((await at.open()).reveal(web, id))).toBe(key.reveal());
  });

  it('is left as it is when it is something else', async () => {
    await (await at.open()).close();
    writeFileSync(at.path, 'a diary, four score and seven years long, and not a database at all'.repeat(20));
    expect(await failureOf(at.open())).toMatchObject({ code: 'STORE_REFUSED', effect: 'none' });
    expect(statSync(at.path).size).toBe(1_340);
  });

  it('is refused when it is another database or has a newer format', async () => {
    await (await at.open()).close();
    at.tamper('PRAGMA user_version = 4');
    expect(await failureOf(at.open())).toMatchObject({
      code: 'STORE_REFUSED',
      message: expect.stringMatching('format 4'),
    });
    at.tamper('PRAGMA application_id = 7');
    expect(await failureOf(at.open())).toMatchObject({ code: 'STORE_REFUSED' });
  });

  it('is unavailable when another process holds it for too long, and nothing is stored', async () => {
    const store = await at.open({ busyTimeoutMs: 1 });
    const holder = new DatabaseSync(at.path);
    holder.exec('BEGIN IMMEDIATE');
    const key = aKey();
    const failure = await failureOf(store.put(web, anId(), key));
    expect(failure).toMatchObject({ code: 'STORE_UNAVAILABLE', effect: 'none' });
    expectNoKey(key, failure);
    holder.exec('ROLLBACK');
    holder.close();
    expect(await store.find(web)).toBeUndefined();
  });
});

describe('a sealed row', () => {
  it('is refused when it was changed anywhere, and nothing of it is shown', async () => {
    const store = await at.open();
    const { id, key } = await kept(store, web);
    const database = new DatabaseSync(at.path);
    const sealed = Buffer.from(database.prepare('SELECT sealed FROM versions').get()?.sealed as Uint8Array);
    database.close();
    const cut = [
      sealed.subarray(0, 20),
      sealed.subarray(0, -1),
      Buffer.alloc(0),
      Buffer.concat([sealed, Buffer.of(0)]),
    ];
    const flipped = [0, 1, 12, 13, 60, sealed.length - 17, sealed.length - 1].map((at) => {
      const bytes = Buffer.from(sealed);
      bytes[at]! ^= 1;
      return bytes;
    });
    for (const bytes of [...cut, ...flipped]) {
      at.tamper('UPDATE versions SET sealed = ?', bytes);
      const failure = await failureOf(store.reveal(web, id));
      expect(failure).toMatchObject({ code: 'STORE_REFUSED', effect: 'none' });
      expectNoKey(key, failure);
      expect(await failureOf(store.put(web, id, key))).toMatchObject({ code: 'STORE_REFUSED' });
    }
    at.tamper('UPDATE versions SET sealed = ?', sealed);
    expect(await textOf(store.reveal(web, id))).toBe(key.reveal());
  });

  it('is refused when it was swapped with another, because it is bound to version, identity and deployment', async () => {
    const store = await at.open();
    const [first, second] = [await kept(store, web), await kept(store, web)];
    const db = await kept(store, called('db'));
    const swap = (to: string, from: string) =>
      at.tamper('UPDATE versions SET sealed = (SELECT sealed FROM versions WHERE id = ?) WHERE id = ?', from, to);
    swap(first.id, second.id);
    swap(db.id, second.id);
    for (const [identity, id] of [[web, first.id] as const, [called('db'), db.id] as const]) {
      const failure = await failureOf(store.reveal(identity, id));
      expect(failure).toMatchObject({ code: 'STORE_REFUSED' });
      expectNoKey(second.key, failure);
    }
    at.tamper('UPDATE versions SET identity = ? WHERE id = ?', 'ecs/default/cn-hangzhou/db', second.id);
    expect(await failureOf(store.reveal(called('db'), second.id))).toMatchObject({ code: 'STORE_REFUSED' });
    at.tamper('UPDATE versions SET identity = ? WHERE id = ?', 'ecs/default/cn-hangzhou/web', second.id);
    expect(await textOf(store.reveal(web, second.id))).toBe(second.key.reveal());
    at.tamper('UPDATE secrets SET deployment = ?', 'there');
    const there = await at.open({ deployment: 'there' });
    expect(await failureOf(there.reveal(web, second.id))).toMatchObject({ code: 'STORE_REFUSED' });
  });

  it('has a nonce of its own, even for the same key', async () => {
    const store = await at.open();
    const key = aKey();
    for (let i = 0; i < 20; i += 1) await store.put(called(`web_${i}`), anId(), key);
    const database = new DatabaseSync(at.path);
    const rows = database
      .prepare('SELECT substr(sealed, 2, 12) AS nonce, substr(sealed, 14) AS text FROM versions')
      .all();
    database.close();
    for (const column of ['nonce', 'text']) {
      expect(new Set(rows.map((row) => Buffer.from(row[column] as Uint8Array).toString('hex'))).size).toBe(20);
    }
  });
});

describe('a removed version', () => {
  it('can be restored within the recovery window, and is gone after it', async () => {
    const store = await at.open({ recoveryWindowDays: 7 });
    const [first, second] = [await kept(store, web), await kept(store, web)];
    await store.remove(web, first.id);
    at.clock.advance(7 * DAY_MS - 1);
    expect(await store.restore(web, first.id)).toBe(true);
    expect(await textOf(store.reveal(web, first.id))).toBe(first.key.reveal());
    await store.remove(web, first.id);
    at.clock.advance(7 * DAY_MS);
    expect(await store.restore(web, first.id)).toBe(false);
    expect(idsOf(await store.find(web))).toEqual([second.id]);
    await store.put(web, first.id, aKey()); // the id is free again
    expect(await store.restore(web, anId())).toBe(false);
    expect(await store.restore(called('nobody'), anId())).toBe(false);
  });

  it('is not purged when it belongs to another deployment', async () => {
    const [here, there] = [await at.open({ recoveryWindowDays: 0 }), await at.open({ deployment: 'there' })];
    const theirs = await kept(there, web);
    await there.remove(web, theirs.id);
    await here.purge();
    expect(await failureOf(here.restore(web, theirs.id))).toMatchObject({ code: 'SECRET_NOT_OURS' });
    expect(await there.restore(web, theirs.id)).toBe(true);
    expect(await textOf(there.reveal(web, theirs.id))).toBe(theirs.key.reveal());
  });

  it('leaves its name free once it is purged, if it was the last one', async () => {
    const [here, there] = [await at.open(), await at.open({ deployment: 'there' })];
    const { id } = await kept(here, web);
    await here.remove(web, id);
    expect(await failureOf(kept(there, web))).toMatchObject({ code: 'SECRET_NOT_OURS' });
    at.clock.advance(30 * DAY_MS);
    await here.purge();
    await kept(there, web);
  });
});
