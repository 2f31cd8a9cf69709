// What rotation and retiring need besides the rest. Apart, because functions that only vend or read have no use for it.
import type { ForRotation } from '../application/runtime.ts';
import { DAY_MS } from '../clock.ts';
import { hostRules } from '../hosts/host-rules.ts';
import { storeRowOf, type stores } from '../secrets/store-table.ts';
import { configuration } from './checked-configuration.ts';
import { ownConfiguration } from './own-configuration.ts';
import { queues } from './queues.ts';
import { defaultsWithBounds, rotationConfigurationFrom } from './rotation-configuration.ts';

const own = rotationConfigurationFrom(process.env, configuration.KEYVEND_PLATFORM as string);

const { mostVersions } = storeRowOf(configuration.KEYVEND_STORE as keyof typeof stores);

export const forRotation: ForRotation = {
  rotation: {
    defaults: {
      ...(mostVersions !== undefined && { mostVersions }),
      ageSpread: configuration.KEYVEND_AGE_SPREAD,
      ...defaultsWithBounds(own, {
        maxAgeDays: configuration.KEYVEND_MAX_AGE_DAYS,
        overlapDays: own.KEYVEND_OVERLAP_DAYS,
        hosts: [],
        coverage: own.KEYVEND_COVERAGE,
        maxParallelHosts: own.KEYVEND_MAX_PARALLEL_HOSTS,
        recordHostKeys: own.KEYVEND_RECORD_HOST_KEYS === 'true',
      }),
    },
    leaseMs: own.KEYVEND_ROTATION_LEASE_MS,
    graceMs: own.KEYVEND_GRACE_DAYS * DAY_MS,
  },
  hostRules: hostRules({
    networks: own.KEYVEND_HOST_NETWORKS,
    names: own.KEYVEND_HOST_NAMES,
    ports: own.KEYVEND_HOST_PORTS,
  }),
  own: () => ownConfiguration(process.env, 'all'),
  workersPerCaller: own.KEYVEND_WORKERS_PER_CALLER,
  wake: async (identity, afterMs) =>
    (await queues()).send(own.KEYVEND_ROTATION_QUEUE_URL, JSON.stringify(identity), {}, afterMs),
};
