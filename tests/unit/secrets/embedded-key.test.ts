import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../lib/secret.ts';
import { expectNoKey, failureOf, kept, textOf, web } from '../../conformance/secret-harness.ts';
import { aFolder, COST, type Folder } from './embedded-folder.ts';

let at: Folder;
beforeEach(() => {
  at = aFolder();
});
afterEach(() => at.cleanUp());
const refusedWith = (words: RegExp) => ({
  code: 'STORE_REFUSED',
  effect: 'none',
  message: expect.stringMatching(words),
});

describe('a key file', () => {
  it('is made at first use, with 32 bytes and nothing else beside it', async () => {
    await at.open();
    expect(statSync(at.keyFile).size).toBe(32);
    expect(readdirSync(dirname(at.keyFile))).toEqual(['secrets.key']);
    expect(at.bytes().includes(readFileSync(at.keyFile))).toBe(false);
  });

  it('is the same for everybody who opens a new store at the same time', async () => {
    const stores = await Promise.all(Array.from({ length: 8 }, () => at.open()));
    const { id, key } = await kept(stores[0]!, web);
    for (const store of stores) expect(await textOf(store.reveal(web, id))).toBe(key.reveal());
  });

  it('is refused when others have any access to it, whoever they are', async () => {
    await (await at.open()).close();
    for (const mode of [0o640, 0o604, 0o620, 0o601]) {
      chmodSync(at.keyFile, mode);
      expect(await failureOf(at.open())).toMatchObject(refusedWith(/others.*0600/));
    }
    chmodSync(at.keyFile, 0o400);
    await at.open();
  });

  it('is not taken for a new store either when others can read it', async () => {
    mkdirSync(dirname(at.keyFile));
    writeFileSync(at.keyFile, Buffer.alloc(32), { mode: 0o644 });
    expect(await failureOf(at.open())).toMatchObject(refusedWith(/others/));
  });

  it('is itself looked at when the path is a symbolic link', async () => {
    await (await at.open()).close();
    const link = join(at.folder, 'link');
    symlinkSync(at.keyFile, link);
    await (await at.open({ key: { file: link } })).close();
    chmodSync(at.keyFile, 0o644);
    expect(await failureOf(at.open({ key: { file: link } }))).toMatchObject(refusedWith(/others/));
  });

  it('is not replaced when it is missing, and is refused at once when it is another one or no key at all', async () => {
    const store = await at.open();
    const { id, key } = await kept(store, web);
    await store.close();
    const bytes = readFileSync(at.keyFile);
    rmSync(at.keyFile);
    expect(await failureOf(at.open())).toMatchObject(refusedWith(/missing/));
    writeFileSync(at.keyFile, Buffer.alloc(32, 7), { mode: 0o600 });
    expect(await failureOf(at.open())).toMatchObject(refusedWith(/not the one/));
    writeFileSync(at.keyFile, Buffer.alloc(31, 7));
    expect(await failureOf(at.open())).toMatchObject(refusedWith(/32 bytes/));
    writeFileSync(at.keyFile, bytes);
    expect(await textOf((await at.open()).reveal(web, id))).toBe(key.reveal());
  });

  it('is reported without its path when it cannot be opened', async () => {
    mkdirSync(at.keyFile, { recursive: true, mode: 0o700 });
    const failure = await failureOf(at.open());
    expect(['STORE_UNAVAILABLE', 'STORE_REFUSED']).toContain(failure.code);
    expect(failure.message).not.toContain(at.folder);
  });
});

describe('a passphrase', () => {
  const passphrase = new Secret('correct horse battery staple');

  it('opens the store it made, with the cost that was stored then', async () => {
    const store = await at.open({ key: { passphrase, cost: COST } });
    const { id, key } = await kept(store, web);
    await store.close();
    const again = await at.open({ key: { passphrase } }); // the default cost would take its time, and 128 MiB
    expect(await textOf(again.reveal(web, id))).toBe(key.reveal());
    expect(at.bytes().includes('correct horse')).toBe(false);
  });

  it('is refused on opening when it is wrong, and is shown nowhere', async () => {
    await (await at.open({ key: { passphrase, cost: COST } })).close();
    const wrong = new Secret('correct horse battery stable');
    const failure = await failureOf(at.open({ key: { passphrase: wrong, cost: COST } }));
    expect(failure).toMatchObject(refusedWith(/passphrase is not the one/));
    expectNoKey(wrong, failure);
    expect(failure.message).not.toContain('stable');
  });

  it('is used with one salt by everybody who opens a new store at the same time', async () => {
    const stores = await Promise.all(Array.from({ length: 4 }, () => at.open({ key: { passphrase, cost: COST } })));
    const { id, key } = await kept(stores[0]!, web);
    for (const store of stores) expect(await textOf(store.reveal(web, id))).toBe(key.reveal());
  });

  it('does not open a store made with a key file, nor does a key file open one made with a passphrase', async () => {
    await (await at.open()).close();
    expect(await failureOf(at.open({ key: { passphrase, cost: COST } }))).toMatchObject(
      refusedWith(/made with a file/),
    );
    rmSync(dirname(at.path), { recursive: true });
    await (await at.open({ key: { passphrase, cost: COST } })).close();
    expect(await failureOf(at.open())).toMatchObject(refusedWith(/made with a passphrase/));
  });

  it('is not stretched at a cost that somebody wrote into the file to exhaust us', async () => {
    await (await at.open({ key: { passphrase, cost: COST } })).close();
    at.tamper('UPDATE key SET cost = ?', 2 ** 30);
    expect(await failureOf(at.open({ key: { passphrase } }))).toMatchObject(refusedWith(/out of range/));
  });

  it('must not be empty, and its cost must be a power of two within limits', async () => {
    await expect(at.open({ key: { passphrase: new Secret(''), cost: COST } })).rejects.toThrow(TypeError);
    for (const cost of [0, 1, 3, 2 ** 21])
      await expect(at.open({ key: { passphrase, cost } })).rejects.toThrow(TypeError);
  });
});
