// What is around a process that vends for a benchmark: clouds whose keys are made beforehand, and OpenBao, both standing in.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { OPEN } from '../../lib/access/access-document.ts';
import { systemClock } from '../../lib/clock.ts';
import { forEachProvider, rowOf, variableOf } from '../../lib/provider-table.ts';
import { type Clouds, startClouds } from '../../local/clouds/clouds.ts';
import { KeySource } from '../../local/clouds/keys/key-source.ts';
import { isText } from '../../local/kv/kv-auth.ts';
import { startKvStandIn } from '../../local/kv/kv-server.ts';
import { policyFile } from '../../tests/conformance/secret-kv-harness.ts';

const SECRET_ID = 'of-a-benchmark';

export interface VendsAround {
  readonly clouds: Clouds;
  /** Of OpenBao. */
  readonly storeOrigin: string;
  /** For `keyvend serve`, all but its ledger. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/**
 * @param home a folder for what is read from files
 * @param pairs how many the clouds are to make: their keys are composed before this is over
 */
export async function vendsAround(home: string, pairs: number): Promise<VendsAround> {
  const keys = new KeySource({ ready: 0, combinations: pairs });
  const limits = { 'ens.keyPairs': pairs, 'ecs.keyPairsPerRegion': pairs, 'cvm.keyPairs': pairs };
  const clouds = await startClouds({ limits, keys });
  const store = await startKvStandIn(systemClock);
  while (!keys.idle) await wait(100);
  writeFileSync(join(home, 'ca.pem'), clouds.ca);
  writeFileSync(join(home, 'secret-id'), SECRET_ID);
  store.mount('secret');
  store.policy('kv-keyvend', policyFile('kv-keyvend'));
  store.auth.roles.set('/approle/keyvend', { accepts: isText(SECRET_ID), policies: ['kv-keyvend'], ttlS: 3_600 });
  return {
    clouds,
    storeOrigin: store.origin,
    environment: {
      ...{ KEYVEND_PLATFORM: 'serve', KEYVEND_DEPLOYMENT: 'bench' },
      ...{ KEYVEND_STORE: 'kv', KEYVEND_KV_ADDRESS: store.origin, KEYVEND_KV_LOGIN: 'approle' },
      ...{ KEYVEND_KV_ROLE_ID: 'keyvend', KEYVEND_KV_SECRET_ID_FILE: join(home, 'secret-id') },
      ...{ KEYVEND_ACCESS: OPEN, KEYVEND_ISSUER: 'nobody', KEYVEND_AUDIENCE: 'nobody' },
      ...{ KEYVEND_JWKS_URI: 'http://127.0.0.1/never-asked', KEYVEND_CA_FILE: join(home, 'ca.pem') },
      ...Object.fromEntries(
        ['ecs', 'ens', 'cvm'].map((one) => [variableOf(one as 'ecs', 'ENDPOINT'), clouds.tlsEndpoint]),
      ),
      KEYVEND_UPSTREAM: JSON.stringify(
        forEachProvider((provider) => ({ default: clouds.credentials[rowOf(provider).credentials] })),
      ),
      POWERTOOLS_LOG_LEVEL: 'SILENT',
    },
    async stop() {
      await store.stop();
      keys.close();
      await clouds.close();
    },
  };
}
