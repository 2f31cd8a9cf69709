// The packaged functions, each in a process of its own with its own environment, and AWS and the clouds around them: every call of AWS is recorded.
// DynamoDB by dynalite, Secrets Manager by the stand-in, the clouds by the local ones.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../lib/clock.ts';
import { providerNames } from '../../lib/provider-table.ts';
import { type Clouds, startClouds } from '../../local/clouds/clouds.ts';
import { compiledFile } from '../../local/compiled-file.ts';
import { issuer } from '../../local/stack/issuer.ts';
import { startDynalite } from '../conformance/ledger-dynamodb-local.ts';
import { accessKeyId, type StandIn, secretAccessKey, startStandIn } from '../conformance/secret-aws-stand-in.ts';
import { type Running, runFunction } from '../deploy/run-function.ts';
import { tagsIn } from './authorisations.ts';
import type { Deployed } from './deployed.ts';
import { type Recorder, startRecorder } from './recorder.ts';

export interface Stage {
  readonly clouds: Clouds;
  readonly standIn: StandIn;
  readonly recorder: Recorder;
  /** Sets all clocks forward. */
  later(ms: number): void;
  /** Calls a function by its name in serverless.yml. */
  call(name: string, event?: object, timeoutMs?: number): Promise<unknown>;
  /** A request over HTTP. @returns status and body */
  http(name: string, method: string, path: string, body?: object): Promise<{ status: number; body: object }>;
  /** Messages of a function's own queue. */
  messages(name: string, queue: string, ...bodies: unknown[]): Promise<unknown>;
  stop(): Promise<void>;
}

/** How far the clocks may be set forward, so that the caller's token is still good. */
const HOURS = 24 * 60;

export async function startStage(deployed: Deployed): Promise<Stage> {
  let aheadMs = 0;
  const clock = {
    wallMs: () => systemClock.wallMs() + aheadMs,
    monotonicMs: () => systemClock.monotonicMs() + aheadMs,
  };
  const [clouds, dynamo, standIn] = await Promise.all([startClouds(), startDynalite(), startStandIn(clock)]);
  await dynamo.table(deployed.table.name);
  const home = await mkdtemp(join(tmpdir(), 'keyvend-rights-'));
  await writeFile(join(home, 'ca.pem'), clouds.ca);
  const { compiled } = compiledFile(fileURLToPath(new URL('./access.yaml', import.meta.url)));
  await writeFile(join(home, 'access.json'), JSON.stringify(compiled));
  const made = await issuer('https://issuer.example', 'keyvend');
  const jwks = createServer((_, answer) => answer.end(JSON.stringify(made.keys))).listen(0, '127.0.0.1');
  const token = await made.token('portal', HOURS);
  const { alibaba, tencent } = clouds.credentials;
  for (const [provider, key] of Object.entries({ ens: alibaba, ecs: alibaba, cvm: tencent }))
    standIn.rules.act('CreateSecret', {
      Name: `keyvend-upstream/example/${provider}/default`,
      ClientRequestToken: randomUUID(),
      SecretString: JSON.stringify(key),
    });
  const held = (id: string) => [...standIn.rules.held.values()].find(({ arn, name }) => arn === id || name === id);
  const recorder = startRecorder({ dynamodb: dynamo.endpoint, secretsmanager: standIn.endpoint }, (id) => {
    const found = held(id);
    return found && { tags: tagsIn(found.tags), key: found.kmsKeyId };
  });
  const running = new Map<string, Promise<Running>>();

  async function start(name: string): Promise<Running> {
    const its = deployed.functions.find((one) => one.name === name);
    if (its === undefined) throw new TypeError(`there is no function ${name}`);
    const aws = await recorder.openTo(name);
    return runFunction(its, home, {
      POWERTOOLS_LOG_LEVEL: 'SILENT',
      KEYVEND_ACCESS: join(home, 'access.json'),
      KEYVEND_ISSUER: 'https://issuer.example',
      KEYVEND_JWKS_URI: `http://127.0.0.1:${(jwks.address() as AddressInfo).port}/jwks`,
      KEYVEND_CVM_QUOTA: '500', // otherwise nobody counts there
      KEYVEND_MIN_OVERLAP_DAYS: '0',
      KEYVEND_HOST_NETWORKS: '10.0.0.0/8',
      KEYVEND_TOKEN_LIFETIME_SECONDS: String(HOURS * 60 * 60),
      KEYVEND_CA_FILE: join(home, 'ca.pem'),
      ...Object.fromEntries(providerNames.map((one) => [`KEYVEND_${one.toUpperCase()}_ENDPOINT`, clouds.tlsEndpoint])),
      AWS_REGION: 'us-east-1', // the stand-in's
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      ...Object.fromEntries(
        ['DYNAMODB', 'SECRETS_MANAGER', 'SQS', 'EVENTBRIDGE'].map((service) => [`AWS_ENDPOINT_URL_${service}`, aws]),
      ),
    });
  }
  const call: Stage['call'] = async (name, event = {}, timeoutMs = 29_000) => {
    if (!running.has(name)) running.set(name, start(name));
    return (await running.get(name)!).call(event, timeoutMs, aheadMs);
  };

  return {
    ...{ clouds, standIn, recorder, call },
    later(ms) {
      aheadMs += ms;
      clouds.admin.advanceClock(ms);
    },
    async http(name, method, path, body) {
      const [rawPath, rawQueryString = ''] = path.split('?');
      const answer = (await call(name, {
        version: '2.0',
        ...{ rawPath, rawQueryString },
        headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
        requestContext: { http: { method } },
        ...(body && { body: JSON.stringify(body) }),
      })) as { statusCode: number; body: string };
      return { status: answer.statusCode, body: JSON.parse(answer.body || '{}') };
    },
    messages: (name, queue, ...bodies) =>
      call(
        name,
        {
          Records: bodies.map((body, i) => ({
            ...{ messageId: `m${i}`, receiptHandle: `r${i}`, eventSourceARN: deployed.at(queue).arn },
            attributes: {
              SenderId: 'AROAEXAMPLE:pipeline',
              ApproximateReceiveCount: '1',
              SentTimestamp: String(Date.now()),
            },
            body: typeof body === 'string' ? body : JSON.stringify(body),
          })),
        },
        60_000,
      ),
    async stop() {
      await Promise.all([...running.values()].map(async (one) => (await one).stop()));
      jwks.close();
      await recorder.stop();
      await Promise.all([clouds.close(), dynamo.stop(), standIn.stop()]);
      await rm(home, { recursive: true });
    },
  };
}
