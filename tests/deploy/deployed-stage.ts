// Everything around the stage `prod` of docs/deploy.md: a copy of the sources to deploy it from, a terminal, moto in the place of AWS, the
// local clouds and an issuer. Its functions run as they are packaged, with what moto says is their environment.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { startClouds } from '../../local/clouds/clouds.ts';
import { issuer } from '../../local/stack/issuer.ts';
import type { Moto } from '../moto.ts';
import { checkOut } from './checkout.ts';
import { startFront } from './moto-front.ts';
import { runFunction } from './run-function.ts';
import { openTerminal } from './terminal.ts';

const region = 'eu-central-1';
const key = { accessKeyId: 'AKIALOCAL', secretAccessKey: 'local' };
/** In place of npm's own, which ask the network whether there is a newer npm; and what an older AWS CLI does not take from the environment, of SQS. */
const withoutNpm = `
  PATH="$PWD/node_modules/.bin:$PATH"
  npx() { "$@"; }
  keyvend() { node local/keyvend.ts "$@"; }
  aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }
  npm() { shift 3; node deploy/package.ts "$@"; }`;

interface Configured {
  readonly FunctionArn: string;
  readonly Handler: string;
  readonly Environment: { readonly Variables: Readonly<Record<string, string>> };
}

export async function startStage(moto: Moto) {
  const [clouds, front] = await Promise.all([startClouds(), startFront(moto.endpoint)]);
  const { folder, remove } = checkOut('prod');
  const tasks = mkdtempSync(join(tmpdir(), 'keyvend-tasks-'));
  const { keys, token } = await issuer('https://login.your-company.net/', 'keyvend');
  const bearer = `Bearer ${await token('operator', 1)}`;
  const jwks = createServer((_, answer) => answer.end(JSON.stringify(keys))).listen(0, '127.0.0.1');
  writeFileSync(join(folder, 'ca.pem'), clouds.ca);
  writeFileSync(join(folder, 'access-key.json'), JSON.stringify(clouds.credentials.alibaba));
  /** What stands in for AWS, the cloud and the issuer; everything else the deployment says. */
  const local = {
    AWS_ENDPOINT_URL_DYNAMODB: front.endpoint,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: front.endpoint,
    AWS_ENDPOINT_URL_EVENTBRIDGE: front.endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: key.accessKeyId,
    AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
    KEYVEND_ECS_ENDPOINT: clouds.tlsEndpoint,
    KEYVEND_CA_FILE: join(folder, 'ca.pem'),
  };
  const terminal = openTerminal(folder, {
    ...local,
    PATH: process.env.PATH,
    HOME: folder,
    STAGE: 'prod',
    AWS_ENDPOINT_URL: front.endpoint,
    AWS_DEFAULT_REGION: region,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_PAGER: '',
    SLS_TELEMETRY_DISABLED: '1',
    SLS_AWS_MONITORING_FREQUENCY: '200',
  });
  await terminal.run(withoutNpm);
  const client = { endpoint: moto.endpoint, region, credentials: key };
  const [tables, secrets] = [new DynamoDBClient(client), new SecretsManagerClient(client)];

  /** GetFunctionConfiguration. */
  const configured = async (name: string): Promise<Configured> => {
    const authorization = `AWS4-HMAC-SHA256 Credential=${key.accessKeyId}/20260101/${region}/lambda/aws4_request`;
    const path = `/2015-03-31/functions/keyvend-prod-${name}/configuration`;
    return (await (await fetch(`${moto.endpoint}${path}`, { headers: { authorization } })).json()) as Configured;
  };
  const call = async (name: string, event: object): Promise<unknown> => {
    const { Handler: handler, Environment } = await configured(name);
    const KEYVEND_JWKS_URI = `http://127.0.0.1:${(jwks.address() as AddressInfo).port}/`;
    const environment = { ...Environment.Variables, ...local, KEYVEND_JWKS_URI, POWERTOOLS_LOG_LEVEL: 'SILENT' };
    const zip = join(folder, '.keyvend/package', `${name}.zip`);
    const running = await runFunction({ name, zip, handler, environment }, tasks, {});
    return running.call(event, 60_000, 0).finally(running.stop);
  };
  return {
    ...{ clouds, front, terminal, tables, secrets, configured, call },
    /** Asks for a key pair on ECS over HTTP. */
    async vend(name: string): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
      const answer = (await call('ecsHttp', {
        version: '2.0',
        rawPath: '/v1/ecs/key-pairs',
        headers: { authorization: bearer, 'content-type': 'application/json' },
        requestContext: { http: { method: 'POST' } },
        body: JSON.stringify({ name, region: 'cn-hangzhou' }),
      })) as { statusCode: number; body: string };
      return { status: answer.statusCode, body: JSON.parse(answer.body) };
    },
    async close(): Promise<void> {
      for (const one of [tables, secrets]) one.destroy();
      jwks.close();
      front.stop();
      await Promise.all([terminal.close(), clouds.close(), moto.stop()]);
      remove();
      rmSync(tasks, { recursive: true });
    },
  };
}
