// Keys that keyvend makes, and keys that people bring: asked for over HTTP and by message beside `npm start`, read with `keyvend key`, and
// used by the real tools on a real sshd.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it, type TestContext, vi } from 'vitest';
import { KeyPairMetadata } from '../../lib/contract/metadata.ts';
import { Problem } from '../../lib/contract/problem.ts';
import { type ProviderName, providerNames } from '../../lib/provider-table.ts';
import { keySizes } from '../../lib/vending/key-source.ts';
import { type Sshd, startSshd } from '../../local/sshd.ts';
import { shortWindows } from '../../local/stack/short-windows.ts';
import { noSshd } from '../hosts/accounts.ts';
import { isInstalled } from '../moto.ts';
import { type Answered, type Running, start } from './process.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const lacking = { sshd: noSshd(), 'ssh-keygen': isInstalled('ssh-keygen') ? undefined : 'ssh-keygen is not installed' };
/** Ends a test that needs what is not installed, and says so. */
const needs = (context: TestContext, program: keyof typeof lacking) =>
  context.skip(lacking[program] !== undefined, lacking[program]);
const regions = { ens: undefined, ecs: 'cn-hangzhou', cvm: 'ap-tokyo' };
let home: string;
let running: Running;
let sshd: Sshd | undefined;
const begin = async (more: Record<string, string> = {}): Promise<void> => {
  running = await start(home, { KEYVEND_RECOVERY_MS: '200', ...shortWindows, ...more });
};
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'keyvend-key-source-'));
  mkdirSync(join(home, 'keys'));
  await begin();
  if (lacking.sshd === undefined) sshd = await startSshd();
});
afterAll(async () => {
  await sshd?.remove();
  await running.end('SIGTERM');
  await rm(home, { recursive: true });
});

let names = 0;
/** What is asked for, with a name of its own. */
function wanted(provider: ProviderName, more: object = {}) {
  names += 1;
  const [name, region] = [`made_${names}`, regions[provider]];
  const query = region === undefined ? '' : `?region=${region}`;
  return {
    ...{ provider, name, region },
    body: { name, ...(region && { region }), ...(provider === 'cvm' && { projectId: 0 }), ...more } as Record<
      string,
      unknown
    >,
    path: `/v1/${provider}/key-pairs/${name}${query}`,
  };
}
type Wanted = ReturnType<typeof wanted>;

/** As a client that sends again what may pass: with short leases, CVM's rate leaves no time to wait for the next second. */
async function posted(provider: ProviderName, body: object): Promise<Answered> {
  for (let tries = 1; ; tries += 1) {
    const answer = await running.post(provider, body);
    const mayPass = answer.status === 503 || answer.body.code === 'IN_PROGRESS';
    if (!mayPass || tries === 60) return answer;
    await wait(1_000 * Number(answer.headers.get('retry-after') ?? 1));
  }
}

async function vended(provider: ProviderName, more: object = {}): Promise<Wanted & { readonly answer: Answered }> {
  const pair = wanted(provider, more);
  const answer = await posted(provider, pair.body);
  expect([answer.status, answer.body]).toEqual([201, expect.objectContaining({ fingerprint: expect.any(String) })]);
  return { ...pair, answer };
}
const metadata = async ({ path }: Wanted) => KeyPairMetadata.parse((await running.get(path)).body);
const pairs = async (name: string) => {
  const clouds = /clouds: (http:\S+)/.exec(running.printed())?.[1];
  const all = (await (await fetch(`${clouds}/admin/pairs`)).json()) as { name: string; publicKey: string }[];
  return all.filter((pair) => pair.name === name);
};

const key = ({ provider, name, region }: Wanted, ...words: string[]) =>
  spawnSync(
    process.execPath,
    ['local/keyvend.ts', 'key', provider, name, ...(region ? ['--region', region] : []), ...words],
    { env: { PATH: process.env.PATH, HOME: home, KEYVEND_HOME: home }, encoding: 'utf8' },
  );
