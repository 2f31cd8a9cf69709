// `keyvend doctor` as an operator runs it: a deployment that is well, and each kind of fault by itself, with a sentence on what to do.
import { chmodSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../lib/clock.ts';
import { providerNames } from '../../lib/provider-table.ts';
import { isText } from '../../local/kv/kv-auth.ts';
import { type KvStandIn, startKvStandIn } from '../../local/kv/kv-server.ts';
import { policyFile } from '../conformance/secret-kv-harness.ts';
import { lackingPostgres, type PostgresServer, postgresServer } from '../doubles/postgres-server.ts';
import { type Place, place } from './serving.ts';

/** Denied what the list holds by then. */
const denied: string[] = [];
const common = { cloud: 'alibaba', active: true, permitted: true } as const;
const ours = { ...common, keyId: 'LTAI-ours', secret: 'secret-of-ours', account: '1000000000000001', denied };
const anothers = { ...common, keyId: 'LTAI-anothers', secret: 'secret-of-anothers', account: '2000000000000002' };
const tencents = { ...ours, cloud: 'tencent', keyId: 'AKID-ours', account: '100000000001' } as const;
const keyOf = ({ keyId, secret }: typeof ours | typeof anothers) => ({ accessKeyId: keyId, accessKeySecret: secret });
const WEBHOOK_SECRET = 'whsec_too-short';

let here: Place;
beforeEach(async () => {
  denied.splice(0);
  here = await place([ours, anothers, tencents]);
  upstream('ecs', keyOf(ours));
});
afterEach(() => here.remove());

const upstream = (provider: string, key: object) =>
  writeFileSync(join(here.folder, 'upstream', provider, 'default.json'), JSON.stringify(key), { mode: 0o600 });

/** What it printed, in which no secret is. */
async function doctor(environment: Record<string, string> = {}, secrets: readonly string[] = []) {
  const { status, printed } = await here.command(environment, 'doctor');
  const { credentials } = here.clouds;
  const keys = Object.values(credentials).flatMap((one) => ('secretKey' in one ? one.secretKey : one.accessKeySecret));
  for (const secret of [...keys, ours.secret, anothers.secret, WEBHOOK_SECRET, 'PRIVATE KEY', ...secrets])
    expect(printed).not.toContain(secret);
  const faults = printed.split('\n').filter((line) => line.startsWith('WRONG'));
  return { status, printed, faults };
}

/** One fault, and what is to be done about it in the line after it. */
async function findsOne(part: string, says: RegExp, next: RegExp, environment: Record<string, string> = {}) {
  const { status, printed, faults } = await doctor(environment);
  expect(faults).toEqual([expect.stringMatching(new RegExp(`^WRONG ${part} +.*(?:${says.source})`))]);
  const lines = printed.split('\n');
  expect(lines[lines.indexOf(faults[0]!) + 1]).toMatch(next);
  expect(status).toBe(1);
}

describe('keyvend doctor', { timeout: 60_000 }, () => {
  it('finds nothing wrong with a deployment that is well, and says what each access key may do', async () => {
    const { status, printed, faults } = await doctor();
    expect({ status, faults }).toEqual({ status: 0, faults: [] });
    for (const provider of providerNames)
      expect(printed).toMatch(
        new RegExp(
          `^ok +cloud +${provider}/default may: .*who has a pair.*; as far as it tells: vending, keys made elsewhere than at the cloud`,
          'm',
        ),
      );
    expect(printed).toContain(
      'ecs/default may: comparing what no record names, who has a pair, what names a pair, updateTemplates, rebind; as far as it tells: vending, keys made elsewhere than at the cloud (not told of ecs:CreateKeyPair, ecs:ImportKeyPair)',
    );
    expect(here.clouds.admin.pairs()).toEqual([]);
  });

  it('says which right an access key lacks, what is missing without it and which policy has it', async () => {
    denied.push('ecs:CreateKeyPair');
    await findsOne(
      'cloud',
      /ecs\/default may not ecs:CreateKeyPair, for vending: PERMISSION_DENIED$/,
      /^ +Allow it there \(RAM\): deploy\/policies\/ram-keyvend-ecs-vending\.json has it\.$/,
    );
  });

  it('says so as well of the right to say whose an access key is, without which nothing is vended', async () => {
    upstream('cvm', { secretId: tencents.keyId, secretKey: tencents.secret });
    denied.push('sts:GetCallerIdentity');
    await findsOne(
      'cloud',
      /cvm\/default: STS refused GetCallerIdentity .*\(PERMISSION_DENIED, UnauthorizedOperation\)/,
      /^ +Allow it: deploy\/policies\/cam-keyvend-cvm-vending\.json has it\.$/,
    );
  });

  it('takes a right that is not needed for vending for a note, by the feature that is off', async () => {
    denied.push('ess:ModifyScalingConfiguration', 'ecs:DescribeInstances');
    const { status, printed } = await doctor();
    expect(status).toBe(0);
    expect(printed).toMatch(/^note +cloud +ecs\/default may not ecs:DescribeInstances, for who has a pair: retiring/m);
    expect(printed).toMatch(
      /^note +cloud +ecs\/default may not ess:ModifyScalingConfiguration, for updateTemplates: /m,
    );
    for (const feature of ['holders', 'update-templates'])
      expect(printed).toContain(`Allow it there (RAM): deploy/policies/ram-keyvend-ecs-${feature}.json has it.`);
    const may = printed.split('\n').find((line) => line.includes('ecs/default may:'));
    expect(may).not.toMatch(/who has a pair|updateTemplates/);
    expect(may).toContain('what names a pair');
  });

  it('claims no right of which a cloud does not tell, because it looks at parameters first', async () => {
    here.clouds.admin.setBehaviour({ 'order.first': 'parameters' });
    denied.push('ecs:CreateKeyPair', 'ecs:ImportKeyPair');
    const { status, printed } = await doctor();
    expect(status).toBe(0);
    expect(printed).toMatch(
      /ecs\/default may: .*as far as it tells: vending, keys made elsewhere than at the cloud \(not told of ecs:CreateKeyPair, /,
    );
  });

  it('says which rights it could not ask about, while a cloud takes no more requests', async () => {
    here.clouds.admin.addFault({
      match: { service: 'ecs', action: 'DescribeKeyPairs' },
      times: 'always',
      fault: { kind: 'throttle' },
    });
    const { status, printed } = await doctor();
    expect(status).toBe(0);
    expect(printed).toContain('ecs/default could not be asked whether it may ecs:DescribeKeyPairs');
    expect(printed).not.toMatch(/ecs\/default may: .*vending/);
  });

  it('finds an access key that is wrong', async () => {
    upstream('ecs', { ...keyOf(ours), accessKeySecret: 'something-else' });
    await findsOne('cloud', /ecs\/default: .*\(CREDENTIALS_REFUSED, SignatureDoesNotMatch\)/, /docs\/errors\.md/);
  });

  it('finds an access key of another account than the alias stands for, which the first vend says and no look', async () => {
    upstream('ecs', keyOf(anothers));
    expect((await doctor()).status).toBe(0);
    upstream('ecs', keyOf(ours));
    const serving = await here.start();
    const vended = await serving.ask('POST', '/v1/ecs/key-pairs', { name: 'web-1', region: 'cn-hangzhou' });
    expect([vended.status, await serving.end()]).toEqual([201, 0]);
    upstream('ecs', keyOf(anothers));
    await findsOne('cloud', /ecs\/default: .*another account.*\(ACCOUNT_MOVED\)/, /docs\/errors\.md/);
  });

  it('finds an issuer whose keys cannot be had', async () => {
    const nowhere = { KEYVEND_JWKS_URI: 'http://127.0.0.1:1/jwks' };
    await findsOne('issuer', /the keys of issuer default cannot be had/, /Set jwks-uri/, nowhere);
  });

  it('finds a ledger that was copied', async () => {
    expect((await doctor()).status).toBe(0);
    cpSync(join(here.folder, 'keyvend-data'), join(here.folder, 'copy'), { recursive: true });
    const copy = { KEYVEND_HOME: join(here.folder, 'copy') };
    await findsOne('ledger', /this ledger was restored or copied/, /keyvend ledger confirm/, copy);
  });

  it('finds that the key of the store is missing', async () => {
    expect((await doctor()).status).toBe(0);
    rmSync(join(here.folder, 'keyvend-data', 'secrets.key'));
    const { status, faults } = await doctor();
    expect(status).toBe(1);
    expect(faults).toEqual([expect.stringMatching(/^WRONG store +.*key/)]);
  });

  it('finds a certificate that has expired', async () => {
    const [cert, key] = [join(here.folder, 'cert.pem'), join(here.folder, 'key.pem')];
    const [notBeforeDate, notAfterDate] = [new Date(Date.now() - 2 * DAY_MS), new Date(Date.now() - DAY_MS)];
    const made = await generate([{ name: 'commonName', value: 'keyvend.example' }], { notBeforeDate, notAfterDate });
    writeFileSync(cert, made.cert);
    writeFileSync(key, made.private, { mode: 0o600 });
    const tls = { KEYVEND_TLS_CERT_FILE: cert, KEYVEND_TLS_KEY_FILE: key };
    await findsOne('server', /the certificate has expired/, /Renew it/, tls);
  });

  it('finds a file with an access key that everybody can read', async () => {
    const file = join(here.folder, 'upstream', 'cvm', 'default.json');
    chmodSync(file, 0o644);
    await findsOne('server', /everybody on this machine can read/, /chmod o-rwx .*cvm\/default\.json/);
  });

  it('finds a webhook secret that is none', async () => {
    const file = join(here.folder, 'webhook-secret');
    writeFileSync(file, WEBHOOK_SECRET, { mode: 0o600 });
    const webhook = { KEYVEND_WEBHOOK_URL: 'https://hooks.example.com', KEYVEND_WEBHOOK_SECRET_FILE: file };
    await findsOne('webhook', /holds no secret/, /openssl rand/, webhook);
  });

  it("finds a clock that is ten minutes off the clouds'", async () => {
    here.clouds.admin.advanceClock(10 * 60_000);
    const { status, printed, faults } = await doctor();
    expect(status).toBe(1);
    expect(faults[0]).toMatch(/^WRONG clock +this machine's clock is (?:599|600|601) s behind that of a host/);
    expect(printed).toContain('Set it, and keep it set (NTP)');
    expect(faults.slice(1).join()).toContain('CLOCK_SKEWED');
  });
});

describe('keyvend doctor for several machines', { timeout: 60_000 }, () => {
  if (lackingPostgres !== undefined)
    return it('finds a PostgreSQL that may lose what it acknowledged', (context) => context.skip(lackingPostgres));

  let kv: KvStandIn;
  let postgres: PostgresServer;
  beforeEach(async () => {
    const file = join(here.folder, 'keyvend.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^home: .*$/m, ''));
    kv = await startKvStandIn(systemClock);
    kv.mount('secret');
    kv.policy('kv-keyvend', policyFile('kv-keyvend'));
    const role = { accepts: isText('the-secret-id'), policies: ['kv-keyvend'], ttlS: 60 };
    kv.auth.roles.set('/approle/keyvend', role);
    writeFileSync(join(here.folder, 'secret-id'), 'the-secret-id', { mode: 0o600 });
  });
  afterEach(async () => {
    await postgres.remove();
    await kv.stop();
  });

  const shared = () => ({
    KEYVEND_TAKE_OVER_MS: '10000',
    ...{ KEYVEND_LEDGER: 'postgres', KEYVEND_POSTGRES_URL: postgres.url },
    ...{ KEYVEND_STORE: 'kv', KEYVEND_KV_ADDRESS: kv.origin, KEYVEND_KV_LOGIN: 'approle' },
    ...{ KEYVEND_KV_ROLE_ID: 'keyvend', KEYVEND_KV_SECRET_ID_FILE: join(here.folder, 'secret-id') },
  });
  const secrets = () => ['the-secret-id', 'hvs.', new URL(postgres.url).password];

  it('finds nothing wrong with a ledger in PostgreSQL and keys in OpenBao', async () => {
    postgres = await postgresServer();
    expect(await doctor(shared(), secrets())).toMatchObject({ status: 0, faults: [] });
  });

  it('finds a PostgreSQL that may lose what it acknowledged', async () => {
    postgres = await postgresServer({ lines: ['synchronous_commit = off'] });
    const { status, faults } = await doctor(shared(), secrets());
    expect(status).toBe(1);
    expect(faults[0]).toMatch(/^WRONG ledger +the ledger: The server may lose what it has acknowledged/);
  });

  it('finds an OpenBao that is sealed', async () => {
    postgres = await postgresServer();
    kv.mode = 'sealed';
    const { status, faults } = await doctor(shared(), secrets());
    expect(status).toBe(1);
    expect(faults).toEqual([expect.stringMatching(/^WRONG store +.*\(STORE_UNAVAILABLE\)/)]);
  });
});

describe('keyvend doctor for keys in Alibaba KMS', { timeout: 60_000 }, () => {
  const inKms = (over: Record<string, string> = {}) => {
    const { accessKeyId, accessKeySecret } = here.clouds.credentials.alibaba;
    return {
      ...{ KEYVEND_STORE: 'kms', KEYVEND_ALIBABA_KMS_REGION: 'cn-hangzhou' },
      KEYVEND_ALIBABA_KMS_ENDPOINT: here.clouds.endpoint,
      ...{ ALIBABA_CLOUD_ACCESS_KEY_ID: accessKeyId, ALIBABA_CLOUD_ACCESS_KEY_SECRET: accessKeySecret, ...over },
    };
  };

  it('says at first that KMS needs an instance which is bought, where none is named', async () => {
    const { status, printed } = await doctor(inKms());
    expect(status).toBe(0);
    expect(printed).toMatch(/^note +store +no KMS instance is named/m);
    const named = { KEYVEND_ALIBABA_KMS_INSTANCE: 'kst-local', KEYVEND_ALIBABA_KMS_KEY: 'key-1' };
    expect((await doctor(inKms(named))).printed).not.toContain('KMS instance');
  });

  it('finds a key of Alibaba that KMS does not take', async () => {
    const { status, faults } = await doctor(inKms({ ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'wrong' }), ['wrong']);
    expect(status).toBe(1);
    expect(faults[0]).toMatch(/^WRONG store +the store: .*SignatureDoesNotMatch.*\(STORE_REFUSED\)/);
  });
});

const DAY_MS = 24 * 60 * 60_000;
