// keyvend as it is packaged, on a Function Compute of this machine: PostgreSQL, a secret store, clouds and an issuer around it.
import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type FcFunctionName, fcFunctions, functionName } from '../../deploy/fc/functions.ts';
import { packageFc } from '../../deploy/fc/package-fc.ts';
import { OPEN } from '../../lib/access/access-document.ts';
import type { platforms } from '../../lib/platforms/platform-table.ts';
import { providerNames, variableOf } from '../../lib/provider-table.ts';
import { type Clouds, startClouds } from '../../local/clouds/clouds.ts';
import type { RoleKey } from '../../local/fc/fc-call.ts';
import type { FunctionSpec } from '../../local/fc/fc-function.ts';
import { type LocalFc, type LocalFcOptions, startLocalFc } from '../../local/fc/local-fc.ts';
import { functionNames, routesOf, specOf } from '../../local/fc/packaged.ts';
import { shellWord } from '../../local/shell-word.ts';
import { servedIssuer } from '../../local/stack/issuer.ts';
import { shortWindows } from '../../local/stack/short-windows.ts';
import { freePort, type PostgresServer, postgresServer } from '../doubles/postgres-server.ts';
import { type StoreHere, storesHere } from '../doubles/stores-here.ts';
import { keyOfRole, roleCredentials } from './roles.ts';

/** The stores that it can be packaged for. */
type StoreName = (typeof platforms.fc.stores)[number];

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export interface Scene {
  readonly fc: LocalFc;
  readonly clouds: Clouds;
  readonly database: PostgresServer;
  readonly store: StoreHere;
  /** A key in place of those that the functions' roles have; undefined for those. */
  role: RoleKey | undefined;
  /** Over the custom domain, with a token. */
  ask(method: string, path: string, body?: object, headers?: Record<string, string>): Promise<Answered>;
  /** On the functions' database. @returns the rows of the last statement */
  query(sql: string): Promise<readonly Record<string, unknown>[]>;
  /** A function again, with other settings. */
  deploy(name: FcFunctionName, over?: Partial<FunctionSpec>): void;
  /** Functions whose processes, and the clouds, have a later time: the packaged bytes, started with a clock that is ahead. */
  later(ms: number, names: readonly FcFunctionName[]): Promise<void>;
  stop(): Promise<void>;
}

/** Packaged once for all scenes of a process. */
const packages = new Map<StoreName, Promise<string>>();
function packaged(store: StoreName): Promise<string> {
  const folder = packages.get(store) ?? makePackage(store);
  packages.set(store, folder);
  return folder;
}
async function makePackage(store: StoreName): Promise<string> {
  const out = mkdtempSync(join(tmpdir(), 'keyvend-fc-package-'));
  process.once('exit', () => rmSync(out, { recursive: true, force: true }));
  await packageFc({ stage: 'none', store, out, compiledBy: shellWord(process.execPath) });
  return out;
}

export interface SceneOptions extends Partial<LocalFcOptions> {
  readonly store?: StoreName;
  /** A file that `later` has processes load first. */
  readonly preload?: string;
  /** Of all functions, beside their own. */
  readonly environment?: (clouds: Clouds) => Readonly<Record<string, string>>;
}

const STAGE = 'here';
/** That of the local clouds' own credentials of Alibaba. */
const ACCOUNT = '1000000000000001';
export const nameOf = (name: FcFunctionName): string => functionName(STAGE, name);

