// The rotation function for AWS Secrets Manager, called as AWS calls it: with the events of its documentation, and the
// stand-in of the service around it. Ledger by dynalite, clouds by the local ones.
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { OPEN } from '../../lib/access/access-document.ts';
import { commandPorts, itself } from '../../lib/application/runtime.ts';
import { systemClock } from '../../lib/clock.ts';
import { failures, type VendingError } from '../../lib/errors.ts';
import { Secret } from '../../lib/secret.ts';
import { parsePrivateKey } from '../../lib/ssh/private-key.ts';
import { type Clouds, startClouds } from '../../local/clouds/clouds.ts';
import { contextFor, type Handler, handlerOf } from '../../local/stack/invoke.ts';
import { type LocalDynamo, startDynalite } from '../conformance/ledger-dynamodb-local.ts';
import { accessKeyId, type StandIn, secretAccessKey, startStandIn } from '../conformance/secret-aws-stand-in.ts';

const region = 'us-east-1';
const place = { provider: 'ecs', account: 'default', region: 'cn-hangzhou' } as const;
const ROTATION_TOKEN = 'EXAMPLE-ROTATION-TOKEN';

let clouds: Clouds;
let dynamo: LocalDynamo;
let standIn: StandIn;
let bus: Server;
let home: string;
const published: { type: string; data: Record<string, string> }[] = [];
const said: string[] = [];
let handler: Handler;

beforeAll(async () => {
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  }
  [clouds, dynamo, standIn] = await Promise.all([startClouds(), startDynalite(), startStandIn(systemClock)]);
  home = await mkdtemp(join(tmpdir(), 'keyvend-steps-'));
  await writeFile(join(home, 'ca.pem'), clouds.ca);
  bus = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { Entries = [] } = JSON.parse(String(Buffer.concat(chunks))) as { Entries?: { Detail: string }[] };
    for (const { Detail } of Entries) published.push(JSON.parse(Detail));
    response.end('{"FailedEntryCount":0}');
  }).listen(0, '127.0.0.1');
  const { table } = await dynamo.table();
  const SecretString = JSON.stringify(clouds.credentials.alibaba);
  standIn.rules.act('CreateSecret', {
    Name: 'keyvend-upstream/ecs/default',
    ClientRequestToken: randomUUID(),
    SecretString,
  });
  Object.assign(process.env, {
    POWERTOOLS_LOG_LEVEL: 'DEBUG',
    POWERTOOLS_LOGGER_LOG_EVENT: 'true',
    KEYVEND_PLATFORM: 'aws',
    KEYVEND_LEDGER: 'dynamodb',
    KEYVEND_STORE: 'secrets-manager',
    KEYVEND_DEPLOYMENT: 'test',
    KEYVEND_ISSUER: 'https://issuer.example',
    KEYVEND_ACCESS: OPEN,
    KEYVEND_AUDIENCE: 'keyvend',
    KEYVEND_JWKS_URI: 'https://issuer.example/jwks',
    KEYVEND_TABLE: table,
    KEYVEND_KMS_KEY: 'alias/aws/secretsmanager',
    KEYVEND_UPSTREAM_PREFIX: 'keyvend-upstream/',
    KEYVEND_BUS: 'default',
    KEYVEND_CA_FILE: join(home, 'ca.pem'),
    KEYVEND_ECS_ENDPOINT: clouds.tlsEndpoint,
    KEYVEND_ROTATION_QUEUE_URL: 'http://127.0.0.1:1/keyvend-rotation',
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: dynamo.endpoint,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: standIn.endpoint,
    AWS_ENDPOINT_URL_EVENTBRIDGE: `http://127.0.0.1:${(bus.address() as AddressInfo).port}`,
  });
  handler = await handlerOf('functions/rotation.secretsManager');
}, 60_000);
afterAll(async () => {
  vi.restoreAllMocks();
  bus.close();
  await Promise.all([clouds.close(), dynamo.stop(), standIn.stop()]);
  await rm(home, { recursive: true });
});

const samples = ['create', 'set', 'test', 'finish'] as const;
type Sample = (typeof samples)[number];
/** As it is in events/, for another secret and another version. */
async function event(sample: Sample, SecretId: string, ClientRequestToken: string): Promise<Record<string, string>> {
  const file = new URL(`../../events/rotation.secretsManager.${sample}.json`, import.meta.url);
  return { ...JSON.parse(await readFile(file, 'utf8')), SecretId, ClientRequestToken };
}
const MINUTES = 15 * 60_000;
const run = async (sample: Sample, arn: string, token: string, context: Context = contextFor('rotation', MINUTES)) =>
  handler(await event(sample, arn, token), context);
