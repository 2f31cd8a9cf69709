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
  it('is made at first use: 32 bytes, and nothing else beside it', async () => {
    await at.open();
    expect(statSync(at.keyFile).size).toBe(32);
    expect(readdirSync(dirname(at.keyFile))).toEqual(['secrets.key']);
    expect(at.bytes().includes(readFileSync(at.keyFile))).toBe(false);
  });

  it('is the same for all who open a new store at the same time', async () => {
    const stores = await Promise.all(Array.from({ length: 8 }, () => at.open()));
    const { id, key } = await kept(stores[0]!, web);
    for (const store of stores) expect(await textOf(store.reveal(web, id))).toBe(key.reveal());
  });

  it('that others can read is refused, whoever of them it is', async () => {
    await (await at.open()).close();
    for (const mode of [0o640, 0o604, 0o620, 0o601]) {
      chmodSync(at.keyFile, mode);
      expect(await failureOf(at.open())).toMatchObject(refusedWith(/others.*0600/));
    }
    chmodSync(at.keyFile, 0o400);
    await at.open();
  });

  it('that others can read is not taken for a new store either', async () => {
    mkdirSync(dirname(at.keyFile));
    writeFileSync(at.keyFile, Buffer.alloc(32), { mode: 0o644 });
    expect(await failureOf(at.open())).toMatchObject(refusedWith(/others/));
  });

  it('is looked at itself where the path is a link', async () => {
    await (await at.open()).close();
    const link = join(at.folder, 'link');
    symlinkSync(at.keyFile, link);
    await (await at.open({ key: { file: link } })).close();
    chmodSync(at.keyFile, 0o644);
    expect(await failureOf(at.open({ key: { file: link } }))).toMatchObject(refusedWith(/others/));
  });

  it('that is missing is not replaced, that is another is told at once, and that is no key is refused', async () => {
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

  it('that cannot be opened makes the store unavailable, without a path in the error', async () => {
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
    const again = await at.open({ key: { passphrase } }); // the default would take its time and 128 MiB
    expect(await textOf(again.reveal(web, id))).toBe(key.reveal());
    expect(at.bytes().includes('correct horse')).toBe(false);
  });

  it('that is wrong is told at open, and shown nowhere', async () => {
    await (await at.open({ key: { passphrase, cost: COST } })).close();
    const wrong = new Secret('correct horse battery stable');
    const failure = await failureOf(at.open({ key: { passphrase: wrong, cost: COST } }));
    expect(failure).toMatchObject(refusedWith(/passphrase is not the one/));
    expectNoKey(wrong, failure);
    expect(failure.message).not.toContain('stable');
  });

  it('is one salt for all who open a new store at the same time', async () => {
    const stores = await Promise.all(Array.from({ length: 4 }, () => at.open({ key: { passphrase, cost: COST } })));
    const { id, key } = await kept(stores[0]!, web);
    for (const store of stores) expect(await textOf(store.reveal(web, id))).toBe(key.reveal());
  });

  it('does not open what a key file made, nor the other way round', async () => {
    await (await at.open()).close();
    expect(await failureOf(at.open({ key: { passphrase, cost: COST } }))).toMatchObject(
      refusedWith(/made with a file/),
    );
    rmSync(dirname(at.path), { recursive: true });
    await (await at.open({ key: { passphrase, cost: COST } })).close();
    expect(await failureOf(at.open())).toMatchObject(refusedWith(/made with a passphrase/));
  });

  it('is not stretched by a cost that somebody wrote into the file to exhaust us', async () => {
    await (await at.open({ key: { passphrase, cost: COST } })).close();
    at.tamper('UPDATE key SET cost = ?', 2 ** 30);
    expect(await failureOf(at.open({ key: { passphrase } }))).toMatchObject(refusedWith(/out of range/));
  });

  it('is not empty, and its cost is a power of two', async () => {
    await expect(at.open({ key: { passphrase: new Secret(''), cost: COST } })).rejects.toThrow(TypeError);
    for (const cost of [0, 1, 3, 2 ** 21])
      await expect(at.open({ key: { passphrase, cost } })).rejects.toThrow(TypeError);
  });
});
