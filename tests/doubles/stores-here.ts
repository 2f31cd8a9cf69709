// Every store that processes of their own can have on this machine: what they are told of it, and how people read a key from it.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Clock, systemClock } from '../../lib/clock.ts';
import type { Identity } from '../../lib/identity.ts';
import type { stores } from '../../lib/secrets/store-table.ts';
import type { Clouds } from '../../local/clouds/clouds.ts';
import { isText } from '../../local/kv/kv-auth.ts';
import { startKvStandIn } from '../../local/kv/kv-server.ts';
import type { Rules } from '../conformance/secret-aws-rules.ts';
import { accessKeyId, secretAccessKey, startStandIn } from '../conformance/secret-aws-stand-in.ts';
import { policyFile } from '../conformance/secret-kv-harness.ts';
import { aheadBy } from './ahead.ts';

export interface StoreHere {
  /** Of whoever runs keyvend. */
  readonly environment: Readonly<Record<string, string>>;
  /** Beside that: the access key of a process that has no role. */
  readonly credentials: Readonly<Record<string, string>>;
  /** What a reader has, who reads at this moment. */
  reader(): Readonly<Record<string, string>>;
  /** Its clock, where it has one of its own. */
  setAhead(ms: number): void;
  stop(): Promise<void>;
}
interface SecretsManagerHere extends StoreHere {
  readonly rules: Rules;
}

export interface At {
  /** For its files; an embedded store is in `home` below it. */
  readonly folder: string;
  readonly clouds: Clouds;
  readonly deployment: string;
}

const program = fileURLToPath(new URL('../../local/keyvend.ts', import.meta.url));

/**
 * By `keyvend key`, as people read one.
 * @param aheadMs how far the reader's clock is ahead @returns undefined where there is none @throws {Error} with what it says instead
 */
export function keyIn(
  store: StoreHere,
  { provider, region, name }: Identity,
  aheadMs = 0,
): Promise<string | undefined> {
  const words = [program, 'key', provider, name, '--region', region];
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...store.reader(), ...aheadBy(aheadMs) };
  return new Promise((resolve, reject) =>
    execFile(process.execPath, words, { env, timeout: 30_000 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if (stderr.includes('no key is stored')) resolve(undefined);
      else reject(new Error(`keyvend key: ${stderr.trim()}`));
    }),
  );
}

async function embeddedHere({ folder, deployment }: At): Promise<StoreHere> {
  const environment = { KEYVEND_HOME: join(folder, 'home') };
  const reading = { ...environment, KEYVEND_STORE: 'embedded', KEYVEND_DEPLOYMENT: deployment };
  return {
    ...{ environment, credentials: {}, reader: () => reading },
    ...{ setAhead() {}, async stop() {} },
  };
}

async function kvHere({ folder, deployment }: At): Promise<StoreHere> {
  const standIn = await startKvStandIn(systemClock);
  standIn.mount('secret');
  for (const name of ['kv-keyvend', 'kv-reader']) standIn.policy(name, policyFile(name));
  standIn.auth.roles.set('/approle/keyvend', { accepts: isText('secret-id'), policies: ['kv-keyvend'], ttlS: 3_600 });
  const file = join(folder, 'secret-id');
  writeFileSync(file, 'secret-id', { mode: 0o600 });
  const reading = { KEYVEND_STORE: 'kv', KEYVEND_KV_ADDRESS: standIn.origin, KEYVEND_DEPLOYMENT: deployment };
  return {
    environment: {
      ...{ KEYVEND_KV_ADDRESS: standIn.origin, KEYVEND_KV_LOGIN: 'approle', KEYVEND_KV_ROLE_ID: 'keyvend' },
      KEYVEND_KV_SECRET_ID_FILE: file,
    },
    credentials: {},
    reader: () => ({ ...reading, VAULT_TOKEN: standIn.auth.issue(['kv-reader']) }),
    setAhead() {},
    stop: () => standIn.stop(),
  };
}

async function kmsHere({ folder, clouds, deployment }: At): Promise<StoreHere> {
  const ca = join(folder, 'kms-ca.pem');
  writeFileSync(ca, clouds.ca);
  const environment = {
    ...{ KEYVEND_ALIBABA_KMS_REGION: 'cn-hangzhou', KEYVEND_ALIBABA_KMS_ENDPOINT: clouds.tlsEndpoint },
    KEYVEND_CA_FILE: ca,
  };
  const { accessKeyId: id, accessKeySecret: secret } = clouds.credentials.alibaba;
  const credentials = { ALIBABA_CLOUD_ACCESS_KEY_ID: id, ALIBABA_CLOUD_ACCESS_KEY_SECRET: secret };
  const reading = { ...environment, ...credentials, KEYVEND_STORE: 'kms', KEYVEND_DEPLOYMENT: deployment };
  return {
    ...{ environment, credentials, reader: () => reading },
    ...{ setAhead() {}, async stop() {} }, // it is one of the clouds
  };
}

/** AWS's own example. */
export const awsKey = {
  ...{ AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
};

async function secretsManagerHere({ deployment }: At): Promise<SecretsManagerHere> {
  let aheadMs = 0;
  const clock: Clock = { ...systemClock, wallMs: () => systemClock.wallMs() + aheadMs };
  const standIn = await startStandIn(clock);
  const environment = {
    AWS_ENDPOINT_URL_SECRETS_MANAGER: standIn.endpoint,
    KEYVEND_KMS_KEY: 'alias/aws/secretsmanager',
  };
  const reading = { ...environment, ...awsKey, KEYVEND_STORE: 'secrets-manager', KEYVEND_DEPLOYMENT: deployment };
  return {
    ...{ environment, credentials: awsKey, reader: () => reading },
    setAhead(ms) {
      aheadMs = ms;
    },
    rules: standIn.rules,
    stop: () => standIn.stop(),
  };
}

export const isSecretsManager = (store: StoreHere): store is SecretsManagerHere => 'rules' in store;

/** A row for each. */
export const storesHere = {
  'secrets-manager': secretsManagerHere,
  embedded: embeddedHere,
  kms: kmsHere,
  kv: kvHere,
} as const satisfies Readonly<Record<keyof typeof stores, (at: At) => Promise<StoreHere>>>;
