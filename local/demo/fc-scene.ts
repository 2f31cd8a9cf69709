// keyvend as it is packaged for Function Compute, on a local one: PostgreSQL, clouds with KMS, EventBridge and SMQ, and an issuer around it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FcFunctionName, functionName } from '../../deploy/fc/functions.ts';
import { packageFc } from '../../deploy/fc/package-fc.ts';
import { OPEN } from '../../lib/access/access-document.ts';
import type { Environment } from '../../lib/environment.ts';
import { providerNames, variableOf } from '../../lib/provider-table.ts';
import { type Clouds, startClouds } from '../clouds/clouds.ts';
import type { RoleKey } from '../fc/fc-call.ts';
import type { FcFunction } from '../fc/fc-function.ts';
import { type LocalFc, startLocalFc } from '../fc/local-fc.ts';
import { functionNames, routesOf, specOf } from '../fc/packaged.ts';
import { assertLoopback } from '../loopback.ts';
import { freePort, type PostgresServer, postgresServer } from '../postgres/postgres-server.ts';
import { type ServedIssuer, servedIssuer } from '../stack/issuer.ts';

const STAGE = 'demo';
const REGION = 'cn-hangzhou';
export const BUS = `keyvend-${STAGE}`;
export const QUEUE = `keyvend-${STAGE}-requests`;
export const REQUESTED = 'keyvend.key-pair.requested';

export interface FcScene {
  readonly fc: LocalFc;
  readonly clouds: Clouds;
  readonly database: PostgresServer;
  readonly issuer: ServedIssuer;
  /** All that was packaged. */
  readonly bytes: number;
  /** What whoever reads keys from KMS has. */
  readonly reading: Environment;
  get(name: FcFunctionName): FcFunction;
}

/** @param folder for its files @param closers are given what ends each part, as soon as it is there */
export async function fcScene(folder: string, closers: (() => Promise<unknown>)[]): Promise<FcScene> {
  await assertLoopback();
  const windowMs = 60_000; // the machine may be slow, and what waits for it is not late
  const clouds = await startClouds({
    limits: { 'alibaba.signatureWindowMs': windowMs, 'tencent.signatureWindowMs': windowMs },
  });
  closers.push(() => clouds.close());
  const issuer = await servedIssuer('keyvend');
  closers.push(() => issuer.stop());
  const out = join(folder, 'package');
  const sizes = await packageFc({ stage: STAGE, store: 'kms', out });
  const database = await postgresServer();
  closers.push(() => database.remove());

  const ca = join(folder, 'ca.pem');
  writeFileSync(ca, clouds.ca);
  const { alibaba, alibabaSts, tencent } = clouds.credentials;
  const fc = await startLocalFc({ freePort, routes: routesOf(STAGE), role: () => alibabaSts as RoleKey });
  closers.push(() => fc.stop());
  const kms = {
    ...{ KEYVEND_STORE: 'kms', KEYVEND_DEPLOYMENT: STAGE, KEYVEND_CA_FILE: ca },
    ...{ KEYVEND_ALIBABA_KMS_REGION: REGION, KEYVEND_ALIBABA_KMS_ENDPOINT: clouds.tlsEndpoint },
  };
  const role = { role: 'function' }; // its key comes with each call
  const common = {
    ...{ ...kms, KEYVEND_PLATFORM: 'fc', KEYVEND_LEDGER: 'postgres', KEYVEND_POSTGRES_URL: database.url },
    ...{ KEYVEND_ISSUER: issuer.url, KEYVEND_JWKS_URI: issuer.keysUri, KEYVEND_AUDIENCE: 'keyvend' },
    ...{ KEYVEND_ACCESS: OPEN, KEYVEND_FC_ENDPOINT: fc.api },
    ...{ KEYVEND_ALIBABA_BUS: BUS, KEYVEND_ALIBABA_BUS_REGION: REGION, KEYVEND_ALIBABA_BUS_ENDPOINT: clouds.endpoint },
    ...Object.fromEntries(providerNames.map((provider) => [variableOf(provider, 'ENDPOINT'), clouds.tlsEndpoint])),
    KEYVEND_UPSTREAM: JSON.stringify({ ens: { default: role }, ecs: { default: role }, cvm: { default: tencent } }),
  };
  const get: FcScene['get'] = (name) => fc.get(functionName(STAGE, name));
  for (const name of functionNames) fc.deploy(specOf(STAGE, name, out, common));
  handOn(clouds, get('intake'));
  const reader = {
    ALIBABA_CLOUD_ACCESS_KEY_ID: alibaba.accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: alibaba.accessKeySecret,
  };
  const bytes = [...sizes.values()].reduce((sum, one) => sum + one, 0);
  return { fc, clouds, database, issuer, bytes, reading: { ...kms, ...reader }, get };
}

/** The bus with its rule, as deploy/fc/rule.json has it, and the queue. */
function handOn({ admin }: Clouds, intake: FcFunction): void {
  admin.events.addBus(BUS);
  admin.events.addRule({
    ...{ bus: BUS, pattern: { type: [REQUESTED] } },
    target: async (event) => !(await intake.invoke(JSON.stringify(event))).failed,
  });
  admin.queues.add(QUEUE);
}
