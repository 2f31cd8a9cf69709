// Alibaba ENS, Alibaba ECS and Tencent CVM key pairs, what uses them, and the services beside them, on one local port, for the real SDKs. See docs/local-clouds.md.
import type { IncomingMessage } from 'node:http';
import { type Clock, systemClock } from '../../lib/clock.ts';
import {
  type Credential,
  type CredentialKind,
  credentialOf,
  freshCredentials,
  withExtra,
} from './accounts/credentials.ts';
import { Admin } from './admin/admin.ts';
import { RequestLog } from './admin/request-log.ts';
import { administer, isAdmin } from './admin/routes.ts';
import { Exchange } from './exchange.ts';
import { FaultPlan } from './faults/plan.ts';
import { makeCertificate } from './http/certificate.ts';
import { deliver, json } from './http/delivery.ts';
import { type Handler, openPort } from './http/port.ts';
import { received } from './http/received.ts';
import { KeySource } from './keys/key-source.ts';
import { ServerClock } from './server-clock.ts';
import type { TrustedIssuer } from './services/federation.ts';
import type { Behaviour } from './settings/behaviour.ts';
import type { Limits } from './settings/limits.ts';
import { Buses } from './state/buses.ts';
import { Fleet } from './state/fleet.ts';
import { Queues } from './state/queues.ts';
import { Registry } from './state/registry.ts';
import { restore, stateOf } from './state/restore.ts';
import { Secrets } from './state/secrets.ts';
import { readState, StateFile } from './state/state-file.ts';

export interface CloudsOptions {
  /** Default 0: any free one. */
  readonly port?: number;
  /** Default: the machine's. */
  readonly clock?: Clock;
  readonly behaviour?: Partial<Behaviour>;
  readonly limits?: Partial<Limits>;
  /** Keeps pairs and credentials across a restart; default: memory only. */
  readonly stateFile?: string;
  /** More credentials, or others in the place of default ones with the same id. */
  readonly credentials?: readonly Credential[];
  /** Issuers for whose tokens temporary credentials are given. */
  readonly federation?: readonly TrustedIssuer[];
  /** Default: a new one. Several servers in one process may share one. */
  readonly keys?: KeySource;
  /** Called with what the server itself failed at, such as a full disk, while the client gets InternalError; default: stderr. */
  readonly onFailure?: (error: unknown) => void;
}

export interface AlibabaCredentials {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  /** Temporary ones only. */
  readonly securityToken?: string;
}
export interface TencentCredentials {
  readonly secretId: string;
  readonly secretKey: string;
  readonly token?: string;
}

export interface Clouds {
  readonly port: number;
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string;
  /** `https://127.0.0.1:PORT`: the same port. */
  readonly tlsEndpoint: string;
  /** PEM to trust for TLS. */
  readonly ca: string;
  readonly credentials: {
    readonly alibaba: AlibabaCredentials;
    readonly alibabaSts: AlibabaCredentials;
    readonly alibabaExpired: AlibabaCredentials;
    readonly alibabaInactive: AlibabaCredentials;
    readonly alibabaUnpermitted: AlibabaCredentials;
    readonly tencent: TencentCredentials;
    readonly tencentSts: TencentCredentials;
    readonly tencentExpired: TencentCredentials;
    readonly tencentInactive: TencentCredentials;
    readonly tencentUnpermitted: TencentCredentials;
  };
  readonly admin: Admin;
  /** Lets requests in flight finish; stalled ones are cut. */
  close(): Promise<void>;
}

/** Tencent's limit for a signed POST; Alibaba's is smaller. */
const longestBody = 10 * 1024 * 1024;

/**
 * Starts the clouds on 127.0.0.1.
 * @throws what listening or reading the state file throws; {TypeError} for a setting that is not possible
 */
