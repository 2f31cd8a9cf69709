// Every time that can be set, held against what depends on it: the default works, and so does the least, and a millisecond less
// stops the process at its start.
import { describe, expect, it } from 'vitest';
import { PASS_MS, RESERVE_MS } from '../../../lib/application/rotation-jobs.ts';
import { configurationFrom } from '../../../lib/platforms/configuration.ts';
import { rotationConfigurationFrom } from '../../../lib/platforms/rotation-configuration.ts';
import { settingsFrom } from '../../../lib/platforms/settings.ts';
import { CALL_TIMEOUT_MS } from '../../../lib/platforms/timeouts.ts';
import { providerNames } from '../../../lib/provider-table.ts';
import { STEP_NEEDS_MS } from '../../../lib/vending/rotation/advance.ts';
import { HOST_MS } from '../../../lib/vending/rotation/try-host.ts';
import { described } from '../../../local/stack/routes.ts';

const common = {
  KEYVEND_DEPLOYMENT: 'main',
  KEYVEND_ISSUER: 'https://issuer.example',
  KEYVEND_ACCESS: 'access.json',
  KEYVEND_AUDIENCE: 'keyvend',
  KEYVEND_JWKS_URI: 'https://issuer.example/jwks',
};
const onAws = {
  ...common,
  ...{ KEYVEND_PLATFORM: 'aws', KEYVEND_LEDGER: 'dynamodb', KEYVEND_STORE: 'secrets-manager' },
  ...{ AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'secret' },
  ...{
    KEYVEND_TABLE: 'keyvend',
    KEYVEND_KMS_KEY: 'arn',
    KEYVEND_UPSTREAM_PREFIX: 'keyvend-upstream/',
    KEYVEND_BUS: 'bus',
  },
};
const onOneMachine = {
  ...common,
  ...{ KEYVEND_PLATFORM: 'local', KEYVEND_LEDGER: 'sqlite', KEYVEND_STORE: 'embedded' },
  ...{ KEYVEND_HOME: '/var/keyvend', KEYVEND_UPSTREAM: '{}' },
};
const standIns = Object.fromEntries(
  providerNames.map((provider) => [`KEYVEND_${provider.toUpperCase()}_ENDPOINT`, 'https://127.0.0.1:1']),
);
const queue = { KEYVEND_ROTATION_QUEUE_URL: 'https://sqs.example/keyvend-rotation' };

describe('a time that can be set', () => {
  const cases: readonly [string, string, number, Record<string, string>][] = [
    ['the lease of an attempt', 'KEYVEND_LEASE_MS', 16_000, onAws],
    ['the same beside clouds that stand in', 'KEYVEND_LEASE_MS', 3_000, { ...onOneMachine, ...standIns }],
    ['the horizon, by the longest window', 'KEYVEND_HORIZON_MS', 960_000, onAws],
    [
      'the same by a longer window',
      'KEYVEND_HORIZON_MS',
      1_060_000,
      { ...onAws, KEYVEND_TENCENT_WINDOW_MS: '1000000', KEYVEND_HORIZON_MS: '1100000' },
    ],
    [
      'the same beside clouds that stand in',
      'KEYVEND_HORIZON_MS',
      5_000,
      { ...onOneMachine, ...standIns, KEYVEND_ALIBABA_WINDOW_MS: '5000', KEYVEND_TENCENT_WINDOW_MS: '1000' },
    ],
    ["Alibaba's window", 'KEYVEND_ALIBABA_WINDOW_MS', 900_000, onAws],
    ["Tencent's window", 'KEYVEND_TENCENT_WINDOW_MS', 300_000, onOneMachine],
    ['the pause between two looks', 'KEYVEND_ABSENT_TWICE_MS', 3_000, onOneMachine],
    ['the pause before a lease is taken over by another machine', 'KEYVEND_TAKE_OVER_MS', 10_000, onAws],
  ];
  it.each(cases)('works from its least value on: %s', (_, variable, least, environment) => {
    const at = (ms: number) => () => configurationFrom({ ...environment, [variable]: String(ms) });
    expect(() => configurationFrom(environment)).not.toThrow();
    expect(at(least)()).toHaveProperty(variable, least);
    expect(at(least - 1)).toThrow(TypeError);
    expect(at(least - 1)).toThrow(`${variable}=${least - 1} cannot work, ${least} is the least`);
  });

  it('is named together with the others that cannot work', () => {
    const start = () => configurationFrom({ ...onAws, KEYVEND_LEASE_MS: '1', KEYVEND_HORIZON_MS: '2' });
    expect(start).toThrow(/KEYVEND_LEASE_MS=1 .*; KEYVEND_HORIZON_MS=2 /);
  });

  it('may be short where one machine has one clock, and clouds that stand in have windows of their own', () => {
    const hasty = {
      ...{ KEYVEND_LEASE_MS: '4000', KEYVEND_TAKE_OVER_MS: '100', KEYVEND_ABSENT_TWICE_MS: '100' },
      ...{ KEYVEND_ALIBABA_WINDOW_MS: '1000', KEYVEND_TENCENT_WINDOW_MS: '1000', KEYVEND_HORIZON_MS: '2000' },
    };
    expect(() => configurationFrom({ ...onOneMachine, ...standIns, ...hasty })).not.toThrow();
    const some = { ...standIns, KEYVEND_ENS_ENDPOINT: undefined };
    expect(() => configurationFrom({ ...onOneMachine, ...some, ...hasty })).toThrow(
      'KEYVEND_ALIBABA_WINDOW_MS=1000 cannot work',
    );
  });
});

describe("a rotation's lease", () => {
  it('has to be as long as a host may need, and what comes before it', () => {
    const at = (ms: number) => rotationConfigurationFrom({ ...queue, KEYVEND_ROTATION_LEASE_MS: String(ms) });
    expect(at(HOST_MS + STEP_NEEDS_MS)).toHaveProperty('KEYVEND_ROTATION_LEASE_MS', 110_000);
    expect(() => at(60_000)).toThrow('KEYVEND_ROTATION_LEASE_MS=60000 cannot work, 110000 is the least');
    expect(() => rotationConfigurationFrom(queue)).not.toThrow();
  });
});

describe('what cannot be set', () => {
  it('leaves a pass over a key pair the time to begin with a host, and a function the time for a pass', () => {
    expect(PASS_MS).toBeGreaterThanOrEqual(HOST_MS + STEP_NEEDS_MS);
    expect(STEP_NEEDS_MS).toBeGreaterThanOrEqual(3 * CALL_TIMEOUT_MS);
    const { polls } = described(new URL('../../../serverless.yml', import.meta.url));
    const worker = polls.find(({ handler }) => handler === 'functions/rotation.worker')!;
    expect(worker.timeoutMs).toBeGreaterThanOrEqual(PASS_MS + RESERVE_MS);
  });

  it('is less than what can be, by default: an attempt outlives every call, and every function that makes one', () => {
    const { leaseMs, createTimeoutMs, callTimeoutMs, takeOverAfterMs } = settingsFrom(configurationFrom(onAws));
    expect(leaseMs).toBeGreaterThan(30_000);
    expect(takeOverAfterMs).toBeGreaterThan(createTimeoutMs);
    expect(createTimeoutMs).toBeGreaterThan(callTimeoutMs);
  });
});
