// Several keyvends in one account, a ledger that was put back, and an alias that moves: as processes of their own, over clouds
// that go on whatever becomes of them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Clouds, startClouds } from '../../local/clouds/clouds.ts';
import { commonClient, rpcCall } from '../clouds/support/sdks.ts';
import { type Answered, type Running, start } from './process.ts';

const REGION = { ecs: 'cn-hangzhou', cvm: 'ap-tokyo', ens: 'global' } as const;
type Provider = keyof typeof REGION;

let folder: string;
let clouds: Clouds;
const running: Running[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyvend-ownership-'));
  const another = { account: '2000000000000002', active: true, permitted: true, secret: 'another-secret' };
  clouds = await startClouds({
    behaviour: { 'ens.keyBits': 1024, 'ecs.keyBits': 1024, 'cvm.keyBits': 1024 },
    limits: { 'ecs.keyPairsPerRegion': 5_000, 'cvm.keyPairs': 5_000, 'cvm.requestsPerSecond': 1_000 },
    credentials: [
      { ...another, cloud: 'alibaba', keyId: 'LTAI-another' },
      { ...another, cloud: 'tencent', keyId: 'AKID-another' },
    ],
  });
  await writeFile(join(folder, 'ca.pem'), clouds.ca);
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.end('SIGTERM')));
  await clouds.close();
  await rm(folder, { recursive: true });
});

/** A keyvend with a home of its own, and the access keys of either account. */
async function keyvend(name: string, whose: 'ours' | "another's" = 'ours'): Promise<Running> {
  const { alibaba, tencent } = clouds.credentials;
  const keys =
    whose === 'ours'
      ? { alibaba, tencent }
      : {
          alibaba: { accessKeyId: 'LTAI-another', accessKeySecret: 'another-secret' },
          tencent: { secretId: 'AKID-another', secretKey: 'another-secret' },
        };
  const file = join(folder, `${name}.json`);
  await writeFile(file, JSON.stringify({ endpoint: clouds.endpoint, ...keys }));
  const environment = {
    KEYVEND_CLOUDS: file,
    KEYVEND_CLOUDS_CA: join(folder, 'ca.pem'),
    KEYVEND_RECOVERY_MS: '300',
    KEYVEND_TAKE_OVER_MS: '2000',
    KEYVEND_LEASE_MS: '31000',
    KEYVEND_ABSENT_TWICE_MS: '1000',
  };
  const one = await start(join(folder, name), environment);
  running.push(one);
  return one;
}

