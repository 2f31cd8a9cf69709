// Everything on one machine: local clouds, queues, token issuer and gateway around the very functions that are deployed.
import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SQSClient } from '@aws-sdk/client-sqs';
import { OPEN } from '../../lib/access/access-document.ts';
import { originsIn } from '../../lib/application/cors.ts';
import { stateConfiguration } from '../../lib/application/one-configuration.ts';
import { DEFAULT_ACCOUNT } from '../../lib/identity.ts';
import { type Portal, portal, portalFolder } from '../../lib/platforms/portal.ts';
import { forEachProvider, providerNames, rowOf, variableOf } from '../../lib/provider-table.ts';
import { type LedgerLook, lookAtLedger } from '../../lib/vending/ledger-look.ts';
import { type Clouds, startClouds } from '../clouds/clouds.ts';
import { compiledFile } from '../compiled-file.ts';
import { assertLoopback } from '../loopback.ts';
import { people } from '../sign-in/people.ts';
import { AUDIENCE, ISSUER, usualEnvironment, writeEnvironment, writePrivately } from './environment.ts';
import { gateway } from './gateway.ts';
import { type Issuer, servedIssuer } from './issuer.ts';
import { assertOneStore } from './one-store.ts';
import { poll } from './queue-pollers.ts';
import { credentialsFile, type QueueKey } from './queue-signature.ts';
import { queueKeyOf, REGION, startQueues } from './queues.ts';
import { described } from './routes.ts';
import { onSchedule } from './schedule.ts';

export interface StackOptions {
  /** 0 for any free port. */
  readonly port: number;
  readonly cloudsPort: number;
  /** Where everything is stored. */
  readonly home: string;
  /** Clouds that run already, and stay when this stops; by default its own are started on `cloudsPort`. */
  readonly clouds?: RunningClouds;
  /** An access document, as people write it; by default the example's. */
  readonly access?: string;
  /** Where the portal was built; by default where npm run portal builds it. */
  readonly portal?: string;
  /** How often recovery looks for what was left open, and rotation for what is due. Default 15 seconds. */
  readonly recoverEveryMs?: number;
}

export type RunningClouds = Pick<Clouds, 'endpoint' | 'tlsEndpoint' | 'ca'> & {
  readonly credentials: Pick<Clouds['credentials'], 'alibaba' | 'tencent'>;
};

export interface Stack {
  readonly endpoint: string;
  /** Where people sign in: its name is its address. */
  readonly issuer: string;
  /** With `admin` where the stack started them itself. */
  readonly clouds: RunningClouds & Partial<Pick<Clouds, 'admin'>>;
  /** An operator's token, valid for twelve hours, as in `tokens/operator`. */
  readonly token: string;
  readonly queueEndpoint: string;
  /** Whether its ledger is the one that it was. */
  ledger(): Promise<LedgerLook>;
  /** What messages are signed with. */
  readonly queueKey: QueueKey;
  /** Lets what is in flight finish. */
  stop(): Promise<void>;
}

/** The file under `home` with the key that the queues take. */
const QUEUE_CREDENTIALS = 'queue-credentials';
const EXAMPLE = fileURLToPath(new URL('../../access/example.yaml', import.meta.url));

