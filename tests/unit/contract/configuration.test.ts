import { describe, expect, it } from 'vitest';
import { checkedBy, configurationFrom } from '../../../lib/contract/configuration.ts';
import { rotationConfiguration } from '../../../lib/contract/rotation-configuration.ts';
import { settingsFrom } from '../../../lib/runtime/settings.ts';

const common = {
  KEYVEND_DEPLOYMENT: 'main',
  KEYVEND_ISSUER: 'https://issuer.example',
  KEYVEND_AUDIENCE: 'keyvend',
  KEYVEND_JWKS_URI: 'https://issuer.example/jwks',
};
const local = { ...common, KEYVEND_PLATFORM: 'local', KEYVEND_HOME: '/var/keyvend', KEYVEND_UPSTREAM: '{}' };

describe('the configuration', () => {
  it('has defaults for what need not be said', () => {
    expect(configurationFrom(local)).toMatchObject({ KEYVEND_STRICT: 'false', KEYVEND_LEASE_MS: 35_000 });
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['nothing', {}, /KEYVEND_PLATFORM/],
    ['no home', { ...local, KEYVEND_HOME: '' }, /KEYVEND_HOME/],
    [
      'two wrong ones',
      { ...local, KEYVEND_DEPLOYMENT: 'A B', KEYVEND_LEASE_MS: 'soon' },
      /KEYVEND_DEPLOYMENT.*KEYVEND_LEASE_MS/,
    ],
    ['AWS without a table', { ...common, KEYVEND_PLATFORM: 'aws' }, /KEYVEND_TABLE.*KEYVEND_KMS_KEY/],
  ])('names what is missing or wrong, without its value: %s', (_, environment, named) => {
    const start = () => configurationFrom(environment);
    expect(start).toThrow(TypeError);
    expect(start).toThrow(named);
    expect(start).not.toThrow(/soon|A B/);
  });
});

describe("rotation's part of the configuration", () => {
  const queue = { KEYVEND_ROTATION_QUEUE_URL: 'https://sqs.example/keyvend-rotation' };
  const from = (environment: Record<string, string>) => checkedBy(rotationConfiguration(), environment);

  it('has defaults for all but the queue, and takes fractions of days', () => {
    expect(from(queue)).toMatchObject({ KEYVEND_OVERLAP_DAYS: 7, KEYVEND_COVERAGE: 1, KEYVEND_GRACE_DAYS: 30 });
    expect(from({ ...queue, KEYVEND_OVERLAP_DAYS: '0.00002' })).toMatchObject({ KEYVEND_OVERLAP_DAYS: 0.00002 });
  });

  it('leaves the age that a key may have to everyone: vending marks when it is due', () => {
    expect(settingsFrom(configurationFrom(local))).not.toHaveProperty('maxAgeMs');
    const { maxAgeMs } = settingsFrom(configurationFrom({ ...local, KEYVEND_MAX_AGE_DAYS: '90.5' }));
    expect(maxAgeMs).toBe(90.5 * 86_400_000);
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['no queue', {}, /KEYVEND_ROTATION_QUEUE_URL/],
    ['no coverage', { ...queue, KEYVEND_COVERAGE: '0' }, /KEYVEND_COVERAGE/],
    ['more than all', { ...queue, KEYVEND_COVERAGE: '1.1' }, /KEYVEND_COVERAGE/],
    ['too many at once', { ...queue, KEYVEND_MAX_PARALLEL_HOSTS: '51' }, /KEYVEND_MAX_PARALLEL_HOSTS/],
    [
      'a word',
      { ...queue, KEYVEND_OVERLAP_DAYS: 'week', KEYVEND_RECORD_HOST_KEYS: 'yes' },
      /OVERLAP_DAYS.*RECORD_HOST/,
    ],
  ])('names what is missing or wrong: %s', (_, environment, named) => expect(() => from(environment)).toThrow(named));
});
