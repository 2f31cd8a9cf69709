// What is around a process of a cell: clouds, a store, a ledger, an issuer.
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { providerNames, rowOf, variableOf } from '../../lib/provider-table.ts';
import { type Clouds, startClouds } from '../../local/clouds/clouds.ts';
import { type ServedIssuer, servedIssuer } from '../../local/stack/issuer.ts';
import { shortWindows } from '../../local/stack/short-windows.ts';
import { startDynalite } from '../conformance/ledger-dynamodb-local.ts';
import { postgresServer } from '../doubles/postgres-server.ts';
import { awsKey, type StoreHere, storesHere } from '../doubles/stores-here.ts';
import { type Cell, variablesFor } from './cells.ts';

const DEPLOYMENT = 'matrix';
const AUDIENCE = 'keyvend';

interface LedgerHere {
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<unknown>;
}

/** A row for each. */
const ledgersHere: Readonly<Record<Cell['ledger'], (folder: string) => Promise<LedgerHere>>> = {
  sqlite: async (folder) => ({ environment: { KEYVEND_HOME: join(folder, 'home') }, stop: async () => {} }),
  async postgres() {
    const server = await postgresServer();
    return { environment: { KEYVEND_POSTGRES_URL: server.url }, stop: () => server.remove() };
  },
  async dynamodb() {
    const server = await startDynalite();
    const { table } = await server.table();
    const environment = { ...awsKey, KEYVEND_TABLE: table, AWS_ENDPOINT_URL_DYNAMODB: server.endpoint };
    return { environment, stop: () => server.stop() };
  },
};

export interface Around {
  readonly folder: string;
  readonly clouds: Clouds;
  readonly store: StoreHere;
  readonly issuer: ServedIssuer;
  /** The clouds' keys, by provider and account. */
  readonly upstream: Readonly<Record<string, Readonly<Record<string, object>>>>;
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** Where hosts may be. @param network this machine itself where nothing else is said */
export const hostsIn = (network = '127.0.0.0/8') => ({
  ...{ KEYVEND_HOST_NETWORKS: network, KEYVEND_HOST_PORTS: '1-65535', KEYVEND_MIN_OVERLAP_DAYS: '0' },
});

export async function around(cell: Cell): Promise<Around> {
  const folder = mkdtempSync(join(tmpdir(), 'keyvend-matrix-'));
  mkdirSync(join(folder, 'home'), { mode: 0o700 });
  const windowMs = 60_000; // the machine may be slow, and what waits for it is not late
  const limits = { 'alibaba.signatureWindowMs': windowMs, 'tencent.signatureWindowMs': windowMs };
  const [clouds, ledger, issuer] = await Promise.all([
    startClouds({ limits }),
    ledgersHere[cell.ledger](folder),
    servedIssuer(AUDIENCE),
  ]);
  const store = await storesHere[cell.store]({ folder, clouds, deployment: DEPLOYMENT });
  writeFileSync(join(folder, 'ca.pem'), clouds.ca);
  const keys = providerNames.map((name) => [name, { default: clouds.credentials[rowOf(name).credentials] }] as const);
  return {
    ...{ folder, clouds, store, issuer, upstream: Object.fromEntries(keys) },
    environment: {
      ...{ ...shortWindows, ...variablesFor(cell), ...hostsIn(), KEYVEND_DEPLOYMENT: DEPLOYMENT },
      ...{ KEYVEND_ISSUER: issuer.url, KEYVEND_JWKS_URI: issuer.keysUri, KEYVEND_AUDIENCE: AUDIENCE },
      ...{ ...store.environment, ...store.credentials, ...ledger.environment },
      KEYVEND_CA_FILE: join(folder, 'ca.pem'),
      ...Object.fromEntries(providerNames.map((name) => [variableOf(name, 'ENDPOINT'), clouds.tlsEndpoint])),
    },
    async stop() {
      await Promise.all([clouds.close(), store.stop(), ledger.stop(), issuer.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A name that no other request has. */
export const fresh = (word: string): string => `${word}_${randomBytes(3).toString('hex')}`;
