// The use cases' settings, from the configuration.
import type { Configuration } from '../contract/configuration.ts';
import type { Settings } from '../vending/ports.ts';
import { DAY_MS } from '../vending/rotation/policy.ts';

/** CVM takes ten requests a second; what the other two take is not published, so they are not paced. */
export const settingsFrom = (configuration: Configuration): Settings => ({
  deployment: configuration.KEYVEND_DEPLOYMENT,
  leaseMs: configuration.KEYVEND_LEASE_MS,
  takeOverAfterMs: configuration.KEYVEND_TAKE_OVER_MS,
  signatureWindowMs: {
    ens: configuration.KEYVEND_ALIBABA_WINDOW_MS,
    ecs: configuration.KEYVEND_ALIBABA_WINDOW_MS,
    cvm: configuration.KEYVEND_TENCENT_WINDOW_MS,
  },
  horizonMs: configuration.KEYVEND_HORIZON_MS,
  absentTwiceMs: configuration.KEYVEND_ABSENT_TWICE_MS,
  createTimeoutMs: 10_000,
  callTimeoutMs: 3_000,
  createsPerSecond: { cvm: 10 },
  quotas: {
    ens: configuration.KEYVEND_ENS_QUOTA,
    ecs: configuration.KEYVEND_ECS_QUOTA,
    cvm: configuration.KEYVEND_CVM_QUOTA,
  },
  strict: configuration.KEYVEND_STRICT === 'true',
  ...(configuration.KEYVEND_MAX_AGE_DAYS > 0 && { maxAgeMs: configuration.KEYVEND_MAX_AGE_DAYS * DAY_MS }),
});