const failure = async (result: Promise<unknown>): Promise<VendingError> =>
  result.then(
    () => expect.fail('it succeeded'),
    (error) => error,
  );

let names = 0;
/** A key pair, and the name of its secret. */
async function vended(): Promise<{ name: string; secret: string }> {
  names += 1;
  const name = `web_${names}`;
  const queue = await handlerOf('functions/ecs.queue');
  const { provider, region } = place;
  const record = { messageId: name, receiptHandle: name, eventSourceARN: 'arn:aws:sqs:us-east-1:1:keyvend-ecs' };
  const Records = [{ ...record, body: JSON.stringify({ provider, region, name }) }];
  expect(await queue({ Records }, contextFor('queue'))).toEqual({ batchItemFailures: [] });
  return { name, secret: `keyvend/ecs/default/cn-hangzhou/${name}` };
}
/** And a rotation of it that AWS has begun. */
async function rotating() {
  const made = await vended();
  const token = randomUUID();
  return { ...made, token, arn: standIn.rules.beginRotation(made.secret, token) };
}
const stagesOf = (secret: string) =>
  Object.fromEntries([...standIn.rules.held.get(secret)!.versions].map(([id, { stages }]) => [id, [...stages].sort()]));
const holderOf = (secret: string, stage: string) =>
  Object.entries(stagesOf(secret)).find(([, stages]) => stages.includes(stage))?.[0];
const currentKey = (secret: string) => {
  const { SecretString } = standIn.rules.act('GetSecretValue', { SecretId: secret }) as { SecretString: string };
  return parsePrivateKey(new Secret(SecretString)).publicKey;
};
const pairsOf = (name: string) =>
  clouds.admin.pairs('ecs').filter((pair) => pair.name === name || pair.name.startsWith(`${name}_`));

