import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { checkedBy } from '../../../lib/environment.ts';
import { ledgers } from '../../../lib/ledger/ledger-table.ts';
import { configurationFrom, variablesOf } from '../../../lib/platforms/configuration.ts';
import { platforms } from '../../../lib/platforms/platform-table.ts';
import { rotationConfiguration } from '../../../lib/platforms/rotation-configuration.ts';
import { settingsFrom } from '../../../lib/platforms/settings.ts';
import { forEachProvider, type ProviderName, rowOf } from '../../../lib/provider-table.ts';
import { MOST_TAGS } from '../../../lib/secret-traits.ts';
import { storeRowOf, stores } from '../../../lib/secrets/store-table.ts';

const common = {
  KEYVEND_DEPLOYMENT: 'main',
  KEYVEND_ISSUER: 'https://issuer.example',
  KEYVEND_ACCESS: 'access.json',
  KEYVEND_AUDIENCE: 'keyvend',
  KEYVEND_JWKS_URI: 'https://issuer.example/jwks',
};
const onOneMachine = { KEYVEND_PLATFORM: 'local', KEYVEND_LEDGER: 'sqlite', KEYVEND_STORE: 'embedded' };
const onAws = { KEYVEND_PLATFORM: 'aws', KEYVEND_LEDGER: 'dynamodb', KEYVEND_STORE: 'secrets-manager' };
const local = { ...common, ...onOneMachine, KEYVEND_HOME: '/var/keyvend', KEYVEND_UPSTREAM: '{}' };

type Variables = ReturnType<typeof variablesOf>;
const needed = (variables: Variables): string[] =>
  Object.keys(variables).filter((name) => !z.safeParse(variables[name]!, undefined).success);

