// Stores whose far end is the local KMS, which answers each open question of its pages as it is told to.

import { Secret } from '../../lib/secret.ts';
import { type Kms, kmsCalls } from '../../lib/secrets/kms/kms-calls.ts';
import { type KmsStoreOptions, kmsStore } from '../../lib/secrets/kms/kms-store.ts';
import type { SecretStore } from '../../lib/secrets/secret-store.ts';
import { createTransport } from '../../lib/transport/transport.ts';
import type { Transport } from '../../lib/transport/wire.ts';
import { type Clouds, startClouds } from '../../local/clouds/clouds.ts';
import type { Behaviour } from '../../local/clouds/settings/behaviour.ts';
import { testClock } from '../doubles/test-clock.ts';

/** The clock of a test stands, and all that it asks is asked within one second. */
const plenty = {
  'kms.requestsPerSecond.create': 1_000_000,
  'kms.requestsPerSecond.value': 1_000_000,
  'kms.requestsPerSecond.list': 1_000_000,
};

export interface KmsHarness {
  readonly clouds: Clouds;
  readonly store: SecretStore;
  open(over?: Partial<KmsStoreOptions>): SecretStore;
  /** What a store asks by, for a test to ask for something else. */
  calls(): Kms;
  /** What all of its stores send by, for a test to put something in between. */
  transportOf(): Transport;
  stop(): Promise<void>;
}

export async function kmsOnStandIn(behaviour: Partial<Behaviour> = {}): Promise<KmsHarness> {
  const clock = testClock();
  const clouds = await startClouds({ clock, behaviour, limits: plenty });
  const transport = createTransport({ clock });
  const { accessKeyId, accessKeySecret } = clouds.credentials.alibaba;
  const usual = {
    ...{ transport, wait: async () => {}, origin: clouds.endpoint },
    credentials: async () => ({ accessKeyId, accessKeySecret: new Secret(accessKeySecret) }),
  };
  const open: KmsHarness['open'] = (over = {}) => kmsStore({ ...usual, deployment: 'here', ...over });
  return {
    ...{ clouds, store: open(), open, calls: () => kmsCalls(usual), transportOf: () => transport },
    async stop() {
      transport.close();
      await clouds.close();
    },
  };
}
