// A policy as a deployment has it that configures nothing.
import type { Policy } from '../../lib/vending/rotation/policy.ts';

export const rotationDefaults: Policy = {
  maxAgeDays: 0,
  overlapDays: 7,
  hosts: [],
  coverage: 1,
  maxParallelHosts: 5,
  recordHostKeys: false,
};