const vend = (one: Running, provider: Provider, name: string): Promise<Answered> => {
  const { [provider]: region } = REGION;
  const where = provider === 'ens' ? {} : { region };
  return one.post(provider, { name, ...where, ...(provider === 'cvm' && { projectId: 0 }) });
};
/** Asks again for as long as the answer says that this can help. */
async function untilAnswered(ask: () => Promise<Answered>): Promise<Answered> {
  for (let tries = 0; ; tries += 1) {
    const answer = await ask();
    if (tries === 20 || answer.body.code !== 'IN_PROGRESS') return answer;
    await wait(500);
  }
}
/** Until it has printed that. */
const prints = (one: Running, words: string) => expect.poll(one.printed, { timeout: 10_000 }).toContain(words);
/** Not in this thread's way: the clouds that it asks are here. */
async function command(name: string, ...words: string[]) {
  const env = { ...process.env, KEYVEND_HOME: join(folder, name) };
  const child = spawn(process.execPath, ['local/keyvend.ts', ...words], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { stdout, stderr, status: status as number | null };
}
const idsThere = () => new Set(clouds.admin.pairs().map(({ id }) => id));
const deletes = () => clouds.admin.requests().filter(({ action }) => action === 'DeleteKeyPairs').length;

describe('two keyvends of one stage name in one account', () => {
  it('touch nothing of each other on ECS and CVM, in 200 requests each for the same names', {
    timeout: 180_000,
  }, async () => {
    const both = await Promise.all([keyvend('a'), keyvend('b')]);
    const names = Array.from({ length: 50 }, (_, i) => `shared_${i}`);
    const acknowledged = new Map<string, { id: string; by: number; provider: Provider; name: string }>();
    const codes: Record<string, number> = {};
    const rounds = names.flatMap((name) => (['ecs', 'cvm'] as const).map((provider) => ({ name, provider })));
    const asking = both.map(async (one, by) => {
      // In another order, so that each is the first half of the time; each name twice.
      const mine = by === 0 ? [...rounds, ...rounds] : [...rounds.toReversed(), ...rounds];
      for (let i = 0; i < mine.length; i += 8) {
        await Promise.all(
          mine.slice(i, i + 8).map(async ({ provider, name }) => {
            const { status, body } = await vend(one, provider, name);
            const code = String(body.code ?? status);
            codes[code] = (codes[code] ?? 0) + 1;
            const id = body.keyPairId as string | undefined;
            if (id !== undefined) acknowledged.set(`${by} ${provider} ${name}`, { id, by, provider, name });
          }),
        );
      }
    });
    const rotating = async () => {
      for (const [by, one] of both.entries()) {
        const { id, provider, name } = [...acknowledged.values()].find((each) => each.by === by) ?? {};
        if (id === undefined) continue;
        await one.ask('POST', `/v1/${provider}/key-pairs/${name}/rotations?region=${REGION[provider!]}`, {});
      }
    };
    await wait(2_000);
    await Promise.all([...asking, wait(3_000).then(rotating)]);
    await wait(2_000); // recovery comes a few times more
    const there = idsThere();
    const gone = [...acknowledged.values()].filter(({ id }) => !there.has(id));
    const owners = new Map<string, Set<number>>();
    for (const { by, provider, name } of acknowledged.values())
      owners.set(`${provider} ${name}`, (owners.get(`${provider} ${name}`) ?? new Set()).add(by));
    expect({ gone, shared: [...owners].filter(([, by]) => by.size > 1) }).toEqual({ gone: [], shared: [] });
    // Whom both were in each other's way for, one of them gets when it asks again.
    const open = rounds.filter(({ provider, name }) => !owners.has(`${provider} ${name}`));
    const again = await Promise.all(
      open.map(({ provider, name }) => untilAnswered(() => vend(both[0]!, provider, name))),
    );
    expect(again.map(({ status }) => status).filter((status) => status >= 300)).toEqual([]);
    expect(
      Object.keys(codes).filter((code) => !/^(20[01]|NAME_TAKEN|IN_PROGRESS|OUTCOME_UNKNOWN)$/.test(code)),
    ).toEqual([]);
    process.stdout.write(`two keyvends, 400 requests: ${JSON.stringify(codes)}, deletes sent: ${deletes()}\n`);
  });

  it('leave the name to whoever has it when one asks after the other, on every cloud', async () => {
    const [a, b] = [await keyvend('a'), await keyvend('b')];
    for (const provider of ['ecs', 'cvm', 'ens'] as const) {
      const first = await vend(a, provider, 'shared_one');
      expect(first.status).toBe(201);
      for (let tries = 0; tries < 4; tries += 1) {
        expect((await vend(b, provider, 'shared_one')).status).not.toBeLessThan(400);
        await wait(400);
      }
      expect((await vend(a, provider, 'shared_one')).body.keyPairId).toBe(first.body.keyPairId);
      expect(idsThere()).toContain(first.body.keyPairId);
    }
    expect(deletes()).toBe(0);
  });
});

describe('a ledger that was put back to an earlier moment', () => {
  const restore = async (home: string, kept: string) => {
    for (const file of await readdir(kept)) await rm(join(home, file), { force: true });
    for (const file of await readdir(home)) if (/^ledger\.sqlite-/.test(file)) await rm(join(home, file));
    for (const file of await readdir(kept)) await cp(join(kept, file), join(home, file));
  };

  it('is fenced: it reads, makes and deletes nothing, and says why, until it is confirmed', {
    timeout: 60_000,
  }, async () => {
    const [home, kept] = [join(folder, 'a'), join(folder, 'kept')];
    const before = await keyvend('a');
    expect((await vend(before, 'ecs', 'early')).status).toBe(201);
    await before.end('SIGTERM');
    await mkdir(kept);
    for (const file of await readdir(home))
      if (/^ledger\.sqlite(-wal)?$/.test(file)) await cp(join(home, file), join(kept, file));
    const later = await keyvend('a');
    const acknowledged: unknown[] = [];
    for (const provider of ['ecs', 'cvm', 'ens'] as const)
      acknowledged.push((await vend(later, provider, 'late_one')).body.keyPairId);
    await later.end('SIGTERM');
    await restore(home, kept);

    const fenced = await keyvend('a');
    await prints(fenced, 'restored or copied');
    expect((await fenced.get('/v1/ecs/key-pairs/early?region=cn-hangzhou')).status).toBe(200);
    for (const provider of ['ecs', 'cvm', 'ens'] as const) {
      // On ENS it is looked first whether the name is free.
      const { status, body } = await vend(fenced, provider, provider === 'ens' ? 'free_one' : 'late_one');
      expect([provider, status, body.code]).toEqual([provider, 503, 'LEDGER_FENCED']);
    }
    await wait(1_500); // recovery comes
    const looked = await command('a', 'ledger');
    expect(looked.status).toBe(1);
    expect(looked.stdout).toContain('restored or copied');
    expect(looked.stdout).toContain('3 stored keys belong to no record');
    const compared = await command('a', 'reconcile');
    expect(compared.status).toBe(1);
    expect(compared.stdout.match(/unrecorded +late_one/g)).toHaveLength(3);
    expect(deletes()).toBe(0);

    expect(await command('a', 'ledger', 'confirm')).toMatchObject({ status: 0 });
    expect((await vend(fenced, 'ecs', 'fresh')).status).toBe(201);
    for (const provider of ['ecs', 'cvm', 'ens'] as const)
      expect((await vend(fenced, provider, 'late_one')).status).not.toBeLessThan(400);
    await wait(1_500);
    expect(deletes()).toBe(0);
    for (const id of acknowledged) expect(idsThere()).toContain(id);
    expect(await command('a', 'ledger', 'confirm')).toMatchObject({ status: 0 });
  });

  it('that is empty says so at the first look, when keys are stored that it does not know', {
    timeout: 30_000,
  }, async () => {
    const before = await keyvend('a');
    expect((await vend(before, 'ecs', 'early')).status).toBe(201);
    await before.end('SIGTERM');
    for (const file of await readdir(join(folder, 'a')))
      if (file.startsWith('ledger.sqlite')) await rm(join(folder, 'a', file));
    const empty = await keyvend('a');
    await prints(empty, '1 stored key belongs to no record');
    const { stdout, stderr, status } = await command('a', 'reconcile');
    expect({ stdout, status }).toEqual({ stdout: expect.stringContaining('unrecorded'), status: 1 });
    expect(stderr).toContain('belongs to no record');
    expect((await command('a', 'reconcile', '--fix')).stdout).toContain('unrecorded');
    expect(idsThere().size).toBe(1);
    expect(deletes()).toBe(0);
  });
});

describe('a region of which a ledger has lost all records', () => {
  const ofEcs = () => rpcCall(clouds, clouds.credentials.alibaba, '2014-05-26');
  const ofCvm = () => commonClient(clouds, clouds.credentials.tencent, 'cvm');

  it('is compared all the same, on ECS and on CVM, because the cloud lists it', { timeout: 60_000 }, async () => {
    const one = await keyvend('a');
    expect((await vend(one, 'ecs', 'standing')).status).toBe(201);
    expect((await one.post('cvm', { name: 'standing', region: 'ap-seoul', projectId: 0 })).status).toBe(201);
    expect(await command('a', 'reconcile')).toMatchObject({ status: 0 });
    const { value } = clouds.admin.pairs('ecs')[0]!.tags.find(({ key }) => key === 'keyvend')!;
    const ours = { 'Tag.1.Key': 'keyvend', 'Tag.1.Value': value };
    await ofEcs()('CreateKeyPair', { RegionId: 'eu-central-1', KeyPairName: 'nobody_knows', ...ours });
    await ofEcs()('CreateKeyPair', { RegionId: 'us-west-1', KeyPairName: 'of_somebody_else' });
    const Tags = [{ Key: 'keyvend', Value: value }];
    const tagged = { TagSpecification: [{ ResourceType: 'keypair', Tags }] };
    await ofCvm().request('CreateKeyPair', { KeyName: 'nobody_knows', ProjectId: 0, ...tagged }); // in ap-tokyo

    const { stdout, stderr, status } = await command('a', 'reconcile');
    expect(status).toBe(1);
    expect(stdout).toMatch(/ecs default eu-central-1: .*unrecorded 1.*\n {2}unrecorded +nobody_knows/);
    expect(stdout).toMatch(/cvm default ap-tokyo: .*unrecorded 1/);
    expect(stdout).not.toContain('us-west-1');
    expect(stderr).not.toContain('not looked into');
    expect(deletes()).toBe(0);
  });

  it('is said to be left out where the access key may not list regions', { timeout: 60_000 }, async () => {
    const one = await keyvend('a');
    for (const provider of ['ecs', 'cvm'] as const) expect((await vend(one, provider, 'standing')).status).toBe(201);
    const refuse = (code: string) => ({ kind: 'refuse', code }) as const;
    clouds.admin.addFault({
      match: { service: 'ecs', action: 'DescribeRegions' },
      fault: refuse('Forbidden.RAM'),
    });
    clouds.admin.addFault({
      match: { service: 'cvm', action: 'DescribeRegions' },
      fault: refuse('UnauthorizedOperation'),
    });
    const { stdout, stderr, status } = await command('a', 'reconcile');
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr:
        'keyvend: cvm default: its regions are not known (PERMISSION_DENIED); only what is on record was compared\n' +
        'keyvend: ecs default: its regions are not known (PERMISSION_DENIED); only what is on record was compared\n',
    });
    expect(stdout.match(/matched 1/g)).toHaveLength(2);
  });
});

