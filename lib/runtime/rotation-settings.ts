// Rotation's settings, from its own part of the configuration.
import { checkedBy } from '../contract/configuration.ts';
import { rotationConfiguration } from '../contract/rotation-configuration.ts';
import { DAY_MS } from '../vending/rotation/policy.ts';
import type { RotationSettings } from '../vending/rotation/rotation-ports.ts';
import { configuration } from './runtime.ts';

const own = checkedBy(rotationConfiguration(), process.env);

export const rotationQueueUrl = own.KEYVEND_ROTATION_QUEUE_URL;

export const rotationSettings: RotationSettings = {
  defaults: {
    maxAgeDays: configuration.KEYVEND_MAX_AGE_DAYS,
    overlapDays: own.KEYVEND_OVERLAP_DAYS,
    hosts: [],
    coverage: own.KEYVEND_COVERAGE,
    maxParallelHosts: own.KEYVEND_MAX_PARALLEL_HOSTS,
    recordHostKeys: own.KEYVEND_RECORD_HOST_KEYS === 'true',
  },
  leaseMs: own.KEYVEND_ROTATION_LEASE_MS,
  graceMs: own.KEYVEND_GRACE_DAYS * DAY_MS,
};