describe.each([false, true])('a rotation that AWS drives, where a put takes the labels off: %s', (replaces) => {
  beforeAll(() => {
    standIn.rules.open.putReplacesLabels = replaces;
  });
  afterAll(() => {
    standIn.rules.open.putReplacesLabels = false;
  });

  it('makes the new key under the id that AWS gave, proves it, and moves AWSCURRENT to it, step by step', async () => {
    const { name, secret, token, arn } = await rotating();
    const first = holderOf(secret, 'AWSCURRENT')!;
    const before = currentKey(secret);

    await run('create', arn, token);
    const [, successor, ...more] = pairsOf(name);
    expect(more).toEqual([]);
    expect(stagesOf(secret)[token]).toEqual(
      expect.arrayContaining(['AWSPENDING', expect.stringMatching(`^keyvend-${token}/ssh-`)]),
    );
    for (const sample of ['set', 'test'] as const) await run(sample, arn, token);
    expect(currentKey(secret)).toBe(before);
    expect(holderOf(secret, 'AWSCURRENT')).toBe(first);

    await run('finish', arn, token);
    expect(currentKey(secret)).toBe(successor!.publicKey);
    expect([holderOf(secret, 'AWSCURRENT'), holderOf(secret, 'AWSPREVIOUS')]).toEqual([token, first]);
    const told = published.filter(({ type, data }) => type.endsWith('.rotated') && data.name === name);
    expect(told).toHaveLength(1);
    expect(pairsOf(name)).toHaveLength(2); // removing the old one is up to the worker, after the overlap
  });

  it('comes to the same end when every step is repeated, and when AWS begins again with the first', async () => {
    const { name, secret, token, arn } = await rotating();
    for (const sample of ['create', 'create', 'set', 'create', 'set', 'test', 'test'] as const) {
      await run(sample, arn, token);
    }
    for (const sample of ['create', 'set', 'test', 'finish', 'finish', 'create'] as const)
      await run(sample, arn, token);
    expect(holderOf(secret, 'AWSCURRENT')).toBe(token);
    expect(pairsOf(name)).toHaveLength(2);
  });

  it('goes the same way with either spelling of a step', async () => {
    const { secret, token, arn } = await rotating();
    for (const Step of ['create_secret', 'setSecret', 'TEST_SECRET', 'finish_secret']) {
      await handler({ ...(await event('create', arn, token)), Step }, contextFor('rotation', MINUTES));
    }
    expect(holderOf(secret, 'AWSCURRENT')).toBe(token);
  });

  it('waits while another rotation is under way', async () => {
    const { name, token, arn } = await rotating();
    const { records } = await import('../../lib/platforms/records.ts');
    const { forRotation } = await import('../../lib/platforms/for-rotation.ts');
    const { requestRotation } = await import('../../lib/vending/rotation/rotation-commands.ts');
    await requestRotation(
      await commandPorts({ ...records, ...forRotation }, itself),
      { ...place, name },
      { caller: 'a test' },
    );
    const { code } = await failure(run('create', arn, token));
    expect(code).toBe('ROTATION_IN_PROGRESS');
    expect(failures[code].retry).toBe(true);
    expect(pairsOf(name)).toHaveLength(1);
  });

  it('gives up the version that AWS has given up', async () => {
    const { name, secret, token, arn } = await rotating();
    await run('create', arn, token);
    const later = randomUUID();
    // AWS tries the same version again for ever, until an operator takes its label off.
    const pending = { SecretId: secret, VersionStage: 'AWSPENDING', RemoveFromVersionId: token };
    standIn.rules.act('UpdateSecretVersionStage', pending);
    standIn.rules.beginRotation(secret, later);
    expect((await failure(run('create', arn, later))).code).toBe('ROTATION_IN_PROGRESS');
    const worker = await handlerOf('functions/rotation.worker');
    const Records = [{ messageId: later, body: JSON.stringify({ ...place, name }) }];
    await worker({ Records }, contextFor('rotation', MINUTES));
    const { records } = await import('../../lib/platforms/records.ts');
    const { forRotation } = await import('../../lib/platforms/for-rotation.ts');
    const record = async () =>
      (await (await commandPorts({ ...records, ...forRotation }, itself)).ledger.read({ ...place, name }))!.record;
    expect((await record()).rotations).toMatchObject([{ id: token, state: 'cancelling' }]);
    expect(pairsOf(name)).toHaveLength(1); // its absence has to be seen twice
  });

  it('goes on with a version that has lost the label of AWS, and with no other', async () => {
    const { secret, token, arn } = await rotating();
    await run('create', arn, token);
    const label = { SecretId: secret, VersionStage: 'AWSPENDING', RemoveFromVersionId: token };
    standIn.rules.act('UpdateSecretVersionStage', label);
    for (const sample of ['create', 'set', 'test', 'finish'] as const) await run(sample, arn, token);
    expect(holderOf(secret, 'AWSCURRENT')).toBe(token);

    const { secret: other } = await vended();
    const first = holderOf(other, 'AWSCURRENT')!;
    const later = randomUUID();
    await run('create', standIn.rules.beginRotation(other, later), later);
    for (const sample of ['set', 'test', 'finish'] as const)
      await run(sample, standIn.rules.held.get(other)!.arn, later);
    for (const sample of samples)
      expect(await failure(run(sample, standIn.rules.held.get(other)!.arn, first))).toMatchObject({
        code: 'ROTATION_ABSENT',
      });
  });

  it('stops in time, with a code that says to try again', async () => {
    const { name, token, arn } = await rotating();
    const { code } = await failure(run('create', arn, token, contextFor('rotation', 12_000)));
    expect(failures[code].retry, code).toBe(true);
    expect(pairsOf(name)).toHaveLength(1);
    await run('create', arn, token);
    expect(pairsOf(name)).toHaveLength(2);
  });
});