describe('an alias under which somebody puts the access key of another account', () => {
  it('is refused: nothing is looked for, made or removed there, and nothing of its own is given up', {
    timeout: 60_000,
  }, async () => {
    const before = await keyvend('a');
    const ids: unknown[] = [];
    for (const provider of ['ecs', 'cvm', 'ens'] as const)
      ids.push((await vend(before, provider, 'standing')).body.keyPairId);
    await before.end('SIGTERM');

    const moved = await keyvend('a', "another's");
    for (const provider of ['ecs', 'cvm', 'ens'] as const) {
      const { status, body } = await vend(moved, provider, 'another');
      expect([provider, status, body.code]).toEqual([provider, 409, 'ACCOUNT_MOVED']);
      await moved.ask('DELETE', `/v1/${provider}/key-pairs/standing?region=${REGION[provider]}`);
    }
    await wait(2_000);
    expect(idsThere()).toEqual(new Set(ids));
    const used = clouds.admin
      .requests()
      .filter(({ service, action }) => service !== 'sts' && action !== 'CreateKeyPair');
    const whileMoved = used.filter(({ action }) => action === 'DeleteKeyPairs');
    expect(whileMoved).toEqual([]);
    await moved.end('SIGTERM');

    const back = await keyvend('a');
    expect((await vend(back, 'ecs', 'another')).status).toBe(201);
  });
});