const run = (program: string, ...words: string[]) => spawnSync(program, words, { encoding: 'utf8' });

/** Whether the real `ssh` gets in with a key in a file, and with nothing else. */
function logsIn(file: string, { host, port, user }: Sshd = sshd!): boolean {
  const options = ['BatchMode=yes', 'IdentitiesOnly=yes', 'StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null'];
  const where = ['-F', 'none', '-i', file, '-p', String(port), ...options.flatMap((one) => ['-o', one])];
  const { status, stdout } = run('ssh', ...where, `${user}@${host}`, 'echo in');
  return status === 0 && stdout === 'in\n';
}

const sizes = keySizes.map((bits, i) => [bits, providerNames[i]!] as const);
describe.each(sizes)('a key of %i bits that keyvend made, for %s,', (bits, provider) => {
  it('is the pair at the cloud, and answer and metadata say whose it is', async () => {
    const pair = await vended(provider, { keySource: 'import', keyBits: bits });
    const [atCloud, ...others] = await pairs(pair.name);
    expect(others).toEqual([]);
    const { keyPairId } = pair.answer.body;
    expect(keyPairId).toEqual(provider === 'ecs' ? undefined : expect.any(String));
    const { versions } = await metadata(pair);
    expect(versions).toEqual([
      expect.objectContaining({ keySource: 'import', keyBits: bits, publicKey: atCloud!.publicKey }),
    ]);
    expect([versions[0]!.keyPairId, versions[0]!.secretReference]).toEqual([keyPairId, expect.any(String)]);
    const again = await posted(provider, pair.body);
    expect([again.status, again.body]).toEqual([200, pair.answer.body]);
  });

  it('opens an account of a real sshd, in each form that keyvend key prints', async (context) => {
    needs(context, 'sshd');
    const pair = await vended(provider, { keySource: 'import', keyBits: bits });
    const { versions } = await metadata(pair);
    await sshd!.permit([versions[0]!.publicKey]);
    for (const form of ['openssh', 'pem', 'pkcs8', 'ppk']) {
      let file = join(home, 'keys', `${pair.name}.${form}`);
      expect(key(pair, '--format', form, '--out', file)).toMatchObject({ status: 0, stderr: '' });
      if (form === 'ppk') {
        if (!isInstalled('puttygen')) continue;
        const openssh = `${file}.openssh`;
        expect(run('puttygen', file, '-O', 'private-openssh', '-o', openssh)).toMatchObject({ status: 0 });
        file = openssh;
      }
      expect(run('ssh-keygen', '-l', '-f', file).stdout).toMatch(
        new RegExp(`^${bits} ${versions[0]!.fingerprints.sha256.replace(/[+]/g, '\\+')} .*\\(RSA\\)$`, 'm'),
      );
      expect([form, logsIn(file)]).toEqual([form, true]);
    }
  });
});

/** As somebody makes one: `ssh-keygen`, its comment included. */
function ownKey(...words: string[]): { readonly file: string; readonly line: string } {
  names += 1;
  const file = join(home, 'keys', `own-${names}`);
  expect(run('ssh-keygen', '-q', '-N', '', '-C', 'me@here', '-f', file, ...words)).toMatchObject({ status: 0 });
  return { file, line: readFileSync(`${file}.pub`, 'utf8').trim() };
}

