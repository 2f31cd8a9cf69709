// What the functions have is said by their schedule, and whoever has something else is told what.
import { describe, expect, it } from 'vitest';
import { assertConfiguration, type Digests, forgetConfiguration } from '../../../lib/application/one-configuration.ts';
import { rotationJobs } from '../../../lib/application/rotation-jobs.ts';
import type { ForRotation, Runtime } from '../../../lib/application/runtime.ts';
import type { Hosts } from '../../../lib/hosts/hosts.ts';
import { configurationFrom } from '../../../lib/platforms/configuration.ts';
import { ownConfiguration } from '../../../lib/platforms/own-configuration.ts';
import { rotationDefaults } from '../../doubles/rotation-defaults.ts';
import { world } from '../vending/world.ts';

function started() {
  const { clock, ledger, worker } = world('ecs');
  const log = { info() {}, warn() {}, failed() {} };
  const scheduled = (own: Digests) => {
    const rotation = { defaults: rotationDefaults, leaseMs: 1, graceMs: 1 };
    const runtime = { ...worker(), ledger: async () => ledger, log, rotation, own: () => own } as unknown;
    const jobs = rotationJobs(
      runtime as Runtime & ForRotation,
      () => Promise.reject(new TypeError('none')),
      {} as Hosts,
    );
    return jobs.handOutDue();
  };
  const here = (own: Digests) => assertConfiguration(ledger, clock, own);
  return { clock, ledger, scheduled, here };
}

describe('what the functions go by', () => {
  it('is stated by their schedule, and a command that has something else is refused with the names', async () => {
    const { scheduled, here } = started();
    await here({ AGE: '1' }); // nothing was stated yet
    await scheduled({ AGE: '1', STRICT: '1' });
    await here({ AGE: '1' });
    await expect(here({ AGE: '2', STRICT: '1' })).rejects.toMatchObject({
      code: 'CONFIGURATION_DIFFERS',
      message: expect.stringMatching(/another AGE\. /),
    });
    await scheduled({ AGE: '2', STRICT: '1' });
    await here({ AGE: '2' });
  });

  it('is forgotten where a ledger from a backup is confirmed', async () => {
    const { clock, ledger, scheduled, here } = started();
    await scheduled({ AGE: '1' });
    clock.advance(400 * 86_400_000);
    await expect(here({ AGE: '2' })).rejects.toMatchObject({ code: 'CONFIGURATION_DIFFERS' });
    await forgetConfiguration(ledger);
    await here({ AGE: '2' });
  });
});

describe('what a process goes by', () => {
  const environment = {
    ...{ KEYVEND_PLATFORM: 'local', KEYVEND_LEDGER: 'sqlite', KEYVEND_STORE: 'embedded', KEYVEND_DEPLOYMENT: 'a' },
    ...{ KEYVEND_HOME: 'here', KEYVEND_ACCESS: 'access.json', KEYVEND_ISSUER: 'i', KEYVEND_AUDIENCE: 'a' },
    ...{ KEYVEND_JWKS_URI: 'http://127.0.0.1/', KEYVEND_UPSTREAM: '{"ecs":{}}' },
  };
  const changed = (over: Record<string, string>) => {
    const [one, other] = [ownConfiguration(environment, 'all'), ownConfiguration({ ...environment, ...over }, 'all')];
    return Object.keys(one).filter((name) => one[name] !== other[name]);
  };

  it('is the same where a variable is left out, and where it says what is usual', () => {
    configurationFrom(environment);
    expect(changed({ KEYVEND_MAX_AGE_DAYS: '0', KEYVEND_OVERLAP_DAYS: '7', KEYVEND_COVERAGE: '1.0' })).toEqual([]);
  });

  it.each([
    'KEYVEND_MAX_AGE_DAYS',
    'KEYVEND_AGE_SPREAD',
    'KEYVEND_OVERLAP_DAYS',
    'KEYVEND_HOST_NETWORKS',
    'KEYVEND_ECS_QUOTA',
  ])('is something else with another %s', (name) => {
    expect(changed({ [name]: name.endsWith('NETWORKS') ? '10.0.0.0/8' : '1' })).toEqual([name]);
  });

  it.each(['KEYVEND_HOME', 'KEYVEND_UPSTREAM', 'KEYVEND_ECS_ENDPOINT', 'KEYVEND_CA_FILE', 'KEYVEND_JWKS_URI'])(
    'does not depend on where it runs: %s',
    (name) => {
      expect(changed({ [name]: 'http://127.0.0.1:1/' })).toEqual([]);
    },
  );

  it('stays the same when the password of a database is changed', () => {
    const at = (password: string) => ({
      ...{ KEYVEND_LEDGER: 'postgres', KEYVEND_POSTGRES_PASSWORD_FILE: `/run/${password}` },
      KEYVEND_POSTGRES_URL: `postgres://keyvend:${password}@db.example/keyvend`,
    });
    const of = (over: Record<string, string>) => ownConfiguration({ ...environment, ...over }, 'all');
    expect(of(at('second'))).toEqual(of(at('first')));
    expect(of({ ...at('first'), KEYVEND_POSTGRES_SCHEMA: 'other' })).not.toEqual(of(at('first')));
  });
});
