// Imports, deletes, names, the rate limit, and two requests for one name.
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { publicKeyLine } from '../../lib/ssh/public-key.ts';
import { KeySource, type NewKey } from '../../local/clouds/keys/key-source.ts';
import { testClock } from '../doubles/test-clock.ts';
import { created, idOf } from './support/created.ts';
import { call, createCall, type Fields, type ServiceName } from './support/raw.ts';
import { started } from './support/started.ts';

const rsaLine = publicKeyLine(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey);
const ed25519Line = publicKeyLine(generateKeyPairSync('ed25519').publicKey);
const ecdsaLine = `ecdsa-sha2-nistp256 ${Buffer.from('000000136563647361', 'hex').toString('base64')}`;
const ecdsaType = Buffer.from('ecdsa-sha2-nistp256');
const wholeEcdsaLine = `ecdsa-sha2-nistp256 ${Buffer.concat([Buffer.from([0, 0, 0, ecdsaType.length]), ecdsaType, Buffer.from([0, 0, 0, 1, 7])]).toString('base64')}`;

describe('an import', () => {
  it.each<[ServiceName, string, string, string]>([
    ['ens', 'an RSA key', rsaLine, ''],
    ['ens', 'an ed25519 key', ed25519Line, 'InvalidParameter.PublicKeyBody'],
    ['ens', 'an empty key', '', 'MissingParameter'],
    ['ecs', 'an RSA key with a comment', `${rsaLine} me@here`, ''],
    ['ecs', 'an ECDSA key', wholeEcdsaLine, ''],
    ['ecs', 'half an ECDSA key', ecdsaLine, 'InvalidPublicKeyBody.Malformed'],
    ['ecs', 'an ed25519 key', ed25519Line, 'InvalidPublicKeyBody.Malformed'],
    ['ecs', 'prose', 'ssh-rsa is not a key', 'InvalidPublicKeyBody.Malformed'],
    ['ecs', 'an empty key', '', 'MissingParameter'],
    ['cvm', 'an RSA key', rsaLine, ''],
    ['cvm', 'an ed25519 key', ed25519Line, 'InvalidPublicKey.Malformed'],
    ['cvm', 'prose', 'ssh-rsa is not a key', 'InvalidPublicKey.Malformed'],
  ])('gets the answer of %s for %s', async (service, _what, key, code) => {
    const clouds = await started();
    const name = createCall(service, 'mine');
    const answer = await call(clouds, service, 'ImportKeyPair', {
      ...name,
      [service === 'cvm' ? 'PublicKey' : 'PublicKeyBody']: key,
    });
    expect(answer.code).toBe(code);
    expect(clouds.admin.pairs()).toHaveLength(code ? 0 : 1);
  });

  it('is refused by cvm alone for a key that it knows already, whatever its name and comment', async () => {
    const clouds = await started();
    for (const service of ['ens', 'ecs', 'cvm'] as const) {
      const field = service === 'cvm' ? 'PublicKey' : 'PublicKeyBody';
      await call(clouds, service, 'ImportKeyPair', { ...createCall(service, 'one'), [field]: rsaLine });
      const again = await call(clouds, service, 'ImportKeyPair', {
        ...createCall(service, 'two'),
        [field]: `${rsaLine} x`,
      });
      expect(again.code).toBe(service === 'cvm' ? 'InvalidPublicKey.Duplicate' : '');
    }
  });
});

