import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { type Clock, wait } from '../../clock.ts';
import { checkedBy, type Environment } from '../../environment.ts';
import type { Identity } from '../../identity.ts';
import { Secret } from '../../secret.ts';
import { createTransport } from '../../transport/transport.ts';
import type { Transport } from '../../transport/wire.ts';
import type { Documents } from '../documents.ts';
import type { SecretStore } from '../secret-store.ts';
import type { StoreConfiguration } from '../store-table.ts';
import { kvReading } from './configuration.ts';
import { type Kv, kvCalls } from './kv-calls.ts';
import { type KvServer, kvHttp } from './kv-http.ts';
import { KEY_FIELD } from './kv-key.ts';
import { type KvLogin, tokensBy } from './kv-login.ts';
import { placeOf } from './kv-path.ts';
import { revealToReader } from './kv-reader.ts';
import { kvStore } from './kv-store.ts';

type Configuration = StoreConfiguration<'kv'>;

/** Where a pod finds the token of its service account. */
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/** A mount of KV version 2, by the login that the environment describes. */
export const open = async (configuration: Configuration, clock: Clock): Promise<SecretStore> =>
  opened(configuration, clock, loginFrom(configuration));

/** For whoever may read the copies and nothing else, with the token that they have from `bao login`. */
export async function openForReader(configuration: Configuration, clock: Clock): Promise<SecretStore> {
  const { KEYVEND_KV_TOKEN_FILE: file, BAO_TOKEN: bao, VAULT_TOKEN: vault } = configuration;
  const given = bao ?? vault;
  return opened(
    configuration,
    clock,
    file === undefined && given !== undefined
      ? { by: 'given', token: new Secret(given) }
      : { by: 'token', file: file ?? join(homedir(), '.vault-token') },
    true,
  );
}

/** What OpenBao's own program is to be asked; Vault's takes the same words. */
export function whereIs(environment: Environment, identity: Identity): string {
  const { KEYVEND_KV_MOUNT, KEYVEND_KV_PREFIX } = kvReading();
  const { KEYVEND_KV_MOUNT: mount, KEYVEND_KV_PREFIX: prefix } = checkedBy(
    z.object({ KEYVEND_KV_MOUNT, KEYVEND_KV_PREFIX }),
    environment,
  );
  return `bao kv get -mount=${mount} -field=${KEY_FIELD} ${placeOf(prefix, identity).current}`;
}

/** What people keep beside the secrets, for keyvend to read: `<prefix>-upstream/<name>`, all of its fields as JSON. */
export function documents(configuration: Configuration, clock: Clock): Documents {
  const { kv } = client(configuration, clock, loginFrom(configuration));
  return async (name) => {
    const { data } = await kv.read(`${configuration.KEYVEND_KV_PREFIX}-upstream/${name}`);
    return data && new Secret(JSON.stringify(data));
  };
}

function opened(configuration: Configuration, clock: Clock, login: KvLogin, forReader = false): SecretStore {
  const { KEYVEND_DEPLOYMENT: deployment, KEYVEND_KV_MOUNT: mount, KEYVEND_KV_PREFIX: prefix } = configuration;
  const { kv, transport } = client(configuration, clock, login);
  const store = kvStore({ kv, clock, deployment, mount, prefix });
  return {
    ...store,
    ...(forReader && { reveal: (...of) => revealToReader(kv, prefix, ...of) }),
    close: async () => transport.close(),
  };
}

function client(
  configuration: Configuration,
  clock: Clock,
  login: KvLogin,
): { readonly kv: Kv; readonly transport: Transport } {
  const caFile = configuration.KEYVEND_KV_CA_FILE;
  const transport = createTransport({ clock, ...(caFile !== undefined && { ca: readFileSync(caFile, 'utf8') }) });
  const server: KvServer = {
    ...{ transport, clock, wait },
    origin: configuration.KEYVEND_KV_ADDRESS.replace(/\/$/, ''),
    namespace: configuration.KEYVEND_KV_NAMESPACE,
  };
  transport.connectEarly?.({ origin: server.origin }, 1);
  const http = kvHttp(server);
  return { kv: kvCalls(configuration.KEYVEND_KV_MOUNT, http, tokensBy(login, http, clock)), transport };
}

function loginFrom(configuration: Configuration): KvLogin {
  const { KEYVEND_KV_LOGIN: by = 'token', KEYVEND_KV_LOGIN_MOUNT: mount = by } = configuration;
  const file = configuration.KEYVEND_KV_TOKEN_FILE ?? (by === 'kubernetes' ? SERVICE_ACCOUNT : '');
  if (by === 'token') return { by, file };
  if (by !== 'approle') return { by, mount, role: configuration.KEYVEND_KV_ROLE ?? '', file };
  return {
    by,
    mount,
    role: configuration.KEYVEND_KV_ROLE_ID ?? '',
    file: configuration.KEYVEND_KV_SECRET_ID_FILE ?? '',
  };
}
