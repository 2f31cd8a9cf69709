// Where AWS's services are reached: where AWS's own clients reach them, with the same environment.

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, ListEventBusesCommand } from '@aws-sdk/client-eventbridge';
import { KMSClient, ListKeysCommand } from '@aws-sdk/client-kms';
import { ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod/mini';
import { awsOptions } from '../../../lib/aws/environment.ts';
import { type AwsService, signer } from '../../../lib/aws/signing.ts';
import { queueUrls } from '../../../lib/aws/sqs.ts';
import { checkedBy } from '../../../lib/environment.ts';
import { dynamodbVariables } from '../../../lib/ledger/dynamodb/configuration.ts';
import { awsPlatformVariables } from '../../../lib/platforms/aws/configuration.ts';
import { testClock } from '../../doubles/test-clock.ts';

afterEach(() => vi.unstubAllEnvs());

const clock = testClock();
const keys = { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'example' };
const services: readonly AwsService['name'][] = ['dynamodb', 'secretsmanager', 'events', 'sqs', 'kms'];
type Given = Readonly<Record<string, string>>;

/** Where our call would go. @throws {TypeError} where a function would not start */
async function ours(name: AwsService['name'], given: Given): Promise<string> {
  const variables = { ...awsPlatformVariables(), ...dynamodbVariables() };
  const other = { KEYVEND_UPSTREAM_PREFIX: 'x/', KEYVEND_BUS: 'bus', KEYVEND_TABLE: 'table' };
  const configuration = checkedBy(z.object(variables), { AWS_REGION: 'eu-central-1', ...keys, ...other, ...given });
  const sign = signer({ name, target: 'Target', json: '1.0' }, awsOptions(configuration, clock, name));
  return (await sign('Action', Buffer.from('{}'), clock.wallMs())).origin;
}

/** Where the official client would go. It gets no answer. */
async function theirs(name: AwsService['name'], given: Given): Promise<string> {
  for (const [variable, value] of Object.entries({ AWS_REGION: 'eu-central-1', ...keys, ...given }))
    vi.stubEnv(variable, value);
  vi.stubEnv('AWS_CONFIG_FILE', '/dev/null');
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/dev/null');
  let went = '';
  const requestHandler = {
    async handle({ protocol, hostname, port }: { protocol: string; hostname: string; port?: number }): Promise<never> {
      went = new URL(`${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`).origin;
      throw new Error('captured');
    },
  };
  const options = { requestHandler: requestHandler as never, maxAttempts: 1 };
  const asking = {
    dynamodb: () => new DynamoDBClient(options).send(new ListTablesCommand()),
    secretsmanager: () => new SecretsManagerClient(options).send(new ListSecretsCommand()),
    events: () => new EventBridgeClient(options).send(new ListEventBusesCommand()),
    sqs: () => new SQSClient(options).send(new ListQueuesCommand()),
    kms: () => new KMSClient(options).send(new ListKeysCommand()),
  };
  await asking[name]().catch((error: Error) => {
    if (error.message !== 'captured') throw error;
  });
  vi.unstubAllEnvs();
  return went;
}

const ofAll = async (where: typeof ours, given: Given) => Promise.all(services.map((name) => where(name, given)));
/** One after the other: the official clients read the process's environment. */
async function inTurn(given: Given): Promise<string[]> {
  const all: string[] = [];
  for (const name of services) all.push(await theirs(name, given));
  return all;
}

const general = 'http://127.0.0.1:4566';
const specific = Object.fromEntries(
  ['DYNAMODB', 'SECRETS_MANAGER', 'EVENTBRIDGE', 'SQS'].map((id, i) => [
    `AWS_ENDPOINT_URL_${id}`,
    `http://127.0.0.1:500${i}`,
  ]),
);

describe('an AWS service', () => {
  it.each<[string, Given]>([
    ['nothing of it set', {}],
    ['one URL for all', { AWS_ENDPOINT_URL: general }],
    ['one URL for all that ends with a slash', { AWS_ENDPOINT_URL: `${general}/` }],
    ['one URL for all that is a name', { AWS_ENDPOINT_URL: 'https://aws.example' }],
    ['a URL for each', specific],
    ['a URL for each and one for all', { AWS_ENDPOINT_URL: general, ...specific }],
    ...Object.entries(specific).map(([variable, url]): [string, Given] => [
      `one for all and ${variable}`,
      { AWS_ENDPOINT_URL: general, [variable]: url },
    ]),
    ['an empty one for all', { AWS_ENDPOINT_URL: '' }],
    [
      'an empty one for a service',
      { AWS_ENDPOINT_URL: general, AWS_ENDPOINT_URL_SQS: '', AWS_ENDPOINT_URL_DYNAMODB: '' },
    ],
    [
      'all of them, to be ignored',
      { AWS_ENDPOINT_URL: general, ...specific, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' },
    ],
    [
      'all of them, not to be ignored',
      { AWS_ENDPOINT_URL: general, ...specific, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'false' },
    ],
    ...['', 'TRUE', 'yes', '1'].map((word): [string, Given] => [
      `one for all, and ${JSON.stringify(word)} for whether it is ignored`,
      { AWS_ENDPOINT_URL: general, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: word },
    ]),
    [
      'names that are not the ids of services',
      { AWS_ENDPOINT_URL_EVENTS: general, AWS_ENDPOINT_URL_SECRETSMANAGER: general },
    ],
  ])('is reached where its official client reaches it, with %s', async (_, given) => {
    const expected = await inTurn(given);
    expect(await ofAll(ours, given)).toEqual(expected);
  });

  it.each([
    'http://127.0.0.1:4566/base',
    'http://127.0.0.1:4566/?a=1',
    'http://user:word@127.0.0.1:4566',
    '127.0.0.1:4566',
  ])('is not sought at %s: where more than a host is named, it would be left out', async (url) => {
    for (const variable of ['AWS_ENDPOINT_URL', ...Object.keys(specific)]) {
      await expect(ours('sqs', { [variable]: url })).rejects.toThrow(variable);
      await expect(ours('sqs', { [variable]: url })).rejects.not.toThrow(/word|4566/);
    }
  });
});

interface Partition {
  readonly id: string;
  readonly regions: Readonly<Record<string, unknown>>;
}
/** The official table, which is not exported. */
async function partitions(): Promise<readonly Partition[]> {
  const core = createRequire(createRequire(import.meta.url).resolve('@aws-sdk/client-sqs')).resolve(
    '@aws-sdk/core/package.json',
  );
  const file = join(dirname(core), 'dist-es/submodules/client/util-endpoints/lib/aws/partitions.js');
  return (await import(file)).partitionsInfo.partitions;
}
const regions = (await partitions()).flatMap(({ id, regions: all }) =>
  // `aws-cn-global` and the like stand for services without regions, and none of these is one.
  Object.keys(all)
    .filter((region) => !region.endsWith('-global'))
    .map((region) => ({ id, region })),
);

describe('the host of a region', () => {
  it('is known for every partition', () => {
    expect(new Set(regions.map(({ id }) => id)).size).toBeGreaterThanOrEqual(8);
  });

  it.each([
    ...regions,
    ...['eu-new-9', 'cn-new-9', 'us-gov-new-9', 'us-isob-new-9'].map((region) => ({ id: 'to come', region })),
  ])('is that of the official clients, for $region', async ({ region }) => {
    const expected = await inTurn({ AWS_REGION: region });
    expect(await ofAll(ours, { AWS_REGION: region })).toEqual(expected);
    const { queue } = queueUrls(`arn:aws-any:sqs:${region}:111122223333:name`);
    expect(queue).toBe(`${expected[services.indexOf('sqs')]}/111122223333/name`);
  });
});