export async function scene({
  store = 'kms',
  environment = () => ({}),
  preload,
  ...options
}: SceneOptions = {}): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), 'keyvend-fc-'));
  const windowMs = 60_000; // the machine may be slow, and what waits for it is not late
  const limits = { 'alibaba.signatureWindowMs': windowMs, 'tencent.signatureWindowMs': windowMs };
  const [code, clouds, database, issuer] = await Promise.all([
    packaged(store),
    startClouds({ limits, credentials: roleCredentials(ACCOUNT) }),
    postgresServer(),
    servedIssuer('keyvend'),
  ]);
  const keys = await storesHere[store]({ folder, clouds, deployment: 'here' });
  writeFileSync(join(folder, 'ca.pem'), clouds.ca);
  const { alibaba, tencent } = clouds.credentials;
  let role: RoleKey | undefined;
  const own = new Map(functionNames.map((name) => [nameOf(name), keyOfRole(name)]));
  const fc = await startLocalFc({
    freePort,
    routes: routesOf(STAGE),
    role: (name) => role ?? own.get(name),
    ...options,
  });
  const common = {
    ...{ KEYVEND_DEPLOYMENT: 'here', KEYVEND_ACCESS: OPEN, KEYVEND_AUDIENCE: 'keyvend' },
    ...{ KEYVEND_PLATFORM: 'fc', KEYVEND_LEDGER: 'postgres', KEYVEND_STORE: store },
    ...{ KEYVEND_ISSUER: issuer.url, KEYVEND_JWKS_URI: issuer.keysUri },
    ...{ KEYVEND_POSTGRES_URL: database.url, KEYVEND_CA_FILE: join(folder, 'ca.pem') },
    ...Object.fromEntries(providerNames.map((provider) => [variableOf(provider, 'ENDPOINT'), clouds.tlsEndpoint])),
    ...{ ...shortWindows, KEYVEND_LEASE_MS: '35000', KEYVEND_TAKE_OVER_MS: '60000', KEYVEND_FC_ENDPOINT: fc.api },
    KEYVEND_UPSTREAM: JSON.stringify({
      ens: { default: { role: 'function' } },
      ecs: { default: { role: 'function' }, keyed: alibaba },
      cvm: { default: tencent },
    }),
    ...keys.environment,
    ...environment(clouds),
  };
  const deploy: Scene['deploy'] = (name, over = {}) => {
    const spec = specOf(STAGE, name, code, common);
    const variables = { ...spec.environment, ...over.environment };
    const limit = over.timeoutSeconds === undefined ? {} : { KEYVEND_FC_TIMEOUT_SECONDS: String(over.timeoutSeconds) };
    fc.deploy({ ...spec, ...over, environment: { ...variables, ...limit } });
  };
  for (const name of functionNames) deploy(name);
  const first = preload === undefined ? '' : `-r ${shellWord(preload)} `;
  const later: Scene['later'] = async (ms, names) => {
    clouds.admin.setClockOffset(ms);
    keys.setAhead(ms);
    for (const name of names) {
      await fc.get(nameOf(name)).kill();
      const ahead = join(folder, `${name}-${ms}`);
      cpSync(join(code, fcFunctions[name].folder), ahead, { recursive: true });
      writeFileSync(join(ahead, 'ahead.js'), `const now = Date.now; Date.now = () => now() + ${ms};\n`);
      writeFileSync(join(ahead, 'bootstrap'), `#!/bin/sh\nexec node ${first}-r ./ahead.js index.js\n`);
      deploy(name, { folder: ahead });
    }
  };

  return {
    ...{ fc, clouds, database, store: keys, deploy, later },
    get role() {
      return role;
    },
    set role(key) {
      role = key;
    },
    async ask(method, path, body, headers = {}) {
      const token = await issuer.token('operator', 2, { groups: ['keyvend-operators'] });
      const answer = await fetch(`${fc.domain}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
        ...(body && { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      return { status: answer.status, headers: answer.headers, body: text === '' ? {} : JSON.parse(text) };
    },
    async query(sql) {
      const client = new pg.Client(database.url);
      await client.connect();
      return client
        .query(sql)
        .then((result) => [result].flat().at(-1)?.rows ?? [])
        .finally(() => client.end());
    },
    async stop() {
      await fc.stop();
      await Promise.all([clouds.close(), database.remove(), keys.stop(), issuer.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A key of a role that nobody else has. */
export const canary = (word: string): RoleKey => ({
  accessKeyId: `STS.${word}${randomBytes(6).toString('hex')}`,
  accessKeySecret: `${word}-secret-${randomBytes(12).toString('hex')}`,
  securityToken: `${word}-token-${randomBytes(24).toString('hex')}`,
});