export async function startStack({
  port,
  cloudsPort,
  home,
  recoverEveryMs = 15_000,
  ...options
}: StackOptions): Promise<Stack> {
  await assertLoopback();
  await mkdir(home, { recursive: true, mode: 0o700 });
  await chmod(home, 0o700);
  const { routes, polls, schedules } = described(new URL('../../serverless.yml', import.meta.url));
  const queueNames = polls.map(({ queue }) => `keyvend-${queue.replace(/Queue$/, '').toLowerCase()}`);

  const own = options.clouds
    ? undefined
    : await startClouds({ port: cloudsPort, stateFile: join(home, 'clouds.json') });
  const clouds = options.clouds ?? own!;
  const queues = await startQueues(join(home, 'queues'), [...queueNames, 'keyvend-events!']);
  const keys = await servedIssuer(AUDIENCE, { name: ISSUER });
  await writeFile(join(home, 'clouds-ca.pem'), clouds.ca);

  // The functions read their configuration from the environment when they are first imported, as they do when deployed.
  const environment = {
    ...usualEnvironment(process.env),
    KEYVEND_HOME: home,
    KEYVEND_ACCESS: await writeAccess(home, options.access ?? EXAMPLE),
    KEYVEND_JWKS_URI: keys.keysUri,
    KEYVEND_SIGN_IN: keys.url,
    KEYVEND_CA_FILE: join(home, 'clouds-ca.pem'),
    ...Object.fromEntries(providerNames.map((provider) => [variableOf(provider, 'ENDPOINT'), clouds.tlsEndpoint])),
    KEYVEND_UPSTREAM: JSON.stringify(
      forEachProvider((provider) => ({ [DEFAULT_ACCOUNT]: clouds.credentials[rowOf(provider).credentials] })),
    ),
    KEYVEND_EVENTS_URL: queues.url('keyvend-events'),
    KEYVEND_ROTATION_QUEUE_URL: queues.url('keyvend-rotation'),
    AWS_ENDPOINT_URL_SQS: queues.endpoint,
    KEYVEND_QUEUE_KEY: queueKeyOf(queues.key),
  };
  Object.assign(process.env, environment);
  // What else was set for this process holds for commands as well, or they would plan and show by other defaults.
  const set = Object.entries(process.env).filter(([name]) => name.startsWith('KEYVEND_'));
  await writeEnvironment(home, { ...(Object.fromEntries(set) as Record<string, string>), ...environment });
  const { runtime } = await import('../../lib/platforms/runtime.ts');
  await assertOneStore(await runtime.ports(), home); // before anything is settled
  const client = new SQSClient({
    endpoint: queues.endpoint,
    region: REGION,
    credentials: queues.key,
  });
  const pollers = await Promise.all(
    polls.flatMap((one, i) =>
      Array.from({ length: one.workers }, () => poll(client, queues, { ...one, queue: queueNames[i]! })),
    ),
  );
  const often: Readonly<Record<string, number>> = {
    'functions/recovery.settle': recoverEveryMs,
    'functions/rotation.due': recoverEveryMs,
  };
  const server = await gateway(routes, port, {
    origins: originsIn(process.env.KEYVEND_CORS_ORIGINS),
    portal: localPortal(keys.url, options.portal),
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  keys.openTo(`${endpoint}/portal/`);
  const running = await Promise.all(
    schedules.map((one) => onSchedule({ ...one, everyMs: Math.min(one.everyMs, often[one.handler] ?? one.everyMs) })),
  );
  const { forRotation } = await import('../../lib/platforms/for-rotation.ts');
  // The schedule does so, too; whoever types a command at once is to be right by then.
  await stateConfiguration(await runtime.ledger(), runtime.clock, forRotation.own());

  const token = await writeTokens(home, keys.token);
  await writePrivately(join(home, QUEUE_CREDENTIALS), credentialsFile(queues.key));
  await writePrivately(join(home, 'address'), endpoint); // for commands beside it
  return {
    endpoint,
    issuer: keys.url,
    clouds,
    token,
    queueEndpoint: queues.endpoint,
    ledger: async () => lookAtLedger(await runtime.ports()),
    queueKey: queues.key,
    async stop() {
      await closed(server);
      await Promise.all(pollers.map((poller) => poller.stop()));
      await Promise.all(running.map((schedule) => schedule.stop()));
      const { ledger, store } = await runtime.ports();
      await ledger.close();
      await store.close();
      client.destroy();
      await queues.stop();
      await keys.stop();
      await own?.close();
    },
  };
}

/** Read when it is first asked for: it may be built meanwhile. */
function localPortal(issuer: string, given?: string): Portal {
  let built: Portal | undefined;
  return (path) => {
    if (!path.startsWith('/portal')) return undefined;
    const folder = given ?? portalFolder();
    built ??= folder === undefined ? undefined : portal(folder, { issuer, clientId: 'keyvend-portal' });
    return built?.(path);
  };
}

/** Checked and compiled, as packaging does it. @returns what the functions are told, which is where it is */
async function writeAccess(home: string, file: string): Promise<string> {
  if (file === OPEN) return file;
  const { compiled } = compiledFile(file);
  const path = join(home, 'access.json');
  await writePrivately(path, JSON.stringify(compiled));
  return path;
}

/** @returns the operator's, which is also written as `token` */
async function writeTokens(home: string, token: Issuer['token']): Promise<string> {
  await mkdir(join(home, 'tokens'), { recursive: true, mode: 0o700 });
  for (const [name, { claims }] of Object.entries(people))
    await writePrivately(join(home, 'tokens', name), await token(name, 12, claims));
  const operators = await token('operator', 12);
  await writePrivately(join(home, 'token'), operators);
  return operators;
}

/** Connections that callers keep open are closed as soon as they carry no request. */
async function closed(server: Server): Promise<void> {
  const gone = once(server, 'close');
  server.close();
  const sweep = setInterval(() => server.closeIdleConnections(), 20);
  await gone;
  clearInterval(sweep);
}