describe('a step of a rotation that AWS drives', () => {
  it.each<[string, object, string]>([
    ['when it is unknown', { Step: 'deleteSecret' }, '#/Step'],
    ['without the id of a version', { ClientRequestToken: 'latest' }, '#/ClientRequestToken'],
    ['without the ARN of a secret', { SecretId: 'keyvend/ecs/default/cn-hangzhou/web_1' }, '#/SecretId'],
  ])('is refused %s', async (_, wrong, pointer) => {
    const asked = { ...(await event('create', 'arn:aws:secretsmanager:x', randomUUID())), ...wrong };
    const refused = (await failure(handler(asked, contextFor('rotation')))) as VendingError & {
      fields: { pointer: string }[];
    };
    expect(refused.code).toBe('INVALID_REQUEST');
    expect(refused.fields.map((field) => field.pointer)).toEqual([pointer]);
  });

  it('is refused when AWS is not rotating the secret, not to that version, or not to it any more', async () => {
    const { secret } = await vended();
    const { arn } = standIn.rules.held.get(secret)!;
    const current = holderOf(secret, 'AWSCURRENT')!;
    expect(await failure(run('create', arn, randomUUID()))).toMatchObject({ code: 'STORE_REFUSED' });
    const token = randomUUID();
    standIn.rules.beginRotation(secret, token);
    expect(await failure(run('create', arn, randomUUID()))).toMatchObject({
      code: 'STORE_REFUSED',
      message: expect.stringContaining('no such version'),
    });
    await run('finish', arn, current); // it is the current one
    standIn.rules.act('UpdateSecretVersionStage', {
      SecretId: arn,
      VersionStage: 'AWSPENDING',
      RemoveFromVersionId: token,
    });
    expect(await failure(run('set', arn, token))).toMatchObject({
      code: 'STORE_REFUSED',
      message: expect.stringContaining('no such version'),
    });
  });

  it('is refused for a secret that is not ours, or only claims to be', async () => {
    const { rules } = standIn;
    const tagged = (deployment: string, identity: string) => [
      { Key: 'keyvend', Value: deployment },
      { Key: 'keyvend-identity', Value: identity },
    ];
    const others: [string, object[]][] = [
      ['keypair/ecs/cn-hangzhou/web-prod', tagged('test', 'ecs/default/cn-hangzhou/web-prod')],
      ['keyvend/ecs/default/cn-hangzhou/theirs', tagged('prod', 'ecs/default/cn-hangzhou/theirs')],
      ['keyvend/ecs/default/cn-hangzhou/alias', tagged('test', 'ecs/default/cn-hangzhou/web_1')],
      ['keyvend/ecs/default/cn-hangzhou/plain', []],
    ];
    for (const [Name, Tags] of others) {
      rules.act('CreateSecret', { Name, ClientRequestToken: randomUUID(), SecretString: 'theirs', Tags });
      const token = randomUUID();
      const arn = rules.beginRotation(Name, token);
      for (const sample of samples) {
        expect(await failure(run(sample, arn, token)), Name).toMatchObject({ code: 'SECRET_NOT_OURS' });
      }
      expect(stagesOf(Name)[token]).toEqual(['AWSPENDING']);
    }
    const gone = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:keyvend/ecs/default/cn-hangzhou/gone-AbCdEf';
    expect(await failure(run('create', gone, randomUUID()))).toMatchObject({ code: 'STORE_REFUSED' });
  });
});

describe('rotation that is switched on without rotating at once', () => {
  it('is tried by AWS, which makes nothing, and begins later', async () => {
    const { name, secret } = await vended();
    const token = randomUUID();
    const before = stagesOf(secret);
    await standIn.rules.triesRotation(secret, token, (arn) => run('test', arn, token));
    expect(stagesOf(secret)).toEqual(before);
    expect(pairsOf(name)).toHaveLength(1);
    const later = randomUUID();
    const arn = standIn.rules.beginRotation(secret, later);
    for (const sample of samples) await run(sample, arn, later);
    expect(holderOf(secret, 'AWSCURRENT')).toBe(later);
  });

  it('is refused for a key pair that is out of use', async () => {
    const { name, secret } = await vended();
    const { records } = await import('../../lib/platforms/records.ts');
    const { forRotation } = await import('../../lib/platforms/for-rotation.ts');
    const { retire } = await import('../../lib/vending/retire.ts');
    await retire(await commandPorts({ ...records, ...forRotation }, itself), { ...place, name }, 'a test');
    const token = randomUUID();
    const tried = standIn.rules.triesRotation(secret, token, (arn) => run('test', arn, token));
    expect(await failure(tried)).toMatchObject({ code: 'KEY_PAIR_RETIRED' });
  });
});

it('no log line has a rotation token or a private key in it, whatever the logger is told to log', () => {
  const all = said.join('');
  expect(all).toContain('"message":"rotation step"');
  expect(all).toContain('"message":"failed"');
  expect(all).not.toContain(ROTATION_TOKEN);
  expect(all).not.toContain('PRIVATE KEY');
});