describe('a delete', () => {
  it('goes by name or by id on ENS, and removes one pair only', async () => {
    const clouds = await started();
    const [, second] = await created(clouds, 'ens', ['a1', 'a2', 'a3']);
    await call(clouds, 'ens', 'DeleteKeyPairs', { KeyPairName: 'a1' });
    await call(clouds, 'ens', 'DeleteKeyPairs', { KeyPairId: second?.body.KeyPairId });
    expect(clouds.admin.pairs().map(({ name }) => name)).toEqual(['a3']);
    expect((await call(clouds, 'ens', 'DeleteKeyPairs', {})).code).toBe('MissingParameter');
  });

  it('takes several names in one JSON array on ECS', async () => {
    const clouds = await started();
    await created(clouds, 'ecs', ['a1', 'a2', 'a3']);
    const answer = await call(clouds, 'ecs', 'DeleteKeyPairs', { KeyPairNames: '["a1","a3"]' });
    expect(Object.keys(answer.body)).toEqual(['RequestId']);
    expect(clouds.admin.pairs().map(({ name }) => name)).toEqual(['a2']);
  });

  it.each<[string, Fields, string]>([
    ['no names', {}, 'MissingParameter'],
    ['a name that is not an array', { KeyPairNames: 'a1' }, 'InvalidKeyPairNames.ValueNotSupported'],
    ['an empty array', { KeyPairNames: '[]' }, 'InvalidKeyPairNames.ValueNotSupported'],
    ['numbers', { KeyPairNames: '[1]' }, 'InvalidKeyPairNames.ValueNotSupported'],
    ['101 names', { KeyPairNames: JSON.stringify(Array(101).fill('a')) }, 'InvalidKeyPairNames.ValueNotSupported'],
  ])('is refused by ECS for %s', async (_name, fields, code) => {
    expect(await call(await started(), 'ecs', 'DeleteKeyPairs', fields)).toMatchObject({ code });
  });

  it('removes all pairs or none on CVM', async () => {
    const clouds = await started();
    const [one, two] = (await created(clouds, 'cvm', ['a1', 'a2'])).map(idOf);
    const unknown = await call(clouds, 'cvm', 'DeleteKeyPairs', { KeyIds: [one, 'skey-00000000'] });
    expect(unknown.code).toBe('InvalidKeyPairId.NotFound');
    expect((await call(clouds, 'cvm', 'DeleteKeyPairs', { KeyIds: [one, 'skey-1'] })).code).toBe(
      'InvalidKeyPairId.Malformed',
    );
    expect(clouds.admin.pairs()).toHaveLength(2);
    expect((await call(clouds, 'cvm', 'DeleteKeyPairs', { KeyIds: [one, two] })).code).toBe('');
    expect(clouds.admin.pairs()).toEqual([]);
  });

  it.each([
    ['ens', { KeyPairName: 'a1' }, 'PubKeyAttachedWithInstance'],
    ['ecs', { KeyPairNames: '["a1"]' }, 'InvalidParameter.KeypairAlreadyAttachedInstance'],
    ['cvm', undefined, 'InvalidParameterValue.KeyPairNotSupported'],
  ] as const)(
    'is refused by %s for a pair that is attached to an instance, until it is detached',
    async (service, byName, code) => {
      const clouds = await started();
      await created(clouds, service, ['a1']);
      const [pair] = clouds.admin.pairs();
      const which = byName ?? { KeyIds: [pair!.id] };
      await clouds.admin.attach(pair!.id, ['i-1']);
      expect((await call(clouds, service, 'DeleteKeyPairs', which)).code).toBe(code);
      await clouds.admin.attach(pair!.id, []);
      expect((await call(clouds, service, 'DeleteKeyPairs', which)).code).toBe('');
    },
  );
});

describe('CVM’s limit of requests per second', () => {
  it('counts by action and region on the server’s clock, and is reported in the real words', async () => {
    const nowMs = Date.parse('2026-03-01T12:00:00Z');
    const clouds = await started({ clock: testClock(nowMs), limits: { 'cvm.requestsPerSecond': 10 } });
    const ask = (action = 'DescribeKeyPairs', region = 'ap-guangzhou') =>
      call(clouds, 'cvm', action, {}, { nowMs, region });
    for (let n = 0; n < 10; n += 1) expect((await ask()).code).toBe('');
    expect(await ask()).toMatchObject({
      status: 200,
      code: 'RequestLimitExceeded',
      message:
        'Your current request times equals to `11` in a second, which exceeds the frequency limit `10` for a second. Please reduce the frequency of calls.',
    });
    expect((await ask()).message).toContain('`12`');
    expect((await ask('DescribeKeyPairs', 'ap-tokyo')).code).toBe('');
    expect((await ask('CreateKeyPair')).code).toBe('MissingParameter');
    clouds.admin.advanceClock(1000);
    expect((await ask()).code).toBe('');
  });
});

/** Hands out keys only once that many requests wait for one, all of which have found the name free by then. */
class Gate extends KeySource {
  readonly #open = Promise.withResolvers<void>();
  #missing: number;

  constructor(callers: number) {
    super({ ready: 0, combinations: 10 });
    this.#missing = callers;
  }

  override async take(bits: number): Promise<NewKey> {
    this.#missing -= 1;
    if (this.#missing === 0) this.#open.resolve();
    await this.#open.promise;
    return super.take(bits);
  }
}

describe('creates of one name at the same time', () => {
  it.each(['ens', 'ecs', 'cvm'] as const)('have one winner on %s', async (service) => {
    const clouds = await started({ keys: new Gate(5) });
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => call(clouds, service, 'CreateKeyPair', createCall(service, 'a1'))),
    );
    expect(answers.filter(({ code }) => code === '')).toHaveLength(1);
    expect(clouds.admin.pairs()).toHaveLength(1);
  });
});

describe('a name', () => {
  const long = 'a'.repeat(128);
  it.each<[ServiceName, string, boolean]>([
    ...(['ens', 'ecs'] as const).flatMap((service): [ServiceName, string, boolean][] => [
      [service, 'a1', true],
      [service, 'a:b_c-d', true],
      [service, long, true],
      [service, 'httpx', true],
      [service, 'a', false],
      [service, `${long}a`, false],
      [service, '-a', false],
      [service, 'a.b', false],
      [service, 'http://a', false],
      [service, 'https://a', false],
      [service, 'a b', false],
      [service, 'a1\n', false],
    ]),
    ['cvm', 'a', true],
    ['cvm', '_1', true],
    ['cvm', 'a'.repeat(25), true],
    ['cvm', 'a'.repeat(26), false],
    ['cvm', 'a-b', false],
    ['cvm', 'ключ', false],
  ])('is accepted by %s only if it is well formed: %j (accepted: %s)', async (service, name, taken) => {
    const { code } = await call(await started(), service, 'CreateKeyPair', createCall(service, name));
    expect(code === '').toBe(taken);
  });
});
