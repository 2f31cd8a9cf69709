import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DescribeSecretCommand, GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { awsStore } from '../../lib/secrets/secrets-manager/aws-store.ts';
import { stores } from '../../lib/secrets/store-table.ts';
import { parsePrivateKey } from '../../lib/ssh/private-key.ts';
import { createTransport } from '../../lib/transport/transport.ts';
import { NoAnswer, type Transport } from '../../lib/transport/wire.ts';
import { testClock } from '../doubles/test-clock.ts';
import { isInstalled, type Moto, startMoto } from '../moto.ts';
import { optionsFor, region } from './secret-aws-local.ts';
import { accessKeyId, secretAccessKey } from './secret-aws-stand-in.ts';
import { anId, anRsaKey, called, keptAsCurrent } from './secret-harness.ts';
import { secretStoreContract } from './secret-store-contract.ts';

const run = promisify(execFile);

describe('the secret store in AWS Secrets Manager, against moto', () => {
  let moto: Moto | undefined;
  let folder: string;
  const transport = createTransport({ clock: testClock() });
  beforeAll(async () => {
    moto = await startMoto();
    folder = mkdtempSync(join(tmpdir(), 'keyvend-moto-'));
  });
  afterAll(async () => {
    transport.close();
    rmSync(folder, { recursive: true });
    await moto?.stop();
  });

  let started = 0;
  /** A prefix of its own for each test, in one moto. */
  const start = async (context: TestContext) => {
    const endpoint = moto?.endpoint ?? context.skip('moto_server is not installed');
    started += 1;
    let isDown = false;
    const cut: Transport = {
      close() {},
      send: async (request, call) => {
        if (isDown) throw new NoAnswer('connection', false, 'ECONNREFUSED');
        return transport.send(request, call);
      },
    };
    const options = { ...optionsFor(endpoint, testClock(), cut), namePrefix: `test-${started}/` };
    const open = (deployment: string) => awsStore({ ...options, deployment: `${deployment}-${started}` });
    const down = async () => {
      isDown = true;
    };
    return { store: open('here'), other: open('here'), stranger: open('there'), down, endpoint };
  };
  secretStoreContract(start, { canBeDown: true, ...stores['secrets-manager'] });

  describe('a stored key', () => {
    const identity = called('web:1-abc123');

    it('is read byte for byte by the official SDK, under a name and a tag to find it by', async (context) => {
      const { store, endpoint } = await start(context);
      const { id, key } = await keptAsCurrent(store, identity);
      const credentials = { accessKeyId, secretAccessKey };
      const client = new SecretsManagerClient({ region, endpoint, credentials });
      try {
        const { reference: SecretId } = (await store.find(identity))!;
        const value = await client.send(new GetSecretValueCommand({ SecretId }));
        expect(value).toMatchObject({ SecretString: key.reveal(), VersionId: id });
        const { Name, Tags } = await client.send(new DescribeSecretCommand({ SecretId }));
        expect(Name).toMatch(/^test-\d+\/ecs\/default\/cn-hangzhou\/web=3A1=2Dabc123$/);
        expect(Tags).toContainEqual({ Key: 'keyvend-identity', Value: 'ecs/default/cn-hangzhou/web:1-abc123' });
        const next = await keptAsCurrent(store, identity);
        const moved = await client.send(new GetSecretValueCommand({ SecretId, VersionStage: 'AWSCURRENT' }));
        expect(moved).toMatchObject({ SecretString: next.key.reveal(), VersionId: next.id });
      } finally {
        client.destroy();
      }
    });

    it('has tags and a key of its own, and gets other ones when it was removed and is wanted again', async (context) => {
      const { store, endpoint } = await start(context);
      const client = new SecretsManagerClient({ region, endpoint, credentials: { accessKeyId, secretAccessKey } });
      const shown = async (SecretId: string) => {
        const { Tags = [], KmsKeyId } = await client.send(new DescribeSecretCommand({ SecretId }));
        return { KmsKeyId, ...Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value])) };
      };
      try {
        await store.prepare(identity, 0, { secretTags: { team: 'web' }, secretKey: 'alias/one' });
        const { id } = await keptAsCurrent(store, identity);
        const { reference } = (await store.find(identity))!;
        expect(await shown(reference)).toMatchObject({ KmsKeyId: 'alias/one', team: 'web' });
        await store.remove(identity, id);
        await store.prepare(identity, 0, { secretTags: { team: 'db', 'cost-center': '1' }, secretKey: 'alias/two' });
        expect(await shown(reference)).toMatchObject({ KmsKeyId: 'alias/two', team: 'db', 'cost-center': '1' });
        const next = await keptAsCurrent(store, identity);
        expect((await store.reveal(identity))?.reveal()).toBe(next.key.reveal());
      } finally {
        client.destroy();
      }
    });

    it('is read byte for byte by the AWS CLI, and ssh-keygen accepts what that prints', async (context) => {
      const { store, endpoint } = await start(context);
      if (!isInstalled('aws')) context.skip('the AWS CLI is not installed');
      if (!isInstalled('ssh-keygen')) context.skip('ssh-keygen is not installed');
      const key = anRsaKey();
      const { reference } = await store.put(identity, anId(), key);
      const command = ['secretsmanager', 'get-secret-value', '--secret-id', reference];
      const { stdout } = await run('aws', [...command, '--query', 'SecretString', '--output', 'text'], {
        env: {
          PATH: process.env.PATH,
          HOME: folder,
          AWS_ACCESS_KEY_ID: accessKeyId,
          AWS_SECRET_ACCESS_KEY: secretAccessKey,
          AWS_DEFAULT_REGION: region,
          AWS_ENDPOINT_URL: endpoint,
          AWS_EC2_METADATA_DISABLED: 'true',
        },
      });
      expect(stdout).toBe(`${key.reveal()}\n`); // the second line end is the CLI's own
      const path = join(folder, 'key');
      writeFileSync(path, stdout, { mode: 0o600 });
      const { stdout: line } = await run('ssh-keygen', ['-y', '-f', path]);
      expect(line.trim()).toBe(parsePrivateKey(key).publicKey);
    });
  });
});
