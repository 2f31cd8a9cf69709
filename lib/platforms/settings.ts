// The use cases' settings, from the configuration.
import { DAY_MS } from '../clock.ts';
import { cloudVariableOf, forEachProvider, providerNames, rowOf, variableOf } from '../provider-table.ts';
import { tagsIn } from '../secret-traits.ts';
import { storeRowOf, type stores } from '../secrets/store-table.ts';
import type { KeyBits } from '../vending/key-source.ts';
import type { Settings } from '../vending/ports.ts';
import type { Configuration } from './configuration.ts';
import { CALL_TIMEOUT_MS, CREATE_TIMEOUT_MS } from './timeouts.ts';

export const settingsFrom = (configuration: Configuration): Settings => ({
  deployment: configuration.KEYVEND_DEPLOYMENT,
  leaseMs: configuration.KEYVEND_LEASE_MS,
  takeOverAfterMs: configuration.KEYVEND_TAKE_OVER_MS,
  signatureWindowMs: forEachProvider((provider) => Number(configuration[cloudVariableOf(provider, 'WINDOW_MS')])),
  horizonMs: configuration.KEYVEND_HORIZON_MS,
  absentTwiceMs: configuration.KEYVEND_ABSENT_TWICE_MS,
  createTimeoutMs: CREATE_TIMEOUT_MS,
  callTimeoutMs: CALL_TIMEOUT_MS,
  callsPerSecond: Object.fromEntries(
    providerNames.flatMap((provider) => {
      const { callsPerSecond } = rowOf(provider);
      return callsPerSecond === undefined ? [] : [[provider, callsPerSecond]];
    }),
  ),
  quotas: forEachProvider((provider) => Number(configuration[variableOf(provider, 'QUOTA')])),
  strict: configuration.KEYVEND_STRICT === 'true',
  keySource: configuration.KEYVEND_KEY_SOURCE,
  keyBits: Number(configuration.KEYVEND_KEY_BITS) as KeyBits,
  ...traitsOf(storeRowOf(configuration.KEYVEND_STORE as keyof typeof stores)),
  secretTags: tagsIn(configuration.KEYVEND_SECRET_TAGS) ?? {},
  readsKeys: configuration.KEYVEND_READS_KEYS === 'true',
  ...(configuration.KEYVEND_MAX_AGE_DAYS > 0 && { maxAgeMs: configuration.KEYVEND_MAX_AGE_DAYS * DAY_MS }),
  ageSpread: configuration.KEYVEND_AGE_SPREAD,
});

const traitsOf = ({
  blindLabels = false,
  dropsEarliest = false,
  agelessRequests = false,
  mostTags = 0,
  ownKeys = false,
}: ReturnType<typeof storeRowOf>) => ({
  secretTraits: { mostTags, ownKeys },
  agelessRequests,
  blindLabels,
  dropsEarliest,
});
