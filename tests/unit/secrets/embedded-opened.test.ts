// How an embedded store is opened by what the environment says: a file, a passphrase, a key that KMS unwraps. KMS is a stand-in here, with
// wrapping of its own; where moto is installed, it is asked as well.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configurationFrom } from '../../../lib/platforms/configuration.ts';
import { open } from '../../../lib/secrets/embedded/open.ts';
import type { StoreConfiguration } from '../../../lib/secrets/store-table.ts';
import { guardedServer } from '../../../local/guard.ts';
import { expectNoKey, failureOf, kept, textOf, web } from '../../conformance/secret-harness.ts';
import { testClock } from '../../doubles/test-clock.ts';
import { startMoto } from '../../moto.ts';

const clock = testClock(Date.now());
const aws = { AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'secret' };
let home: string;
const cleanUp: (() => unknown)[] = [];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'keyvend-opened-'));
});
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
  rmSync(home, { recursive: true });
});

const opened = (environment: Record<string, string> = {}) => {
  const chosen = { KEYVEND_PLATFORM: 'local', KEYVEND_LEDGER: 'sqlite', KEYVEND_STORE: 'embedded', KEYVEND_HOME: home };
  const others = { KEYVEND_ISSUER: 'i', KEYVEND_AUDIENCE: 'a', KEYVEND_JWKS_URI: 'https://i', KEYVEND_UPSTREAM: '{}' };
  const all = { ...chosen, ...others, KEYVEND_ACCESS: 'a', KEYVEND_DEPLOYMENT: 'main', ...environment };
  return open(configurationFrom(all) as unknown as StoreConfiguration<'embedded'>, clock);
};
const everything = () =>
  readdirSync(home)
    .map((name) => readFileSync(join(home, name), 'latin1'))
    .join('');

/** A key that was put is there again for whoever opens the store the same way. */
async function keeps(environment: Record<string, string>): Promise<void> {
  const store = await opened(environment);
  const { id, key } = await kept(store, web);
  await store.close();
  const again = await opened(environment);
  expect(await textOf(again.reveal(web, id))).toBe(key.reveal());
  await again.close();
  expectNoKey(key, everything());
}

describe('an embedded store', () => {
  it('is opened by a passphrase in a file, and by no other', { timeout: 30_000 }, async () => {
    const file = join(home, 'passphrase');
    writeFileSync(file, 'correct horse\n');
    await keeps({ KEYVEND_PASSPHRASE_FILE: file });
    expect(existsSync(join(home, 'secrets.key'))).toBe(false);
    writeFileSync(file, 'correct horses\n');
    expect(await failureOf(opened({ KEYVEND_PASSPHRASE_FILE: file }))).toMatchObject({ code: 'STORE_REFUSED' });
    expect(await failureOf(opened())).toMatchObject({
      code: 'STORE_REFUSED',
      message: expect.stringMatching(/made with a passphrase/),
    });
    const nowhere = await failureOf(opened({ KEYVEND_PASSPHRASE_FILE: join(home, 'nowhere') }));
    expect(nowhere).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringMatching(/passphrase cannot be read \(ENOENT\)/),
    });
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['two ways at once', { KEYVEND_PASSPHRASE_FILE: 'a', KEYVEND_SEAL_KMS_KEY: 'b' }, /set one of them/],
    [
      'KMS without credentials',
      { KEYVEND_SEAL_KMS_KEY: 'b', AWS_REGION: 'eu-central-1' },
      /AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY/,
    ],
  ])('is not opened with %s', (_, environment, said) => {
    expect(() => opened(environment)).toThrow(said);
  });

  it('is opened while nobody asks KMS, whatever the variables of AWS are', async () => {
    await keeps({ AWS_REGION: '', AWS_ACCESS_KEY_ID: '' });
  });

  describe('with a key that KMS wraps', () => {
    const master = randomBytes(32);
    let server: Server;
    let answer: ((action: string) => { status: number; type: string } | undefined) | undefined;
    let asked: string[];
    let sealed: Record<string, string>;
    beforeEach(async () => {
      [answer, asked] = [undefined, []];
      server = await guardedServer(async (request, response) => {
        const action = String(request.headers['x-amz-target']).replace('TrentService.', '');
        asked.push(action);
        const input = (await json(request)) as Record<string, string>;
        const refused = answer?.(action);
        const say = (status: number, body: object) =>
          response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
        if (refused !== undefined) return say(refused.status, { __type: refused.type });
        const context = Buffer.from(JSON.stringify(input.EncryptionContext));
        if (action === 'GenerateDataKeyWithoutPlaintext') {
          const iv = randomBytes(12);
          const cipher = createCipheriv('aes-256-gcm', master, iv).setAAD(context);
          const text = Buffer.concat([cipher.update(randomBytes(32)), cipher.final()]);
          return say(200, { CiphertextBlob: Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64') });
        }
        const blob = Buffer.from(input.CiphertextBlob!, 'base64');
        try {
          const decipher = createDecipheriv('aes-256-gcm', master, blob.subarray(0, 12))
            .setAAD(context)
            .setAuthTag(blob.subarray(12, 28));
          return say(200, {
            Plaintext: Buffer.concat([decipher.update(blob.subarray(28)), decipher.final()]).toString('base64'),
          });
        } catch {
          return say(400, { __type: 'InvalidCiphertextException' });
        }
      });
      cleanUp.push(
        () => server.closeAllConnections(),
        () => server.close(),
      );
      const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      sealed = { ...aws, KEYVEND_SEAL_KMS_KEY: 'alias/keyvend', AWS_ENDPOINT_URL_KMS: endpoint };
    });

    it('is opened by whoever may ask for it, once for each process, and by no other deployment', async () => {
      await keeps(sealed);
      expect(asked).toEqual(['GenerateDataKeyWithoutPlaintext', 'Decrypt', 'Decrypt']);
      const another = await failureOf(opened({ ...sealed, KEYVEND_DEPLOYMENT: 'other' }));
      expect(another).toMatchObject({ code: 'STORE_REFUSED', upstreamCode: 'InvalidCiphertextException' });
      expect(await failureOf(opened())).toMatchObject({ message: expect.stringMatching(/made with a wrapped key/) });
    });

    it.each([
      ['a key that is disabled', 400, 'DisabledException', 'STORE_REFUSED'],
      ['a right that is missing', 400, 'AccessDeniedException', 'STORE_REFUSED'],
      ['a service that is down', 503, 'KMSInternalException', 'STORE_UNAVAILABLE'],
    ])('says of %s what it is', { timeout: 20_000 }, async (_, status, type, code) => {
      await keeps(sealed);
      answer = () => ({ status, type });
      expect(await failureOf(opened(sealed))).toMatchObject({ code });
    });
  });

  it('is opened by a key of moto', { timeout: 60_000 }, async (context) => {
    const moto = await startMoto();
    if (moto === undefined) return context.skip('moto_server is not installed');
    cleanUp.push(() => moto.stop());
    const credentials = { accessKeyId: 'AKIA', secretAccessKey: 'secret' };
    const client = new KMSClient({ endpoint: moto.endpoint, region: 'eu-central-1', credentials });
    cleanUp.push(() => client.destroy());
    const { KeyMetadata } = await client.send(new CreateKeyCommand());
    await keeps({ ...aws, KEYVEND_SEAL_KMS_KEY: KeyMetadata!.KeyId!, AWS_ENDPOINT_URL_KMS: moto.endpoint });
  });
});