describe.each(providerNames)('a key that somebody brings, for %s,', (provider) => {
  it('is imported and stored nowhere, and the file that they kept opens the account', async (context) => {
    needs(context, 'ssh-keygen');
    const { file, line } = ownKey('-t', 'rsa', '-b', '3072');
    const pair = await vended(provider, { publicKey: line });
    const bare = line.split(' ').slice(0, 2).join(' ');
    expect(await pairs(pair.name)).toEqual([expect.objectContaining({ publicKey: bare })]);
    const { versions } = await metadata(pair);
    expect(versions).toEqual([expect.objectContaining({ keySource: 'caller', keyBits: 3_072, publicKey: bare })]);
    expect(versions[0]).not.toHaveProperty('secretReference');
    const read = key(pair);
    expect([read.status, read.stdout]).toEqual([3, '']);

    const commented = await posted(provider, { ...pair.body, publicKey: `${bare} another comment` });
    expect([commented.status, commented.body]).toEqual([200, pair.answer.body]);
    const other = await posted(provider, { ...pair.body, publicKey: ownKey('-t', 'rsa', '-b', '2048').line });
    expect([other.status, Problem.parse(other.body).code]).toEqual([409, 'DIFFERENT_REQUEST']);
    const made = await posted(provider, { ...pair.body, publicKey: undefined, keySource: 'import' });
    expect([made.status, Problem.parse(made.body).code]).toEqual([409, 'DIFFERENT_REQUEST']);

    needs(context, 'sshd');
    await sshd!.permit([versions[0]!.publicKey]);
    expect(logsIn(file)).toBe(true);
  });
});

describe('a key that somebody brings for two key pairs of CVM', () => {
  it('is refused for the second, and stays with the first', async (context) => {
    needs(context, 'ssh-keygen');
    const first = await vended('cvm', { publicKey: ownKey('-t', 'rsa', '-b', '2048').line });
    const second = wanted('cvm', { publicKey: first.body.publicKey });
    const refused = await posted('cvm', second.body);
    expect([refused.status, Problem.parse(refused.body).code]).toEqual([422, 'PUBLIC_KEY_REFUSED']);
    expect(await pairs(second.name)).toEqual([]);
    expect(await posted('cvm', first.body)).toMatchObject({ status: 200, body: first.answer.body });
  });
});

describe('a rotation of a key that somebody brought', () => {
  const rotated = async (pair: Wanted) => {
    const begun = await running.ask('POST', pair.path.replace('?', '/rotations?'));
    expect(begun.status).toBe(202);
    return async () => (await running.get(pair.path.replace('?', `/rotations/${begun.body.id}?`))).body;
  };
  const brought = () => vended('ecs', { publicKey: ownKey('-t', 'rsa', '-b', '2048').line });
  beforeEach((context) => {
    needs(context, 'ssh-keygen');
  });

  it('brings one that is stored, by whoever the policy says', async () => {
    const pair = await brought();
    await running.ask('PUT', pair.path.replace('?', '/policy?'), { keySource: 'import', keyBits: 3_072 });
    const rotation = await rotated(pair);
    await expect.poll(async () => (await rotation()).promotedAt, { timeout: 60_000 }).toBeDefined();
    const { versions } = await metadata(pair);
    expect(versions.at(-1)).toMatchObject({ keySource: 'import', keyBits: 3_072, current: true });
    expect(key(pair)).toMatchObject({ status: 0, stderr: '' });
  });

  it('touches no host that is listed while there is no key to log in with, and can be cancelled', async (context) => {
    needs(context, 'sshd');
    const pair = await brought();
    const { host, port, user, hostKeys } = sshd!;
    await sshd!.permit([(await metadata(pair)).versions[0]!.publicKey]);
    const before = readFileSync(sshd!.keysFile(), 'utf8');
    const policy = { hosts: [{ host, port, user, hostKeys: hostKeys.fingerprints }] };
    expect((await running.ask('PUT', pair.path.replace('?', '/policy?'), policy)).status).toBe(200);
    const rotation = await rotated(pair);
    const codes = async () => ((await rotation()).hosts as { code?: string }[]).map((one) => one.code);
    await expect.poll(codes, { timeout: 60_000 }).toEqual(['MANAGEMENT_KEY_ABSENT']);
    expect(readFileSync(sshd!.keysFile(), 'utf8')).toBe(before);
    const { id } = await rotation();
    expect((await running.ask('DELETE', pair.path.replace('?', `/rotations/${id}?`))).status).toBe(202);
    await expect.poll(async () => (await rotation()).state, { timeout: 60_000 }).toBe('cancelled');
    expect((await metadata(pair)).versions).toEqual([expect.objectContaining({ keySource: 'caller', current: true })]);
  });

  it('lets the next one in on real hosts with a management key, and nobody is locked out', async (context) => {
    needs(context, 'sshd');
    const own = ownKey('-t', 'rsa', '-b', '2048');
    const [pair, management] = [await vended('ecs', { publicKey: own.line }), await vended('ecs')];
    const { host, port, user, hostKeys } = sshd!;
    const hosts = [{ host, port, user, hostKeys: hostKeys.fingerprints }];
    await sshd!.permit([
      (await metadata(pair)).versions[0]!.publicKey,
      (await metadata(management)).versions[0]!.publicKey,
    ]);
    const put = (of: Wanted, policy: object) => running.ask('PUT', of.path.replace('?', '/policy?'), policy);
    expect((await put(management, { hosts })).status).toBe(200);
    expect((await put(pair, { hosts, managementKey: management.name })).status).toBe(200);
    const rotation = await rotated(pair);
    await expect.poll(async () => (await rotation()).promotedAt, { timeout: 60_000 }).toBeDefined();
    const file = join(home, 'keys', 'next');
    writeFileSync(file, key(pair).stdout, { mode: 0o600 });
    expect([logsIn(file), logsIn(own.file)]).toEqual([true, true]); // both, until the overlap is over
  });
});