describe('the configuration', () => {
  it.each(
    Object.entries(platforms).flatMap(([platform, { variables: ofPlatform }]) =>
      Object.entries(ledgers).flatMap(([ledger, { variables: ofLedger }]) =>
        Object.entries(stores).map(
          ([store, { variables: ofStore }]) => [platform, ledger, store, [ofPlatform, ofLedger, ofStore]] as const,
        ),
      ),
    ),
  )('needs, on %s with %s and %s, whatever one of the three cannot do without', (platform, ledger, store, own) => {
    const chosen = { KEYVEND_PLATFORM: platform, KEYVEND_LEDGER: ledger, KEYVEND_STORE: store };
    let whole: Variables;
    try {
      whole = variablesOf(chosen);
    } catch (error) {
      return expect((error as Error).message).toMatch(/choose another/);
    }
    expect(needed(whole)).toEqual(expect.arrayContaining(own.flatMap((variables) => needed(variables()))));
  });

  it('has defaults for what need not be set', () => {
    expect(configurationFrom(local)).toMatchObject({ KEYVEND_STRICT: 'false', KEYVEND_LEASE_MS: 35_000 });
  });

  it('says how old the keys of the issuer may get, up to the hour they are usable for, and how long a token may be valid', () => {
    const seconds = (fresh: string, lifetime: string) =>
      configurationFrom({ ...local, KEYVEND_KEYS_FRESH_SECONDS: fresh, KEYVEND_TOKEN_LIFETIME_SECONDS: lifetime });
    expect(configurationFrom(local)).toMatchObject({
      KEYVEND_KEYS_FRESH_SECONDS: 300,
      KEYVEND_TOKEN_LIFETIME_SECONDS: 86_400,
    });
    expect(seconds('60', '600')).toMatchObject({ KEYVEND_KEYS_FRESH_SECONDS: 60, KEYVEND_TOKEN_LIFETIME_SECONDS: 600 });
    expect(() => seconds('0', '600')).toThrow('KEYVEND_KEYS_FRESH_SECONDS');
    expect(() => seconds('3601', '600')).toThrow('KEYVEND_KEYS_FRESH_SECONDS');
    expect(() => seconds('60', '0')).toThrow('KEYVEND_TOKEN_LIFETIME_SECONDS');
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['an empty environment', {}, /KEYVEND_PLATFORM, KEYVEND_LEDGER, KEYVEND_STORE/],
    ['an unknown ledger', { ...local, KEYVEND_LEDGER: 'constructor' }, /KEYVEND_LEDGER/],
    ['a missing home', { ...local, KEYVEND_HOME: '' }, /KEYVEND_HOME/],
    [
      'two wrong variables',
      { ...local, KEYVEND_DEPLOYMENT: 'A B', KEYVEND_LEASE_MS: 'soon' },
      /KEYVEND_DEPLOYMENT.*KEYVEND_LEASE_MS/,
    ],
    ['AWS without a table', { ...common, ...onAws }, /KEYVEND_KMS_KEY.*KEYVEND_TABLE/],
  ])('names what is missing or wrong, without its value, for %s', (_, environment, named) => {
    const start = () => configurationFrom(environment);
    expect(start).toThrow(TypeError);
    expect(start).toThrow(named);
    expect(start).not.toThrow(/soon|A B/);
  });

  it.each([
    ['sqlite', 'secrets-manager', 'KEYVEND_LEDGER=sqlite'],
    ['dynamodb', 'embedded', 'KEYVEND_STORE=embedded'],
  ])(
    'refuses the ledger %s with the store %s for functions on many machines, and names the one at fault',
    (KEYVEND_LEDGER, KEYVEND_STORE, named) => {
      const start = () => configurationFrom({ ...common, KEYVEND_PLATFORM: 'aws', KEYVEND_LEDGER, KEYVEND_STORE });
      expect(start).toThrow(`${named} works on one machine only, and KEYVEND_PLATFORM=aws runs on many`);
    },
  );

  it.each([
    ['aws', 'postgres', 'secrets-manager', 'KEYVEND_LEDGER=postgres: choose another, dynamodb'],
    ['aws', 'dynamodb', 'kv', 'KEYVEND_STORE=kv: choose another, secrets-manager'],
    ['aws', 'dynamodb', 'kms', 'KEYVEND_STORE=kms: choose another, secrets-manager'],
    ['fc', 'postgres', 'secrets-manager', 'KEYVEND_STORE=secrets-manager: choose another, kv or kms'],
  ])(
    'refuses on %s the ledger %s with the store %s, of which nothing is packaged, and says what there is',
    (KEYVEND_PLATFORM, KEYVEND_LEDGER, KEYVEND_STORE, said) => {
      const start = () => configurationFrom({ ...common, KEYVEND_PLATFORM, KEYVEND_LEDGER, KEYVEND_STORE });
      expect(start).toThrow(`KEYVEND_PLATFORM=${KEYVEND_PLATFORM} does not work with ${said}`);
    },
  );

  it('lets one machine keep its records or its keys elsewhere, independently of each other', () => {
    const aws = { AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'secret' };
    const keys = { ...local, ...aws, KEYVEND_STORE: 'secrets-manager', KEYVEND_KMS_KEY: 'alias/keyvend' };
    const records = { ...local, ...aws, KEYVEND_LEDGER: 'dynamodb', KEYVEND_TABLE: 'keyvend' };
    for (const environment of [keys, records])
      expect(configurationFrom(environment)).toMatchObject({ KEYVEND_DEPLOYMENT: 'main' });
  });

  const aws = { AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'secret' };
  const atSecretsManager = { ...local, ...aws, KEYVEND_STORE: 'secrets-manager', KEYVEND_KMS_KEY: 'alias/keyvend' };

  it('has tags for every secret, as the text of a JSON object, or none', () => {
    const tagsBy = (said: string) =>
      settingsFrom(configurationFrom({ ...atSecretsManager, KEYVEND_SECRET_TAGS: said }));
    expect(tagsBy('{"cost-center":"4711"}').secretTags).toEqual({ 'cost-center': '4711' });
    for (const none of ['', '{}']) expect(tagsBy(none).secretTags).toEqual({});
    expect(settingsFrom(configurationFrom(local))).toMatchObject({ secretTags: {}, secretTraits: { ownKeys: false } });
  });

  it.each(['team=web', '[]', '"web"', 'null', '{"team":1}', '{"keyvend":"x"}', '{"AWS:x":"y"}', '{"team":"web team"}'])(
    'refuses tags of secrets that can be none, without repeating them: %s',
    (said) => {
      const start = () => configurationFrom({ ...atSecretsManager, KEYVEND_SECRET_TAGS: said });
      expect(start).toThrow('missing or wrong in the environment: KEYVEND_SECRET_TAGS');
    },
  );

  it.each(Object.keys(stores) as (keyof typeof stores)[])(
    'says so where the store %s has no room for the tags',
    (name) => {
      const { mostTags = 0 } = storeRowOf(name);
      const tags = (count: number) =>
        JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [`t${i}`, 'v'])));
      const kms = { KEYVEND_ALIBABA_KMS_REGION: 'cn-hangzhou' };
      const kv = {
        KEYVEND_KV_ADDRESS: 'https://bao.example',
        KEYVEND_KV_LOGIN: 'token',
        KEYVEND_KV_TOKEN_FILE: '/token',
      };
      const started = (count: number) =>
        configurationFrom({
          ...atSecretsManager,
          ...kms,
          ...kv,
          KEYVEND_STORE: name,
          KEYVEND_SECRET_TAGS: tags(count),
        });
      expect(started(mostTags)).toMatchObject({ KEYVEND_STORE: name });
      if (mostTags < MOST_TAGS)
        expect(() => started(mostTags + 1)).toThrow(new RegExp(`^KEYVEND_SECRET_TAGS .*KEYVEND_STORE=${name} `));
    },
  );

  it.each([
    'KEYVEND_ECS_ENDPOINT',
    'KEYVEND_ENS_ENDPOINT',
    'KEYVEND_TENCENT_STS_ENDPOINT',
    'KEYVEND_ALIBABA_SCALING_ENDPOINT',
  ])('takes a host for %s, or nothing for the own one of the cloud, and no more than a host', (name) => {
    const given = (value: string) => configurationFrom({ ...local, [name]: value })[name];
    expect(configurationFrom(local)[name]).toBeUndefined();
    expect(given('')).toBeUndefined();
    for (const host of ['https://ecs.example', 'http://127.0.0.1:4010', 'https://[2001:db8::1]:8443'])
      expect([given(host), given(`${host}/`)]).toEqual([host, host]);
    for (const wrong of [
      'ecs.example',
      'https://',
      'https://ecs.example/v1',
      'https://a:b@ecs.example',
      'ftp://ecs.example',
      ' ',
    ])
      expect(() => given(wrong)).toThrow(new TypeError(`missing or wrong in the environment: ${name}`));
  });

  it("has every provider's settings, with the defaults of its row", () => {
    const { signatureWindowMs, quotas, callsPerSecond } = settingsFrom(configurationFrom(local));
    const of = <T>(value: (provider: ProviderName) => T) => forEachProvider(value);
    expect(signatureWindowMs).toEqual(of((provider) => rowOf(provider).signatureWindowMs));
    expect(quotas).toEqual(of((provider) => rowOf(provider).quota));
    expect(callsPerSecond).toMatchObject({ cvm: 10 });
    expect(callsPerSecond).not.toHaveProperty('ens');
    const other = settingsFrom(
      configurationFrom({ ...local, KEYVEND_CVM_QUOTA: '7', KEYVEND_ALIBABA_WINDOW_MS: '900001' }),
    );
    expect(other.quotas).toMatchObject({ cvm: 7, ecs: 500 });
    expect(other.signatureWindowMs).toMatchObject({ ens: 900_001, ecs: 900_001, cvm: 300_000 });
  });
});

