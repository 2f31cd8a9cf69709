// What the clouds' pages leave open: the adapters work with every answer, and never make two pairs or lose one for it.
import { describe, expect, it } from 'vitest';
import { fingerprintEvidence } from '../../lib/ssh/evidence.ts';
import { parsePrivateKey } from '../../lib/ssh/private-key.ts';
import { digestNames } from '../../local/clouds/keys/digests.ts';
import { privateKeyFormats } from '../../local/clouds/keys/private-key-formats.ts';
import { type Behaviour, switches } from '../../local/clouds/settings/behaviour.ts';
import { serviceNames } from '../../local/clouds/state/registry.ts';
import { failureOf } from './key-pair-provider.ts';
import { type LocalHarness, localCloud } from './local-clouds.ts';

const call = { timeoutMs: 10_000 };

/** The life of a pair: whatever the switch, it is made once, found, listed, and goes for good. */
async function aLife({ provider, pair, region, names, publicKey, stranger }: LocalHarness): Promise<void> {
  for (const name of ['web_10', 'aweb_1']) await stranger(name);
  const made = await provider.create(pair('web_1'), call);
  const key = parsePrivateKey(made.privateKey);
  expect(fingerprintEvidence(made.fingerprint, key)).not.toBe('contradicts');
  await provider.import({ ...pair('web_2'), publicKey: publicKey() }, call);

  let found = await provider.find({ region, name: 'web_1' }, call);
  for (let more = 0; found.pairs.length === 0 && more < 3; more += 1)
    found = await provider.find({ region, name: 'web_1' }, call);
  expect(found.pairs.map(({ name }) => name)).toEqual(['web_1']);
  expect(fingerprintEvidence(found.pairs[0]?.fingerprint ?? '', key)).not.toBe('contradicts');
  expect((await provider.list({ region }, call)).pairs.map(({ name }) => name).sort()).toEqual([
    'aweb_1',
    'web_1',
    'web_10',
    'web_2',
  ]);

  expect(await provider.remove({ region, name: 'web_1', id: made.id }, call)).toBe('removed');
  expect(names()).toEqual(['web_10', 'aweb_1', 'web_2']);
}

const values: Record<string, readonly unknown[]> = Object.fromEntries(
  Object.entries(switches).map(([name, { allowed }]) => [
    name,
    allowed.startsWith('a whole number')
      ? [0, 2]
      : allowed.split(' | ').map((word) => (/^(true|false|\d+)$/.test(word) ? JSON.parse(word) : word)),
  ]),
);
/** Of services that no adapter of a provider asks. */
const ofOthers = /^(?:kms|eventbridge|smq)\./;
// Elsewhere in this file, or too slow for every test run.
const left = ['describe.lagMs', 'ens.keyBits', 'ecs.keyBits', 'cvm.keyBits'];

for (const provider of serviceNames) {
  describe(`the ${provider.toUpperCase()} adapter`, () => {
    const start = localCloud(provider);
    const cases = Object.entries(values)
      .filter(([name]) => !left.includes(name) && !ofOthers.test(name))
      .filter(([name]) => !serviceNames.some((other) => other !== provider && name.startsWith(`${other}.`)))
      .flatMap(([name, all]) => all.map((value) => [name, value] as const));

    it.each(cases)('makes, finds, lists and removes a pair when %s is %s', async (name, value) => {
      const cloud = await start();
      cloud.clouds.admin.setBehaviour({ [name]: value } as Partial<Behaviour>);
      await aLife(cloud);
    });

    it.each([1024, 3072])('reads RSA keys of %i bits', async (bits) => {
      const cloud = await start();
      cloud.clouds.admin.setBehaviour({ [`${provider}.keyBits`]: bits });
      const { privateKey } = await cloud.provider.create(cloud.pair('web_1'), call);
      expect(parsePrivateKey(privateKey).bits).toBe(bits);
    });

    it.each(privateKeyFormats)('reads a private key sent as %s, with a fingerprint by every digest', async (format) => {
      const cloud = await start();
      for (const [i, digest] of digestNames.entries()) {
        cloud.fault('create', { kind: 'variant', format, digest, colons: i % 2 === 0 });
        const made = await cloud.provider.create(cloud.pair(`web_${i}`), call);
        expect(fingerprintEvidence(made.fingerprint, parsePrivateKey(made.privateKey))).toBe('agrees');
      }
    });

    it('notices a fingerprint or a private key that belongs to another pair', async () => {
      const cloud = await start();
      for (const kind of ['wrong-fingerprint', 'other-private-key'] as const) {
        cloud.fault('create', { kind });
        const made = await cloud.provider.create(cloud.pair(kind.replaceAll('-', '_')), call);
        const key = parsePrivateKey(made.privateKey);
        expect(fingerprintEvidence(made.fingerprint, key)).toBe('contradicts');
      }
    });
  });
}

describe('a taken name on ENS', () => {
  const start = localCloud('ens');
  it.each(values['ens.duplicateName'] as Behaviour['ens.duplicateName'][])(
    'loses no pair when the answer to it is "%s"',
    async (answer) => {
      const { clouds, provider, pair, names, region } = await start();
      clouds.admin.setBehaviour({ 'ens.duplicateName': answer });
      await provider.create(pair('web_1'), call);
      const again = provider.create(pair('web_1'), call);
      if (answer === 'accepted') {
        await again;
        const { pairs } = await provider.find({ region, name: 'web_1' }, call);
        expect(new Set(pairs.map(({ id }) => id)).size).toBe(2);
        return;
      }
      expect(await failureOf(again)).toMatchObject({ effect: 'unknown' });
      expect(names()).toEqual(['web_1']);
    },
  );
});

describe('a damaged answer after the pair was made', () => {
  const fields = {
    ens: ['KeyPairId', 'PrivateKeyBody', 'KeyPairFingerPrint'],
    ecs: ['KeyPairId', 'PrivateKeyBody', 'KeyPairFingerPrint'],
    cvm: ['KeyPair.KeyId', 'KeyPair.PrivateKey', 'KeyPair.PublicKey', 'KeyPair'],
  };
  for (const provider of serviceNames) {
    const start = localCloud(provider);
    const cases = fields[provider].flatMap((field) => [
      [field, 'missing-field'] as const,
      [field, 'wrong-type'] as const,
    ]);
    it.each(cases)(`leaves the outcome on ${provider} unknown when the damage to %s is "%s"`, async (field, kind) => {
      const { fault, provider: adapter, pair, names } = await start();
      fault('create', { kind, field });
      const failure = await failureOf(adapter.create(pair('web_1'), call));
      expect(failure).toMatchObject({ code: 'OUTCOME_UNKNOWN', effect: 'unknown' });
      expect(names()).toEqual(['web_1']);
    });
  }
});

describe.each(['ens', 'ecs'] as const)('an error under HTTP 200 from %s', (provider) => {
  const start = localCloud(provider);
  it('is an error all the same', async () => {
    const { fault, provider: adapter, pair } = await start();
    fault('create', { kind: 'error-in-200', code: 'NoPermission' });
    expect(await failureOf(adapter.create(pair('web_1'), call))).toMatchObject({ code: 'PERMISSION_DENIED' });
  });
});
