// Stores whose far end is on loopback and speaks as OpenBao does, with the rights of our own policy and no others.
import { readFileSync } from 'node:fs';
import { Secret } from '../../lib/secret.ts';
import { type Kv, kvCalls } from '../../lib/secrets/kv/kv-calls.ts';
import { kvHttp } from '../../lib/secrets/kv/kv-http.ts';
import { tokensBy } from '../../lib/secrets/kv/kv-login.ts';
import { type KvStoreOptions, kvStore } from '../../lib/secrets/kv/kv-store.ts';
import type { SecretStore } from '../../lib/secrets/secret-store.ts';
import { createTransport } from '../../lib/transport/transport.ts';
import type { Transport } from '../../lib/transport/wire.ts';
import type { KvEngine } from '../../local/kv/kv-engine.ts';
import { type KvStandIn, startKvStandIn } from '../../local/kv/kv-server.ts';
import { type TestClock, testClock } from '../doubles/test-clock.ts';

export const policyFile = (name: string): string =>
  readFileSync(new URL(`../../deploy/policies/${name}.hcl`, import.meta.url), 'utf8');

export interface KvHarness {
  readonly standIn: KvStandIn;
  readonly engine: KvEngine;
  readonly clock: TestClock;
  readonly transport: Transport;
  readonly store: SecretStore;
  /** As the policies have them. */
  readonly token: string;
  calls(over?: { transport?: Transport; token?: string }): Kv;
  open(over?: Partial<KvStoreOptions>): SecretStore;
  stop(): Promise<void>;
}

export async function kvOnStandIn(): Promise<KvHarness> {
  const clock = testClock();
  const standIn = await startKvStandIn(clock);
  const engine = standIn.mount('secret');
  for (const name of ['kv-keyvend', 'kv-reader']) standIn.policy(name, policyFile(name));
  const token = standIn.auth.issue(['kv-keyvend'], { ttlS: 365 * 24 * 3_600 });
  const transport = createTransport({ clock });
  const calls: KvHarness['calls'] = (over = {}) => {
    const http = kvHttp({
      transport: over.transport ?? transport,
      clock,
      wait: async () => {},
      origin: standIn.origin,
    });
    return kvCalls('secret', http, tokensBy({ by: 'given', token: new Secret(over.token ?? token) }, http, clock));
  };
  const open: KvHarness['open'] = (over = {}) =>
    kvStore({ kv: calls(), clock, deployment: 'here', mount: 'secret', prefix: 'keyvend', ...over });
  const stop = async () => {
    transport.close();
    await standIn.stop();
  };
  return { standIn, engine, clock, transport, store: open(), token, calls, open, stop };
}
