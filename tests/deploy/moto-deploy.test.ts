// A stage as docs/deploy.md has it deployed, changed, rotated, restored and removed: its commands, as they stand there, against moto.
import { randomUUID } from 'node:crypto';
import {
  CreateBackupCommand,
  DeleteItemCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  GetItemCommand,
  ListTablesCommand,
} from '@aws-sdk/client-dynamodb';
import { DescribeSecretCommand, GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { identityKey } from '../../lib/identity.ts';
import { recordKey, ttlAttribute } from '../../lib/ledger/dynamodb/dynamodb-items.ts';
import { Secret } from '../../lib/secret.ts';
import { parsePrivateKey } from '../../lib/ssh/private-key.ts';
import { isInstalled, startMoto } from '../moto.ts';
import { startStage } from './deployed-stage.ts';
import { blocksUnder, commandOf, deployersRights } from './documented.ts';

const missing = ['moto_server', 'aws', 'jq'].filter((program) => !isInstalled(program));
// moto would start the rotation function in a container: with no Docker to be had it goes on without.
process.env.DOCKER_HOST = 'tcp://127.0.0.1:1';
const moto = missing.length === 0 ? await startMoto() : undefined;
/** What a command says that fails in the midst of others. */
const mistaken = /An error occurred|aws: error|usage:|not found/;
/** Calls whose right has another name. */
const rightOf = new Map([
  ['s3:HeadBucket', 's3:ListBucket'],
  ['s3:ListObjectsV2', 's3:ListBucket'],
  ['s3:HeadObject', 's3:GetObject'],
  ['s3:DeleteObjects', 's3:DeleteObject'],
]);
/** Nobody can be refused the one, and the framework goes on where the other is. */
const free = new Set(['sts:GetCallerIdentity', 'ecr:DescribeRepositories']);
const TableName = 'keyvend-prod-ledger';
const secretOf = (name: string) => `keyvend/ecs/default/cn-hangzhou/${name.replace(':', '=3A')}`;

describe('a stage on moto, by the commands of docs/deploy.md,', () => {
  // These programs are the machine's, and not every machine has them: what was not run is printed, with what is missing.
  if (moto === undefined)
    return void it('is deployed', (ctx) => ctx.skip(`${missing.join(', ') || 'moto_server'} is not installed`));
  const asked = new Set<string>();
  let stage: Awaited<ReturnType<typeof startStage>>;
  beforeAll(async () => {
    stage = await startStage(moto);
  }, 60_000);
  afterAll(() => stage.close());

  const succeeds = async (commands: string): Promise<string> => {
    const { status, said } = await stage.terminal.run(commands);
    expect(status, `${commands}\n${said}`).toBe(0);
    expect(said).not.toMatch(mistaken);
    return said;
  };
  const deploying = async (commands: string): Promise<string> => {
    const from = stage.front.calls.length;
    const said = await succeeds(commands);
    for (const call of stage.front.calls.slice(from)) asked.add(call);
    return said;
  };
  const table = async () => (await stage.tables.send(new DescribeTableCommand({ TableName }))).Table;
  const publicKeyOf = async (name: string): Promise<string> => {
    const current = new GetSecretValueCommand({ SecretId: secretOf(name), VersionStage: 'AWSCURRENT' });
    const { SecretString = '' } = await stage.secrets.send(current);
    return parsePrivateKey(new Secret(SecretString)).publicKey;
  };

  const pairOf = (name: string) => stage.clouds.admin.pairs('ecs').find((pair) => pair.name === name);
  /** As its queue starts a rotation, of a key pair without hosts. */
  const rotate = async (name: string): Promise<void> => {
    const body = JSON.stringify({ provider: 'ecs', region: 'cn-hangzhou', name, rotate: true });
    const eventSourceARN = 'arn:aws:sqs:eu-central-1:123456789012:keyvend-prod-rotation';
    const Records = [{ messageId: randomUUID(), receiptHandle: randomUUID(), eventSourceARN, body }];
    expect(await stage.call('rotationWorker', { Records })).toEqual({ batchItemFailures: [] });
  };

  it('is not packaged on the way by a deployment, which would leave out the access document', {
    timeout: 60_000,
  }, async () => {
    const { status, said } = await stage.terminal.run('npx serverless deploy --stage prod');
    expect([status, said]).toEqual([1, expect.stringContaining('Package it with `npm run package`')]);
    expect(stage.front.calls.filter((call) => /^(cloudformation|s3):/.test(call))).toEqual([]);
  });

  it('is deployed', { timeout: 90_000 }, async () => {
    await succeeds(commandOf('Deploy', 'npx keyvend access check'));
    await succeeds(commandOf('Deploy', 'npm run package'));
    expect(await deploying(commandOf('Deploy', 'npx serverless deploy'))).toContain('deployed to stack keyvend-prod');
    const { Variables } = (await stage.configured('rotationWorker')).Environment;
    expect(Variables).toMatchObject({
      KEYVEND_TABLE: TableName,
      KEYVEND_BUS: 'keyvend-prod',
      KEYVEND_OVERLAP_DAYS: '7',
    });
  });

  it('is changed by packaging and deploying it again, and keeps its table', { timeout: 90_000 }, async () => {
    const before = await table();
    const changed = " --param 'overlap-days=9'";
    await succeeds(commandOf('Deploy', 'npm run package') + changed);
    const said = await deploying(commandOf('Deploy', 'npx serverless deploy') + changed);
    expect(said).toContain('deployed to stack keyvend-prod');
    expect((await stage.configured('rotationWorker')).Environment.Variables.KEYVEND_OVERLAP_DAYS).toBe('9');
    expect(await table()).toEqual(before);
  });

  it('vends a key pair, whose key is stored under the key of the stack', async () => {
    await succeeds(commandOf('Deploy', 'aws secretsmanager create-secret').replace('/ens/', '/ecs/'));
    const { status, body } = await stage.vend('web:prod');
    expect(status, JSON.stringify(body)).toBe(201);
    const [pair, ...more] = stage.clouds.admin.pairs('ecs');
    expect(more).toEqual([]);
    expect(await publicKeyOf('web:prod')).toBe(pair?.publicKey);
    const { KmsKeyId } = await stage.secrets.send(new DescribeSecretCommand({ SecretId: secretOf('web:prod') }));
    expect(KmsKeyId).toBe((await stage.configured('ecsHttp')).Environment.Variables.KEYVEND_KMS_KEY);
  });

  it('rotates the key pair in the four steps of Secrets Manager', async () => {
    const { FunctionArn } = await stage.configured('rotationSecretsManager');
    const command = commandOf('Rotation', 'aws secretsmanager rotate-secret');
    const { VersionId, ARN } = JSON.parse(await succeeds(`ARN=${FunctionArn}; ${command} --output json`));
    for (const Step of ['createSecret', 'setSecret', 'testSecret', 'finishSecret'])
      await stage.call('rotationSecretsManager', { Step, SecretId: ARN, ClientRequestToken: VersionId });
    const { VersionIdsToStages = {} } = await stage.secrets.send(new DescribeSecretCommand({ SecretId: ARN }));
    expect(VersionIdsToStages[VersionId]).toContain('AWSCURRENT');
    const [, successor, ...more] = stage.clouds.admin.pairs('ecs');
    expect(more).toEqual([]);
    expect(await publicKeyOf('web:prod')).toBe(successor?.publicKey);
  });

  it('takes another access key of a cloud, and vends with it', async () => {
    const command = commandOf('Access keys of the clouds', 'aws secretsmanager put-secret-value');
    await succeeds(`cp access-key.json new-access-key.json && ${command.replace('/ens/', '/ecs/')}`);
    expect((await stage.vend('web:later')).status).toBe(201);
  });

  it('takes an event from the bus, has dead letters moved and unrouted ones read, put right and deleted', async () => {
    const queue = (name: string) => ({
      URL: `${stage.front.endpoint}/123456789012/keyvend-prod-${name}`,
      ARN: `arn:aws:sqs:eu-central-1:123456789012:keyvend-prod-${name}`,
    });
    const [put] = blocksUnder('Asking by event', 'sh');
    expect(JSON.parse(await succeeds(put!))).toMatchObject({ FailedEntryCount: 0 });
    const [from, to] = [queue('cvm-dead-letters'), queue('cvm')];
    const move = commandOf('Retries, and when a message is a dead letter', 'aws sqs start-message-move-task');
    const moved = await stage.terminal.run(`DEAD_LETTERS_ARN=${from.ARN}; QUEUE_ARN=${to.ARN}\n${move}`);
    // moto knows no such task: that the command is one says the program itself, which asks nobody about a mistaken one.
    expect(moved.said).not.toMatch(/aws: error|usage:|Unknown options/);
    const unrouted = queue('unrouted');
    const [, read = ''] = blocksUnder('Retries, and when a message is a dead letter', 'sh');
    const [receive, again, remove] = read.trim().split('\n');
    const body = '{"detail-type":"keyvend.key-pair.requested","detail":{"provider":"nobody"}}';
    await succeeds(`aws sqs send-message --queue-url ${unrouted.URL} --message-body '${body}'`);
    const { Messages } = JSON.parse(await succeeds(`UNROUTED=${unrouted.URL}\n${receive}`));
    expect(Messages).toMatchObject([{ Body: body }]);
    const detail = JSON.stringify(JSON.stringify({ provider: 'ens', name: 'edge' }));
    const corrected = `[{"EventBusName":"keyvend-prod","Source":"a","DetailType":"keyvend.key-pair.requested","Detail":${detail}}]`;
    await succeeds(`echo '${corrected}' > corrected.json\n${again}`);
    await succeeds(`UNROUTED=${unrouted.URL}; RECEIPT_HANDLE=${Messages[0].ReceiptHandle}\n${remove}`);
  });

  it('shows the log of its requests', async () => {
    const [filter = ''] = blocksUnder('Access log', 'sh');
    await succeeds(filter);
  });

  it('is restored, and goes on where the backup ends once it is confirmed', { timeout: 120_000 }, async () => {
    const [stop, look, replace, set, start] = blocksUnder('When the ledger has to be restored', 'sh') as [
      string,
      string,
      string,
      string,
      string,
    ];
    expect((await stage.vend('web:turned')).status).toBe(201);
    const { BackupDetails } = await stage.tables.send(new CreateBackupCommand({ TableName, BackupName: randomUUID() }));
    const moment = new Date(1_000 * Math.floor(Date.now() / 1_000)).toISOString();
    stage.front.backups.set(moment, BackupDetails!.BackupArn!);
    const answered = await stage.vend('web:prod');
    expect(answered.status).toBe(200);
    expect((await stage.vend('web:late')).status).toBe(201);
    await rotate('web:turned');
    const Key = recordKey(
      identityKey({ provider: 'ecs', account: 'default', region: 'cn-hangzhou', name: 'web:prod' }),
    );
    await stage.tables.send(new DeleteItemCommand({ TableName, Key }));

    await succeeds(`MOMENT=${moment}\n${stop}`);
    const compared = await stage.terminal.run(look);
    expect(compared.status, compared.said).toBe(1);
    expect(compared.said).not.toMatch(mistaken);
    expect(compared.said).toContain('restored or copied');
    expect(compared.said).toMatch(/unrecorded +web:late/);
    await succeeds(replace);
    expect((await stage.tables.send(new GetItemCommand({ TableName, Key }))).Item).toBeDefined();
    await succeeds(set);
    expect((await table())?.DeletionProtectionEnabled).toBe(true);
    const [expiry, recovery] = await Promise.all([
      stage.tables.send(new DescribeTimeToLiveCommand({ TableName })),
      stage.tables.send(new DescribeContinuousBackupsCommand({ TableName })),
    ]);
    expect(expiry.TimeToLiveDescription).toEqual({ AttributeName: ttlAttribute, TimeToLiveStatus: 'ENABLED' });
    expect(recovery.ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus).toBe(
      'ENABLED',
    );

    expect((await stage.vend('web:new')).body.code).toBe('LEDGER_FENCED');
    const { said } = await stage.terminal.run(start);
    expect(said).not.toMatch(mistaken);
    expect(said).toContain('confirmed');
    expect(said).toMatch(/unrecorded +web:late/);
    expect(await stage.vend('web:prod')).toEqual(answered);
    expect((await stage.vend('web:new')).status).toBe(201);
    expect(await publicKeyOf('web:late')).toBe(pairOf('web:late')?.publicKey);
    expect((await stage.vend('web:late')).body.code).toBe('NAME_TAKEN');

    expect(said).toMatch(/unrecorded +web:turned_r2/);
    expect(await publicKeyOf('web:turned')).toBe(pairOf('web:turned_r2')?.publicKey);
    await rotate('web:turned');
    const { keyPairId } = (await stage.vend('web:turned')).body;
    const current = stage.clouds.admin.pairs('ecs').find(({ id }) => id === keyPairId);
    expect(await publicKeyOf('web:turned')).toBe(current?.publicKey);
    const calls = (name: string) => stage.front.calls.filter((call) => call === `lambda:${name}`).length;
    expect([calls('PutFunctionConcurrency'), calls('DeleteFunctionConcurrency')]).toEqual([15, 15]);
  });

  it('is removed, and leaves its table and the stored keys', { timeout: 60_000 }, async () => {
    expect(await deploying(commandOf('Removing it', 'npx serverless remove'))).toContain('successfully removed');
    expect((await stage.tables.send(new ListTablesCommand({}))).TableNames).toEqual([TableName]);
    expect(await publicKeyOf('web:prod')).toMatch(/^ssh-/);
  });

  it('leaves nothing once what it left is removed as well', async () => {
    const [, rest = ''] = blocksUnder('Removing it', 'sh');
    // moto takes its id alone.
    const { KeyMetadata } = JSON.parse(await succeeds('aws kms create-key'));
    await succeeds(rest.replace('<KeyArn>', KeyMetadata.KeyId));
    expect((await stage.tables.send(new ListTablesCommand({}))).TableNames).toEqual([]);
  });

  it('asks for nothing else than docs/deploy.md lists as rights of the deployer', () => {
    expect(asked.size).toBeGreaterThan(10);
    const rights = deployersRights();
    const needed = [...asked].filter((call) => !free.has(call)).map((call) => rightOf.get(call) ?? call);
    expect(needed.filter((right) => !rights.has(right))).toEqual([]);
  });
});
