// The functions as they are deployed, with moto in place of every AWS service that they call, and the local clouds.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DynamoDBClient,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { OPEN } from '../../lib/access/access-document.ts';
import { tableDefinition } from '../../lib/ledger/dynamodb/dynamodb-table.ts';
import { Secret } from '../../lib/secret.ts';
import { parsePrivateKey } from '../../lib/ssh/private-key.ts';
import { type Clouds, startClouds } from '../../local/clouds/clouds.ts';
import { contextFor, handlerOf } from '../../local/stack/invoke.ts';
import { issuer } from '../../local/stack/issuer.ts';
import { type Moto, startMoto } from '../moto.ts';
import { refusingKeys } from './refusing.ts';

const region = 'us-east-1';
const key = { accessKeyId: 'AKIALOCAL', secretAccessKey: 'local' };
const moto: Moto | undefined = await startMoto();

describe('the deployment on AWS, by moto', () => {
  if (moto === undefined) return void it('vends', (ctx) => ctx.skip('moto_server is not installed'));
  const { endpoint } = moto;
  const client = { endpoint, region, credentials: key };
  const [secrets, queues, tables] = [
    new SecretsManagerClient(client),
    new SQSClient(client),
    new DynamoDBClient(client),
  ];
  let clouds: Clouds;
  let home: string;
  let token: string;
  let jwks: ReturnType<typeof createServer>;

  beforeAll(async () => {
    clouds = await startClouds();
    home = await mkdtemp(join(tmpdir(), 'keyvend-aws-'));
    await writeFile(join(home, 'ca.pem'), clouds.ca);
    const made = await issuer('https://issuer.example', 'keyvend');
    token = await made.token('portal', 1);
    jwks = createServer((_, answer) => answer.end(JSON.stringify(made.keys))).listen(0, '127.0.0.1');
    const { alibaba, tencent } = clouds.credentials;
    for (const [name, value] of Object.entries({ ens: alibaba, ecs: alibaba, cvm: tencent })) {
      const SecretString = JSON.stringify(value);
      await secrets.send(new CreateSecretCommand({ Name: `keyvend-upstream/${name}/default`, SecretString }));
    }
    await tables.send(
      new CreateTableCommand({ TableName: 'keyvend', ...tableDefinition } as unknown as CreateTableCommandInput),
    );
    for (const QueueName of ['keyvend-ecs', 'keyvend-ecs-dead-letters', 'keyvend-rotation']) {
      await queues.send(new CreateQueueCommand({ QueueName }));
    }
    Object.assign(process.env, {
      POWERTOOLS_LOG_LEVEL: 'SILENT',
      KEYVEND_PLATFORM: 'aws',
      KEYVEND_LEDGER: 'dynamodb',
      KEYVEND_STORE: 'secrets-manager',
      KEYVEND_DEPLOYMENT: 'test',
      KEYVEND_ISSUER: 'https://issuer.example',
      KEYVEND_ACCESS: OPEN,
      KEYVEND_MIN_OVERLAP_DAYS: '0', // no rotation here waits for an old key
      KEYVEND_AUDIENCE: 'keyvend',
      KEYVEND_JWKS_URI: `http://127.0.0.1:${(jwks.address() as AddressInfo).port}/jwks`,
      KEYVEND_TABLE: 'keyvend',
      KEYVEND_KMS_KEY: 'alias/aws/secretsmanager',
      KEYVEND_UPSTREAM_PREFIX: 'keyvend-upstream/',
      KEYVEND_BUS: 'default',
      KEYVEND_ROTATION_QUEUE_URL: `${endpoint}/123456789012/keyvend-rotation`,
      KEYVEND_CA_FILE: join(home, 'ca.pem'),
      KEYVEND_ENS_ENDPOINT: clouds.tlsEndpoint,
      KEYVEND_ECS_ENDPOINT: clouds.tlsEndpoint,
      KEYVEND_CVM_ENDPOINT: clouds.tlsEndpoint,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: key.accessKeyId,
      AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
      AWS_ENDPOINT_URL: endpoint,
    });
  }, 60_000);
  afterAll(async () => {
    for (const one of [secrets, queues, tables]) one.destroy();
    jwks.close();
    await clouds.close();
    await moto.stop();
    await rm(home, { recursive: true });
  });

  /** A request for a key pair, or for what is below it. */
  const ask = async (method: string, name: string, below: string, body?: object) => {
    const handler = await handlerOf('functions/lifecycle.http');
    const event = {
      version: '2.0',
      rawPath: `/v1/ecs/key-pairs/${encodeURIComponent(name)}${below}`,
      rawQueryString: 'region=cn-hangzhou',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      requestContext: { http: { method } },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
    const answer = (await handler(event, contextFor('lifecycle'))) as { statusCode: number; body: string };
    return { status: answer.statusCode, body: JSON.parse(answer.body) };
  };

  const post = async (provider: string, body: object) => {
    const handler = await handlerOf(`functions/${provider}.http`);
    const event = {
      version: '2.0',
      rawPath: `/v1/${provider}/key-pairs`,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      requestContext: { http: { method: 'POST' } },
      body: JSON.stringify(body),
    };
    return (await handler(event, contextFor(provider))) as { statusCode: number; body: string };
  };

  it.each([
    ['ens', { name: 'edge-gateway' }],
    ['ecs', { name: 'web:prod', region: 'cn-hangzhou' }],
    ['cvm', { name: 'web_prod', region: 'ap-tokyo', projectId: 0 }],
  ] as const)(
    'vends on %s, with a key in Secrets Manager that the official SDK reads and that agrees with the pair',
    async (provider, body) => {
      const first = await post(provider, body);
      expect(first.statusCode, first.body).toBe(201);
      expect(await post(provider, body)).toMatchObject({ statusCode: 200, body: first.body });

      const read = await handlerOf('functions/catalog.http');
      const found = (await read(
        {
          version: '2.0',
          rawPath: `/v1/${provider}/key-pairs/${encodeURIComponent(body.name)}`,
          rawQueryString: 'region' in body ? `region=${body.region}` : '',
          headers: { authorization: `Bearer ${token}` },
          requestContext: { http: { method: 'GET' } },
        },
        contextFor('catalog'),
      )) as { body: string };
      const metadata = JSON.parse(found.body) as {
        state: string;
        versions: { secretReference: string; publicKey: string }[];
      };
      expect(metadata.state).toBe('active');
      const { secretReference, publicKey } = metadata.versions[0]!;
      const { SecretString = '' } = await secrets.send(new GetSecretValueCommand({ SecretId: secretReference }));
      expect(SecretString.endsWith('-----END RSA PRIVATE KEY-----\n')).toBe(true);
      expect(parsePrivateKey(new Secret(SecretString)).publicKey).toBe(publicKey);
      expect(clouds.admin.pairs(provider)[0]?.publicKey).toBe(publicKey);
    },
  );

  it("leaves a key where `keyvend key` reads it with the reader's own rights", async () => {
    const words = ['local/keyvend.ts', 'key', 'ecs', 'web:prod', '--region', 'cn-hangzhou'];
    const { stdout } = await promisify(execFile)(process.execPath, words, { env: process.env });
    expect(parsePrivateKey(new Secret(stdout)).publicKey).toBe(clouds.admin.pairs('ecs')[0]?.publicKey);
  });

  it('rotates when asked over HTTP, by way of a queue or else of an index, and gives readers the new key', async () => {
    const QueueUrl = `${endpoint}/123456789012/keyvend-rotation`;
    const name = 'web:prod';
    expect((await ask('PUT', name, '/policy', { overlapDays: 0 })).status).toBe(200);
    const { status, body: asked } = await ask('POST', name, '/rotations');
    expect([status, asked.state]).toEqual([202, 'requested']);
    const { Messages: [handed] = [] } = await queues.send(new ReceiveMessageCommand({ QueueUrl }));
    expect(JSON.parse(handed?.Body ?? '')).toEqual({
      provider: 'ecs',
      account: 'default',
      region: 'cn-hangzhou',
      name,
    });

    const [due, worker] = [await handlerOf('functions/rotation.due'), await handlerOf('functions/rotation.worker')];
    expect(await due({}, contextFor('due'))).toEqual({ sent: 1 });
    const { Messages: [message] = [] } = await queues.send(new ReceiveMessageCommand({ QueueUrl }));
    expect(message?.Body).toBe(handed?.Body);
    const record = { messageId: message?.MessageId, receiptHandle: message?.ReceiptHandle, body: message?.Body };
    const eventSourceARN = `arn:aws:sqs:${region}:123456789012:keyvend-rotation`;
    const context = contextFor('worker', 900_000);
    expect(await worker({ Records: [{ ...record, eventSourceARN }] }, context)).toEqual({ batchItemFailures: [] });

    const { body: rotation } = await ask('GET', name, `/rotations/${asked.id}`);
    expect(rotation.state).toBe('old-key-removed');
    const SecretId = 'keyvend/ecs/default/cn-hangzhou/web=3Aprod';
    // Named, because moto goes on handing out the first version to a reader who names none; AWS does not.
    const current = new GetSecretValueCommand({ SecretId, VersionStage: 'AWSCURRENT' });
    const { SecretString = '' } = await secrets.send(current);
    const pair = clouds.admin.pairs('ecs').find((one) => one.name === rotation.successor.keyPairName);
    expect(parsePrivateKey(new Secret(SecretString)).publicKey).toBe(pair?.publicKey);
    const { VersionIdsToStages = {} } = await secrets.send(new DescribeSecretCommand({ SecretId }));
    const stages = Object.values(VersionIdsToStages).flat();
    expect(stages.filter((stage) => /PENDING|pending/.test(stage))).toEqual([]);
  });

  it('rotates all the same when the queue cannot be reached, because the schedule finds what is due', async () => {
    const body = { name: 'quiet', region: 'cn-hangzhou' };
    expect((await post('ecs', body)).statusCode).toBe(201);
    const QueueName = 'keyvend-rotation';
    await queues.send(new DeleteQueueCommand({ QueueUrl: `${endpoint}/123456789012/${QueueName}` }));
    expect(await ask('POST', 'quiet', '/rotations')).toMatchObject({ status: 202, body: { state: 'requested' } });
    await queues.send(new CreateQueueCommand({ QueueName }));
    const due = await handlerOf('functions/rotation.due');
    expect(await due({}, contextFor('due'))).toEqual({ sent: expect.any(Number) });
    const QueueUrl = `${endpoint}/123456789012/${QueueName}`;
    const { Messages = [] } = await queues.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    expect(Messages.map(({ Body }) => JSON.parse(Body ?? '').name)).toContain('quiet');
  });

  it('takes a batch of messages apart: the good ones are done, a bad one becomes a dead letter with its reason', async () => {
    const QueueUrl = `${endpoint}/123456789012/keyvend-ecs`;
    const good = JSON.stringify({ provider: 'ecs', name: 'batch-job', region: 'cn-hangzhou' });
    for (const MessageBody of [good, 'not json']) await queues.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    const { Messages = [] } = await queues.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    const Records = Messages.map(({ MessageId, ReceiptHandle, Body }) => ({
      messageId: MessageId,
      receiptHandle: ReceiptHandle,
      body: Body,
      eventSourceARN: `arn:aws:sqs:${region}:123456789012:keyvend-ecs`,
    }));
    const handler = await handlerOf('functions/ecs.queue');
    expect(await handler({ Records }, contextFor('ecsQueue'))).toEqual({ batchItemFailures: [] });
    const dead = await queues.send(
      new ReceiveMessageCommand({ QueueUrl: `${QueueUrl}-dead-letters`, MessageAttributeNames: ['All'] }),
    );
    expect(dead.Messages?.map(({ Body }) => Body)).toEqual(['not json']);
    expect(dead.Messages?.[0]?.MessageAttributes?.code?.StringValue).toBe('INVALID_REQUEST');
    expect(clouds.admin.pairs('ecs').map(({ name }) => name)).toContain('batch-job');
  });

  it('gives a message back to the queue when its cloud is busy', async () => {
    const QueueUrl = `${endpoint}/123456789012/keyvend-ecs`;
    clouds.admin.addFault({ match: { name: 'later' }, fault: { kind: 'throttle', retryAfterMs: 60_000 } });
    const MessageBody = JSON.stringify({ provider: 'ecs', name: 'later', region: 'cn-hangzhou' });
    await queues.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    const { Messages = [] } = await queues.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 180 }));
    const [message] = Messages.filter(({ Body }) => Body === MessageBody);
    const record = {
      messageId: message?.MessageId,
      receiptHandle: message?.ReceiptHandle,
      body: MessageBody,
      eventSourceARN: `arn:aws:sqs:${region}:123456789012:keyvend-ecs`,
    };
    const handler = await handlerOf('functions/ecs.queue');
    const answer = await handler({ Records: [record] }, contextFor('ecsQueue'));
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: message?.MessageId }] });
  });

  it('leaves no empty secret when the cloud refused the pair', async () => {
    clouds.admin.addFault({ match: { name: 'full' }, fault: { kind: 'refuse', code: 'QuotaExceed.KeyPair' } });
    const body = { name: 'full', region: 'cn-hangzhou' };
    expect((await post('ecs', body)).statusCode).toBe(422);
    const SecretId = 'keyvend/ecs/default/cn-hangzhou/full';
    expect((await secrets.send(new DescribeSecretCommand({ SecretId }))).DeletedDate).toBeDefined();
    expect((await post('ecs', body)).statusCode).toBe(201); // and it comes back when there is a key for it
    expect((await secrets.send(new DescribeSecretCommand({ SecretId }))).DeletedDate).toBeUndefined();
  });

  it.each([
    ['ens', { name: 'blind-gateway' }],
    ['ecs', { name: 'web:blind', region: 'cn-hangzhou' }],
    ['cvm', { name: 'web_blind', region: 'ap-tokyo', projectId: 0 }],
  ] as const)('vends on %s, and answers again, where nobody may read a stored key', async (provider, body) => {
    const refusing = await refusingKeys(endpoint);
    vi.stubEnv('KEYVEND_READS_KEYS', 'false');
    vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', refusing.endpoint);
    vi.resetModules(); // a function reads its configuration when it starts
    try {
      const first = await post(provider, body);
      expect(first.statusCode, first.body).toBe(201);
      expect(await post(provider, body)).toMatchObject({ statusCode: 200, body: first.body });
      const reads = refusing.seen.filter((action) => action.startsWith('GetSecretValue'));
      expect(reads).toEqual(['GetSecretValue']); // the cloud's access key
      expect(refusing.seen).toContain('PutSecretValue');
    } finally {
      vi.unstubAllEnvs();
      vi.resetModules();
      refusing.stop();
    }
  });

  it('leaves no private key in the ledger', async () => {
    const { Items = [] } = await tables.send(new ScanCommand({ TableName: 'keyvend' }));
    expect(Items.length).toBeGreaterThan(3);
    // Without the public keys: each has some 200 places at which base64 begins like a private key's by chance.
    const texts = JSON.stringify(Items).replaceAll(/ssh-rsa [A-Za-z0-9+/=]+/g, 'a public key');
    expect(texts).not.toMatch(/PRIVATE KEY|MII[A-Za-z0-9+/]{40}/);
  });
});