describe("rotation's part of the configuration", () => {
  const queue = { KEYVEND_ROTATION_QUEUE_URL: 'https://sqs.example/keyvend-rotation' };
  const from = (environment: Record<string, string>) => checkedBy(rotationConfiguration(), environment);

  it('has defaults for all but the queue, and takes fractions of days', () => {
    expect(from(queue)).toMatchObject({ KEYVEND_OVERLAP_DAYS: 7, KEYVEND_COVERAGE: 1, KEYVEND_GRACE_DAYS: 30 });
    expect(from({ ...queue, KEYVEND_OVERLAP_DAYS: '0.00002' })).toMatchObject({ KEYVEND_OVERLAP_DAYS: 0.00002 });
  });

  it('leaves the maximum age of a key to the common settings, since vending marks when a key is due', () => {
    expect(settingsFrom(configurationFrom(local))).not.toHaveProperty('maxAgeMs');
    const { maxAgeMs } = settingsFrom(configurationFrom({ ...local, KEYVEND_MAX_AGE_DAYS: '90.5' }));
    expect(maxAgeMs).toBe(90.5 * 86_400_000);
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['a missing queue', {}, /KEYVEND_ROTATION_QUEUE_URL/],
    ['a network that is none', { ...queue, KEYVEND_HOST_NETWORKS: '10.0.0.1/8' }, /KEYVEND_HOST_NETWORKS/],
    ['loopback as a network of hosts', { ...queue, KEYVEND_HOST_NETWORKS: '127.0.0.0/8' }, /KEYVEND_HOST_NETWORKS/],
    ['metadata as a network of hosts', { ...queue, KEYVEND_HOST_NETWORKS: '169.254.0.0/16' }, /KEYVEND_HOST_NETWORKS/],
    ['a pattern that is more than a suffix', { ...queue, KEYVEND_HOST_NAMES: 'web-*.example' }, /KEYVEND_HOST_NAMES/],
    ['a port that is none', { ...queue, KEYVEND_HOST_PORTS: '22,99999' }, /KEYVEND_HOST_PORTS/],
    ['a coverage of nothing', { ...queue, KEYVEND_COVERAGE: '0' }, /KEYVEND_COVERAGE/],
    ['a coverage of more than everything', { ...queue, KEYVEND_COVERAGE: '1.1' }, /KEYVEND_COVERAGE/],
    ['too many hosts at once', { ...queue, KEYVEND_MAX_PARALLEL_HOSTS: '51' }, /KEYVEND_MAX_PARALLEL_HOSTS/],
    [
      'words that mean nothing',
      { ...queue, KEYVEND_OVERLAP_DAYS: 'week', KEYVEND_RECORD_HOST_KEYS: 'yes' },
      /OVERLAP_DAYS.*RECORD_HOST/,
    ],
  ])('names what is missing or wrong, for %s', (_, environment, named) =>
    expect(() => from(environment)).toThrow(named),
  );
});

describe('the local platform with ledger and store elsewhere', () => {
  it('knows its folder all the same: the trail is kept there', () => {
    const home = variablesOf({
      KEYVEND_PLATFORM: 'local',
      KEYVEND_LEDGER: 'postgres',
      KEYVEND_STORE: 'kv',
    }).KEYVEND_HOME;
    expect(z.safeParse(home!, '/var/keyvend').success).toBe(true);
  });
});