export async function startClouds(options: CloudsOptions = {}): Promise<Clouds> {
  const { port = 0, stateFile, behaviour = {}, limits = {}, keys = new KeySource(), onFailure = report } = options;
  const [state, certificate] = await Promise.all([stateFile ? readState(stateFile) : undefined, makeCertificate()]);
  const credentials = withExtra(state?.credentials ?? freshCredentials(), options.credentials ?? []);
  const [registry, fleet, secrets] = [new Registry(), new Fleet(), new Secrets()];
  const [buses, queues] = [new Buses(), new Queues()];
  if (state) restore(state, registry, fleet);
  const file = stateFile ? new StateFile(stateFile, () => stateOf(credentials, registry, fleet)) : undefined;

  const clock = new ServerClock(options.clock ?? systemClock);
  const closing = new AbortController();
  const [plan, log] = [new FaultPlan(), new RequestLog()];
  const save = async (): Promise<void> => file?.save();
  const common = { clock, credentials, registry, fleet, secrets, buses, queues, keys, plan, save };
  const trusted = options.federation ?? [];
  const admin = new Admin({ ...common, log, initial: { behaviour, limits }, reset: () => exchange.reset() });
  const exchange = new Exchange({
    ...{ ...common, trusted },
    behaviour: () => admin.behaviour(),
    limits: () => admin.limits(),
    onFailure,
    closing: closing.signal,
  });

  const handle: Handler = async (message, response, connection, nth) => {
    const body = await wholeBody(message, closing.signal);
    if (!body) {
      const answer = json(413, { error: `a body is ${longestBody} bytes at most` }, { connection: 'close' });
      return deliver(response, answer, clock.httpDate(), closing.signal);
    }
    const request = received(message.method ?? '', message.url ?? '', message.rawHeaders, body);
    if (isAdmin(request.path)) {
      const answer = await administer(admin, request).catch((error) => {
        onFailure(error);
        return json(500, { error: 'the server failed' });
      });
      return deliver(response, answer, clock.httpDate(), closing.signal);
    }
    const { delivery, trace } = await exchange.answer(request);
    log.add({ ...trace, connection, reused: nth > 1 });
    return deliver(response, delivery, clock.httpDate(), closing.signal);
  };
  // Calls of the clouds' own APIs are signed, and their own clients send some as forms and some by GET.
  const opened = await openPort(port, certificate, handle, { isSigned: (target) => !isAdmin(target) });
  await save().catch(async (error) => {
    await opened.close();
    throw error;
  });
  for (const service of ['ens', 'ecs', 'cvm'] as const) keys.prepare(admin.behaviour()[`${service}.keyBits`]);

  return {
    port: opened.number,
    endpoint: `http://127.0.0.1:${opened.number}`,
    tlsEndpoint: `https://127.0.0.1:${opened.number}`,
    ca: certificate.cert,
    credentials: {
      alibaba: forAlibaba(credentials, 'permanent'),
      alibabaSts: forAlibaba(credentials, 'sts'),
      alibabaExpired: forAlibaba(credentials, 'expired'),
      alibabaInactive: forAlibaba(credentials, 'inactive'),
      alibabaUnpermitted: forAlibaba(credentials, 'unpermitted'),
      tencent: forTencent(credentials, 'permanent'),
      tencentSts: forTencent(credentials, 'sts'),
      tencentExpired: forTencent(credentials, 'expired'),
      tencentInactive: forTencent(credentials, 'inactive'),
      tencentUnpermitted: forTencent(credentials, 'unpermitted'),
    },
    admin,
    async close() {
      closing.abort();
      if (!options.keys) keys.close();
      await opened.close();
    },
  };
}

const report = (error: unknown): void => {
  process.stderr.write(`local clouds: ${error instanceof Error ? error.stack : String(error)}\n`);
};

/** @returns undefined when it is too long, or the client went away */
async function wholeBody(message: IncomingMessage, closing: AbortSignal): Promise<Buffer | undefined> {
  const stop = (): void => void message.destroy(); // half a request has had no effect yet
  closing.addEventListener('abort', stop);
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of message as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length <= longestBody) chunks.push(chunk); // the rest is read to its end, so that the client learns why
    }
  } catch {
    return undefined;
  } finally {
    closing.removeEventListener('abort', stop);
  }
  return length > longestBody ? undefined : Buffer.concat(chunks);
}

function forAlibaba(all: readonly Credential[], kind: CredentialKind): AlibabaCredentials {
  const { keyId, secret, token } = credentialOf(all, 'alibaba', kind);
  return { accessKeyId: keyId, accessKeySecret: secret, ...(token !== undefined && { securityToken: token }) };
}

function forTencent(all: readonly Credential[], kind: CredentialKind): TencentCredentials {
  const { keyId, secret, token } = credentialOf(all, 'tencent', kind);
  return { secretId: keyId, secretKey: secret, ...(token !== undefined && { token }) };
}
