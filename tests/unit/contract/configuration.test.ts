import { describe, expect, it } from 'vitest';
import { configurationFrom } from '../../../lib/contract/configuration.ts';

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
