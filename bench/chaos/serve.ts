// Two servers side by side, `keyvend serve`, with their ledger and queues in PostgreSQL, their keys in a stand-in of OpenBao and tokens of
// somebody else's issuer. One of the two is killed at a time.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import * as z from 'zod/mini';
import { systemClock } from '../../lib/clock.ts';
import { checkedBy, filled } from '../../lib/environment.ts';
import { providerNames, rowOf, variableOf } from '../../lib/provider-table.ts';
import { kvVariables } from '../../lib/secrets/kv/configuration.ts';
import { open } from '../../lib/secrets/kv/open.ts';
import type { StoreConfiguration } from '../../lib/secrets/store-table.ts';
import { isText } from '../../local/kv/kv-auth.ts';
import { startKvStandIn } from '../../local/kv/kv-server.ts';
import { policyFile } from '../../tests/conformance/secret-kv-harness.ts';
import { foreignIssuer } from '../../tests/doubles/foreign-issuer.ts';
import { postgresServer } from '../../tests/doubles/postgres-server.ts';
import type { Order } from './clients.ts';
import { proportions, recovered, shown } from './keyvend.ts';
import type { Kind, Stage } from './kind.ts';
import { filesIn, storedIn } from './verdict.ts';

const DEPLOYMENT = 'chaos';
const RIGHTS = 'keyvend-operators';

const access = `version: 1
issuers: { default: { groups: groups } }
grants:
  - { id: operators, who: { issuer: default, groups: ${RIGHTS} }, may: any, on: { provider: any, account: any, region: any, name: any } }
`;

/** @throws {Error} where PostgreSQL is not installed */
export const serve: Kind = {
  script: 'local/keyvend.ts',
  words: ['serve'],
  processes: 2,
  ready: /"message":"listening"/,
  serves: (port) => `http://127.0.0.1:${port}/ready`,
  environment: ({ clouds }, port) => ({
    ...{ ...proportions, KEYVEND_PLATFORM: 'serve', KEYVEND_DEPLOYMENT: DEPLOYMENT, KEYVEND_LOG_LEVEL: 'debug' },
    ...{ KEYVEND_LISTEN: `127.0.0.1:${port}`, KEYVEND_METRICS_LISTEN: '', KEYVEND_RECOVERY_SECONDS: '1' },
    KEYVEND_CA_FILE: clouds.files.KEYVEND_CLOUDS_CA,
    // As on any number of machines: their clocks may differ, and whoever takes over waits for that.
    KEYVEND_TAKE_OVER_MS: '60000',
    ...Object.fromEntries(
      providerNames.map((name) => [variableOf(name, 'ENDPOINT'), clouds.endpoint.replace('http:', 'https:')]),
    ),
  }),
  around,
  recovered,
  shown,
};

async function around({ home, clouds }: Stage) {
  const [database, issuer, store] = [await postgresServer(), await foreignIssuer(), await startKvStandIn(systemClock)];
  store.mount('secret');
  store.policy('kv-keyvend', policyFile('kv-keyvend'));
  store.auth.roles.set('/approle/keyvend', { accepts: isText('secret-id'), policies: ['kv-keyvend'], ttlS: 60 });
  const file = (name: string, text: string) => {
    writeFileSync(join(home, name), text, { mode: 0o600 });
    return join(home, name);
  };
  const kv = {
    ...{ KEYVEND_STORE: 'kv', KEYVEND_KV_ADDRESS: store.origin, KEYVEND_KV_LOGIN: 'approle' },
    ...{ KEYVEND_KV_ROLE_ID: 'keyvend', KEYVEND_KV_SECRET_ID_FILE: file('secret-id', 'secret-id') },
  };
  const keys = providerNames.map((name) => [name, { default: clouds.credentials[rowOf(name).credentials] }]);
  const tokens = await issuer.source({ groups: [RIGHTS] });
  return {
    environment: {
      ...{ KEYVEND_LEDGER: 'postgres', KEYVEND_POSTGRES_URL: database.url, ...kv },
      ...{ KEYVEND_ISSUER: issuer.url, KEYVEND_JWKS_URI: issuer.keys, KEYVEND_AUDIENCE: issuer.audience },
      ...{ KEYVEND_ACCESS: file('access.yaml', access), KEYVEND_UPSTREAM: JSON.stringify(Object.fromEntries(keys)) },
    },
    subject: (_child: unknown, { ports }: Stage) => {
      const url = () => `http://127.0.0.1:${ports[Math.floor(Math.random() * ports.length)]}`;
      const headers = async () => ({ 'content-type': 'application/json', authorization: `Bearer ${await tokens()}` });
      return {
        ...{ url, headers },
        later: async ({ provider, body }: Order) =>
          fetch(`${url()}/v1/requests`, {
            method: 'POST',
            headers: await headers(),
            body: JSON.stringify({ provider, ...body }),
            signal: AbortSignal.timeout(2_000),
          }),
      };
    },
    stored: async () => storedIn(await open(storeIn(kv), systemClock)),
    searched: async () => [...filesIn(home), ...(await rowsOf(database.url))],
    async stop() {
      await database.remove();
      await store.stop();
      await issuer.stop();
    },
  };
}

/** As a server would read it from its environment. */
const storeIn = (kv: Readonly<Record<string, string>>): StoreConfiguration<'kv'> =>
  checkedBy(z.object({ KEYVEND_DEPLOYMENT: filled(), ...kvVariables() }), { ...kv, KEYVEND_DEPLOYMENT: DEPLOYMENT });

/** Every row of every table of keyvend's. */
async function rowsOf(url: string): Promise<string[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const tables = await client.query(
      "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = 'keyvend'",
    );
    const all = [];
    for (const { name } of tables.rows) {
      const { rows } = await client.query(`SELECT * FROM ${name}`);
      all.push(
        ...rows.map((row) =>
          Object.values(row)
            .map((value) => (Buffer.isBuffer(value) ? value.toString('latin1') : JSON.stringify(value)))
            .join(' '),
        ),
      );
    }
    return all;
  } finally {
    await client.end();
  }
}
