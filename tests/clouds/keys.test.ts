// The keys are real: OpenSSH itself takes them, whatever their spelling and wherever they came from.
import { execFileSync } from 'node:child_process';
import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, type TestContext } from 'vitest';
import { publicKeyLine } from '../../lib/ssh/public-key.ts';
import { PrimeStock } from '../../local/clouds/keys/composed.ts';
import { digest } from '../../local/clouds/keys/digests.ts';
import { KeySource } from '../../local/clouds/keys/key-source.ts';
import { formatted, type PrivateKeyFormat } from '../../local/clouds/keys/private-key-formats.ts';
import { call, createCall, privateKeyOf } from './support/raw.ts';
import { started } from './support/started.ts';

const folder = mkdtempSync(join(tmpdir(), 'clouds-keys-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** ssh-keygen on a file with this text. */
function keygen(context: TestContext, text: string, ...options: string[]): string {
  const file = join(folder, 'key');
  writeFileSync(file, text);
  chmodSync(file, 0o600);
  try {
    return execFileSync('ssh-keygen', [...options, file], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') context.skip('ssh-keygen is not installed');
    throw error;
  }
}
const derived = (key: KeyObject): string => publicKeyLine(createPublicKey(key));

describe.each([
  ['generated', { ready: 1, combinations: 0 }],
  ['composed', { ready: 0, combinations: 10 }],
] as const)('a %s key', (origin, options) => {
  async function taken(): Promise<KeyObject> {
    const source = new KeySource(options);
    source.prepare(2048);
    while (origin === 'generated' && !source.ready[2048]?.generated)
      await new Promise((resolve) => setImmediate(resolve));
    const { key, composed } = await source.take(2048);
    source.close();
    expect(composed).toBe(origin === 'composed');
    return key;
  }

  it('has 2048 bits, halves that fit, and consistent numbers', async () => {
    const key = await taken();
    expect(key.asymmetricKeyDetails).toMatchObject({ modulusLength: 2048, publicExponent: 65537n });
    const data = Buffer.from('data');
    expect(verify('sha256', data, createPublicKey(key), sign('sha256', data, key))).toBe(true);
  });

  const readable: PrivateKeyFormat[] = ['pkcs1', 'pkcs8', 'pkcs8-in-rsa-armour'];
  it.for(readable)('is read by ssh-keygen as %s', async (format, context) => {
    const key = await taken();
    expect(keygen(context, formatted(key, format), '-y', '-f')).toBe(derived(key));
  });

  it('has the fingerprint that ssh-keygen prints', async (context) => {
    const key = await taken();
    const printed = keygen(context, `${derived(key)}\n`, '-l', '-E', 'md5', '-f').split(' ')[1];
    expect(printed?.replace('MD5:', '').replaceAll(':', '')).toBe(digest('md5-ssh', key));
  });
});

describe('the answer to a create', () => {
  it.for(['ens', 'ecs', 'cvm'] as const)(
    'has a key that ssh-keygen reads, with the fingerprint of that key, on %s',
    async (service, context) => {
      const clouds = await started();
      const answer = await call(clouds, service, 'CreateKeyPair', createCall(service, 'a1'));
      const [pair] = clouds.admin.pairs();
      expect(keygen(context, privateKeyOf(answer), '-y', '-f')).toBe(pair?.publicKey);
      const printed = keygen(context, `${pair?.publicKey}\n`, '-l', '-E', 'md5', '-f')
        .split(' ')[1]
        ?.replace('MD5:', '');
      if (service !== 'cvm') {
        expect(answer.body.KeyPairFingerPrint).toBe(service === 'ecs' ? printed : printed?.replaceAll(':', ''));
      }
      expect(answer.headers['x-local-key']).toBe(pair?.origin);
    },
  );
});

describe('composed keys', () => {
  it('are distinct, since each combination of primes is used once', async () => {
    const stock = new PrimeStock(1024);
    while (stock.left < 300) await stock.grow();
    const moduli = new Set<string>();
    const count = stock.left;
    for (let n = 0; n < count; n += 1) {
      const key = stock.compose()!;
      expect(key.asymmetricKeyDetails?.modulusLength).toBe(1024);
      moduli.add(String(key.export({ format: 'jwk' }).n));
    }
    expect(moduli.size).toBe(count);
    expect(stock.compose()).toBeUndefined();
  });

  it('come at once in a burst, and are all different', async () => {
    const source = new KeySource({ ready: 0, combinations: 10 });
    const keys = await Promise.all(Array.from({ length: 100 }, () => source.take(1024)));
    expect(new Set(keys.map(({ key }) => String(key.export({ format: 'jwk' }).n))).size).toBe(100);
    source.close();
  });
});

describe('the pool', () => {
  it('fills up to its size and stops there', async () => {
    const source = new KeySource({ ready: 2, combinations: 10 });
    source.prepare(1024);
    while (!source.idle) await new Promise((resolve) => setImmediate(resolve));
    expect(source.ready[1024]).toMatchObject({ generated: 2 });
    expect(source.ready[1024]?.combinations).toBeGreaterThanOrEqual(10);
    expect((await source.take(1024)).composed).toBe(false);
    source.close();
  });
});