describe('a request', () => {
  beforeEach((context) => {
    needs(context, 'ssh-keygen');
  });
  const rsa = () => ownKey('-t', 'rsa', '-b', '2048').line;
  it.each<[string, () => object, string]>([
    ['a size without import', () => ({ keyBits: 4_096 }), '#/keyBits'],
    ['a size of what the cloud makes', () => ({ keySource: 'create', keyBits: 4_096 }), '#/keyBits'],
    ['a size that is not made', () => ({ keySource: 'import', keyBits: 1_024 }), '#/keyBits'],
    ['a key of its own and a size', () => ({ publicKey: rsa(), keyBits: 2_048 }), '#/keyBits'],
    ['a key of its own that the cloud is to make', () => ({ publicKey: rsa(), keySource: 'create' }), '#/publicKey'],
    ['an ed25519 key', () => ({ publicKey: ownKey('-t', 'ed25519').line }), '#/publicKey'],
    ['an ECDSA key', () => ({ publicKey: ownKey('-t', 'ecdsa').line }), '#/publicKey'],
    ['a key of 1,024 bits', () => ({ publicKey: ownKey('-t', 'rsa', '-b', '1024').line }), '#/publicKey'],
    ['the private half', () => ({ publicKey: readFileSync(ownKey('-t', 'rsa').file, 'utf8') }), '#/publicKey'],
    ['a key of its own and tags for its secret', () => ({ publicKey: rsa(), secretTags: { a: 'b' } }), '#/secretTags'],
  ])('with %s is refused by that field, and nothing is made', async (_, more, pointer) => {
    const pair = wanted('ecs', more());
    const { status, body } = await posted('ecs', pair.body);
    const { code, errors } = Problem.parse(body);
    expect([status, code]).toEqual([400, 'INVALID_REQUEST']);
    expect(new Set(errors?.map((one) => 'pointer' in one && one.pointer))).toEqual(new Set([pointer]));
    expect(JSON.stringify(body)).not.toMatch(/AAAA|PRIVATE/);
    expect(await pairs(pair.name)).toEqual([]);
    expect((await running.get(pair.path)).status).toBe(404);
  });

  it('by a message gets the key that it asks for', async () => {
    const client = running.queueClient();
    for (const [more, version] of [
      [
        { keySource: 'import', keyBits: 3_072 },
        { keySource: 'import', keyBits: 3_072 },
      ],
      [{ publicKey: rsa() }, { keySource: 'caller', keyBits: 2_048 }],
    ] as const) {
      const pair = wanted('ecs', more);
      const MessageBody = JSON.stringify({ provider: 'ecs', ...pair.body });
      await client.send(new SendMessageCommand({ QueueUrl: running.queue('keyvend-ecs'), MessageBody }));
      await expect.poll(async () => (await running.get(pair.path)).body.state, { timeout: 60_000 }).toBe('active');
      expect((await metadata(pair)).versions).toEqual([expect.objectContaining(version)]);
    }
    client.destroy();
  });
});

describe('a fleet', () => {
  it('moves from created keys of 2,048 bits to imported ones of 4,096 by a policy, and no login fails', async (context) => {
    needs(context, 'sshd');
    const pair = await vended('ecs');
    const before = (await metadata(pair)).versions[0]!;
    expect(before).toMatchObject({ keySource: 'create', keyBits: 2_048 });
    await sshd!.permit([before.publicKey]);
    const { host, port, user, hostKeys } = sshd!;
    const overlapDays = 0.000_2; // 17 s: longer than it takes to read a key and log in with it
    const hosts = [{ host, port, user, hostKeys: hostKeys.fingerprints }];
    const policy = { hosts, overlapDays, keySource: 'import', keyBits: 4_096 };
    const policies = [{ provider: 'ecs', region: pair.region, name: pair.name, policy }];
    const put = await running.ask('PUT', '/v1/policies', { policies });
    expect([put.status, put.body]).toMatchObject([207, { outcomes: [{ status: 200 }] }]);
    const begun = await running.ask('POST', pair.path.replace('?', '/rotations?'));
    expect(begun.status).toBe(202);

    // As somebody who logs in all the while, with the key that the store gives them.
    const logins: boolean[] = [];
    let state: unknown;
    for (let i = 0; state !== 'purged' && i < 400; i += 1) {
      const file = join(home, 'keys', `fleet-${i}`);
      writeFileSync(file, key(pair).stdout, { mode: 0o600 });
      logins.push(logsIn(file));
      const rotation = await running.get(pair.path.replace('?', `/rotations/${begun.body.id}?`));
      state = rotation.body.state;
      expect(['failed', 'cancelled']).not.toContain(state);
    }
    expect(state).toBe('purged');
    expect(logins.length).toBeGreaterThan(5);
    expect(logins).toEqual(logins.map(() => true));
    const { versions } = await metadata(pair);
    expect(versions).toEqual([expect.objectContaining({ keySource: 'import', keyBits: 4_096, current: true })]);
    const left = readFileSync(sshd!.keysFile(), 'utf8');
    expect([
      left.includes(before.publicKey.split(' ')[1]!),
      left.includes(versions[0]!.publicKey.split(' ')[1]!),
    ]).toEqual([false, true]);
  });
});

// Last, since it is started anew for them, with no time between retiring and purging.
describe('once nothing keeps them any more,', () => {
  const retired: Record<string, readonly Wanted[]> = {};
  beforeAll(async () => {
    for (const provider of providerNames) {
      const line = () => ownKey('-t', 'rsa', '-b', '2048').line;
      retired[provider] = [
        await vended(provider, { keySource: 'import' }),
        ...(isInstalled('ssh-keygen') ? [await vended(provider, { publicKey: line() })] : []),
      ];
    }
    await running.end('SIGTERM');
    await begin({ KEYVEND_GRACE_DAYS: '0' });
  });

  it.each(providerNames)(
    'imported pairs of %s that are retired are purged, with the keys that are stored',
    async (provider) => {
      for (const pair of retired[provider]!) {
        const answer = await running.ask('DELETE', pair.path);
        expect([answer.status, answer.body.state]).toEqual([202, 'retired']);
        await expect.poll(() => pairs(pair.name), { timeout: 60_000 }).toEqual([]);
        await expect.poll(() => key(pair).status, { timeout: 60_000 }).toBe(3);
        const again = async () => (await posted(provider, pair.body)).status;
        await expect.poll(again, { timeout: 60_000 }).toBe(201); // the name is free, also for the very same key
        expect(await pairs(pair.name)).toHaveLength(1);
      }
    },
  );
});
