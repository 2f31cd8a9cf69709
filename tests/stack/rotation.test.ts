// Rotating and retiring over HTTP, queue and command line, with everything of `npm start` around it.

import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ReceiveMessageCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { RotatedEvent } from '../../lib/contract/events.ts';
import { KeyPairMetadata, KeyPairPage } from '../../lib/contract/metadata.ts';
import { PolicyAnswer } from '../../lib/contract/policy-body.ts';
import { Problem } from '../../lib/contract/problem.ts';
import { RotationAnswer } from '../../lib/contract/rotation-answer.ts';
import { HistoryAnswer } from '../../lib/contract/trail-view.ts';
import { readersStore } from '../../lib/platforms/readers-store.ts';
import { parsePrivateKey } from '../../lib/ssh/private-key.ts';
import { sshdProgram, startSshd } from '../../local/sshd.ts';
import { shortWindows } from '../../local/stack/short-windows.ts';
import { type Answered, type Running, start } from './process.ts';

const region = 'cn-hangzhou';
/** Short windows and no overlap to speak of, so that a rotation comes to its end while a test waits. */
const hasty = {
  KEYVEND_RECOVERY_MS: '200',
  ...shortWindows,
  KEYVEND_OVERLAP_DAYS: '0.00002', // 1.7 s
};

// What failed once, as calls do on a busy machine, is tried again after half a minute.
vi.setConfig({ testTimeout: 120_000 });

let home: string;
let running: Running;
let client: SQSClient;
async function begin(environment: Record<string, string> = {}): Promise<void> {
  running = await start(home, { ...hasty, ...environment });
  client = running.queueClient();
}
async function end(): Promise<void> {
  client.destroy();
  await running.end('SIGTERM');
}
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'keyvend-rotation-'));
  await begin();
});
afterAll(async () => {
  await end();
  await rm(home, { recursive: true });
});

let names = 0;
/** A new key pair: what was answered for it, and the paths of what is below it. */
async function vended() {
  names += 1;
  const name = `web:${names}`;
  const { status, body } = await running.post('ecs', { name, region });
  expect(status).toBe(201);
  const path = (below = '') => `/v1/ecs/key-pairs/web%3A${names}${below}?region=${region}`;
  const at = names;
  return {
    name,
    keyPairId: String(body.keyPairId),
    path: (below = '') => path(below).replace(/web%3A\d+/, `web%3A${at}`),
  };
}

const problem = ({ status, body }: Answered) => [status, Problem.parse(body).code];
const metadata = async (path: string) => KeyPairMetadata.parse((await running.get(path)).body);
const begun = async (path: string, headers: Record<string, string> = {}) => {
  const { status, body, headers: answered } = await running.ask('POST', path, undefined, headers);
  expect(status, JSON.stringify(body)).toBe(202);
  return { ...RotationAnswer.parse(body), location: answered.get('location')! };
};
/** The rotation, once it has come to that state. */
async function until(location: string, state: Rotation['state']): Promise<Rotation> {
  for (let tries = 0; ; tries += 1) {
    const rotation = RotationAnswer.parse((await running.get(location)).body);
    if (rotation.state === state || tries === 900) {
      expect(rotation, JSON.stringify(rotation)).toMatchObject({ state });
      return rotation;
    }
    await wait(100);
  }
}
type Rotation = ReturnType<typeof RotationAnswer.parse>;

const pairNames = async (prefix: string): Promise<string[]> => {
  const clouds = /clouds: (http:\S+)/.exec(running.printed())?.[1];
  const pairs = (await (await fetch(`${clouds}/admin/pairs`)).json()) as { name: string }[];
  return pairs.map(({ name }) => name).filter((name) => name.startsWith(prefix));
};
const storedPublicKey = async (name: string): Promise<string> => {
  const store = await readersStore({ KEYVEND_HOME: home });
  const key = await store.reveal({ provider: 'ecs', account: 'default', region, name });
  await store.close();
  return parsePrivateKey(key!).publicKey;
};
const rotatedEvents = async () => {
  const events: ReturnType<typeof RotatedEvent.parse>[] = [];
  for (;;) {
    const receive = new ReceiveMessageCommand({ QueueUrl: running.queue('keyvend-events'), MaxNumberOfMessages: 10 });
    const { Messages = [] } = await client.send(receive);
    if (Messages.length === 0) return events;
    const all = Messages.map(({ Body }) => JSON.parse(Body ?? '') as { type: string });
    events.push(
      ...all.filter(({ type }) => type === RotatedEvent.shape.type.def.values[0]).map((e) => RotatedEvent.parse(e)),
    );
  }
};

describe('a policy', () => {
  it('is what is configured until it is put, and is put as a whole', async () => {
    const { path } = await vended();
    const before = PolicyAnswer.parse((await running.get(path('/policy'))).body);
    expect(before).toEqual({
      maxAgeDays: 0,
      overlapDays: 0.00002,
      coverage: 1,
      maxParallelHosts: 5,
      recordHostKeys: false,
      hosts: [],
    });
    const hosts = [{ host: 'web-1.example.com', user: 'root' }];
    const put = await running.ask('PUT', path('/policy'), { maxAgeDays: 90, hosts });
    const listed = { ...before, maxAgeDays: 90, hosts: [{ ...hosts[0], port: 22, hostKeys: [] }] };
    expect([put.status, put.body]).toEqual([200, listed]);
    expect((await running.get(path('/policy'))).body).toEqual(listed);
    expect((await running.ask('PUT', path('/policy'), {})).body).toEqual(before);
  });

  it.each<[string, object, string, string[]]>([
    ['an unknown field', { colour: 'red' }, 'FIELD_UNKNOWN', ['#/colour']],
    [
      'a malformed host and user',
      { hosts: [{ host: 'a b', user: 'ro ot' }] },
      'INVALID_REQUEST',
      ['#/hosts/0/host', '#/hosts/0/user'],
    ],
    ['a coverage of nothing', { coverage: 0 }, 'INVALID_REQUEST', ['#/coverage']],
    [
      'the same host twice',
      {
        hosts: [
          { host: 'a.example', user: 'root' },
          { host: 'A.example', user: 'root', port: 22 },
        ],
      },
      'INVALID_REQUEST',
      ['#/hosts'],
    ],
  ])('is refused with %s, and nothing of it is kept', async (_, body, code, pointers) => {
    const { path } = await vended();
    const answer = await running.ask('PUT', path('/policy'), body);
    expect(problem(answer)).toEqual([400, code]);
    expect(Problem.parse(answer.body).errors?.map((one) => 'pointer' in one && one.pointer)).toEqual(pointers);
    expect((await running.get(path('/policy'))).body).toMatchObject({ coverage: 1, hosts: [] });
  });

  const through = (via: object) => ({
    host: '127.0.0.1',
    via: { ...via, user: 'jump', hostKeys: [`SHA256:${'a'.repeat(43)}`] },
  });
  it.each<[string, object, string, RegExp]>([
    ['a metadata address', { host: '169.254.169.254' }, '#/hosts/0/host', /ever allowed: .*link-local/],
    ["another cloud's", { host: '100.100.100.200' }, '#/hosts/0/host', /ever allowed/],
    ['one that is mapped into IPv6', { host: '::ffff:a9fe:a9fe' }, '#/hosts/0/host', /ever allowed: .*link-local/],
    ['an address that is in none of the networks', { host: '10.9.8.7' }, '#/hosts/0/host', /127\.0\.0\.0\/8,::1\/128/],
    ['a name for this machine', { host: 'db.localhost' }, '#/hosts/0/host', /ever allowed/],
    ['a jump host at a metadata address', through({ host: '169.254.169.254' }), '#/hosts/0/via/host', /ever allowed/],
    ['a jump host in none of the networks', through({ host: '10.9.8.7' }), '#/hosts/0/via/host', /127\.0\.0\.0\/8/],
    ['a name in a cluster', { host: 'api.default.svc.cluster.local' }, '#/hosts/0/host', /ever allowed/],
  ])('is refused with %s, names the bound and does not repeat the host', async (_, host, pointer, bound) => {
    const { path } = await vended();
    const answer = await running.ask('PUT', path('/policy'), { hosts: [{ ...host, user: 'root' }] });
    expect(problem(answer)).toEqual([422, 'HOST_FORBIDDEN']);
    const { errors } = Problem.parse(answer.body);
    expect(errors).toEqual([{ pointer, detail: expect.stringMatching(bound) }]);
    expect(JSON.stringify(answer.body)).not.toMatch(/169\.254\.|100\.100|a9fe|10\.9\.8\.7|db\.local|svc\.cluster/);
    expect((await running.get(path('/policy'))).body).toMatchObject({ hosts: [] });
  });

  it.each<[string, object, string, RegExp]>([
    ['hardly any host', { coverage: 0.0001 }, '#/coverage', /at least 0\.5/],
    ['an old key for a year', { overlapDays: 365 }, '#/overlapDays', /at most 90/],
    ['a rotation every minute', { maxAgeDays: 0.001 }, '#/maxAgeDays', /at least 1/],
    ['whatever host key comes', { recordHostKeys: true }, '#/recordHostKeys', /must be false/],
  ])(
    'is refused when it asks for %s, and the answer names the field and the bound',
    async (_, body, pointer, bound) => {
      const { path } = await vended();
      const answer = await running.ask('PUT', path('/policy'), body);
      expect(problem(answer)).toEqual([422, 'POLICY_OUT_OF_BOUNDS']);
      expect(Problem.parse(answer.body).errors).toEqual([{ pointer, detail: expect.stringMatching(bound) }]);
      expect((await running.get(path('/policy'))).body).toMatchObject({ coverage: 1, recordHostKeys: false });
    },
  );

  it('fits into a request and a record with two thousand hosts behind a jump host, with their keys', async () => {
    const { path } = await vended();
    const pin = () => `SHA256:${randomBytes(32).toString('base64').slice(0, 43)}`;
    const via = { host: 'gate.example.com', port: 22, user: 'jump', hostKeys: [pin(), pin(), pin()] };
    const hosts = Array.from({ length: 2_000 }, (_, i) => ({
      ...{ host: `web-${i}.example.com`, port: 22, user: 'root', hostKeys: [pin()], via },
    }));
    const { status, body } = await running.ask('PUT', path('/policy'), { hosts });
    expect(status, JSON.stringify(body).slice(0, 300)).toBe(200);
    expect((await running.get(path('/policy'))).body).toMatchObject({ hosts });
    const refused = async (hosts: object[]) => problem(await running.ask('PUT', path('/policy'), { hosts }));
    expect(await refused([...hosts, { host: 'web-2000', user: 'root' }])).toEqual([400, 'INVALID_REQUEST']);
    const exponent = Buffer.from('000000077373682d727361000000030100010000018100', 'hex');
    const rsa = () => [`ssh-rsa ${Buffer.concat([exponent, randomBytes(384)]).toString('base64')}`];
    expect(await refused(hosts.slice(0, 650).map((host) => ({ ...host, hostKeys: rsa() })))).toEqual([
      422,
      'HOSTS_TOO_MANY',
    ]);
    const pinned = hosts.map((host) => ({ ...host, hostKeys: Array.from({ length: 10 }, pin) }));
    expect(await refused(pinned)).toEqual([413, 'TOO_LARGE']);
    expect((await running.get(path('/policy'))).body).toMatchObject({ hosts });
  });

  it('is absent when its key pair is absent', async () => {
    const nobody = `/v1/ecs/key-pairs/nobody/policy?region=${region}`;
    expect(problem(await running.get(nobody))).toEqual([404, 'KEY_PAIR_ABSENT']);
    expect(problem(await running.ask('PUT', nobody, {}))).toEqual([404, 'KEY_PAIR_ABSENT']);
    expect(problem(await running.get('/v1/ecs/key-pairs/nobody/policy'))).toEqual([400, 'INVALID_REQUEST']);
  });
});

describe('a rotation without hosts', () => {
  it('puts another pair and its key in place of the first, says so, and clears the first away after the overlap', async () => {
    const { name, keyPairId, path } = await vended();
    const before = await storedPublicKey(name);
    const { id, location, from } = await begun(path('/rotations'));
    expect(location).toBe(path(`/rotations/${id}`));
    expect(from.keyPairId).toBe(keyPairId);
    const { successor } = await until(location, 'promoted');
    const now = await metadata(path());
    expect(now.versions.map((version) => [version.keyPairId, version.keyPairName, version.current])).toEqual([
      [keyPairId, name, false],
      [successor!.keyPairId, `${name}_r2`, true],
    ]);
    expect(await storedPublicKey(name)).toBe(now.versions[1]!.publicKey);
    expect(await storedPublicKey(name)).not.toBe(before);
    expect(problem(await running.ask('DELETE', location))).toEqual([409, 'ROTATION_PROMOTED']);

    const again = await running.post('ecs', { name, region });
    expect([again.status, again.body]).toEqual([
      200,
      { keyPairId: successor!.keyPairId, fingerprint: successor!.fingerprint },
    ]);
    const events = (await rotatedEvents()).filter(({ data }) => data.name === name);
    expect(new Set(events.map((event) => event.id))).toEqual(new Set([now.versions[1]!.id]));
    expect(events[0]).toMatchObject({
      subject: `ecs/default/${region}/${name}`,
      data: { keyPairId: successor!.keyPairId, fingerprint: successor!.fingerprint, replaces: keyPairId },
    });

    const { endedAt } = await until(location, 'purged');
    expect(endedAt).toBeDefined();
    expect((await metadata(path())).versions.map((version) => version.keyPairId)).toEqual([successor!.keyPairId]);
    expect(await pairNames(name)).toEqual([`${name}_r2`]);
  });

  it('does not show its successor as a key pair of its own, though that can be looked at', async () => {
    const { name, path } = await vended();
    await until((await begun(path('/rotations'))).location, 'promoted');
    const { keyPairs } = KeyPairPage.parse((await running.get('/v1/key-pairs?limit=100')).body);
    expect(keyPairs.map((pair) => pair.name)).toContain(name);
    expect(keyPairs.filter(({ successorOf }) => successorOf !== undefined)).toEqual([]);
    const itself = await metadata(`/v1/ecs/key-pairs/${encodeURIComponent(`${name}_r2`)}?region=${region}`);
    expect(itself.successorOf).toBe(name);
    expect(itself.versions.filter(({ current }) => current)).toEqual([]);
  });

  it('is the same one for the same Idempotency-Key, even once it is over; another key pair needs another key', async () => {
    const [one, other] = [await vended(), await vended()];
    const key = { 'idempotency-key': '"rotate-1"' };
    const first = await begun(one.path('/rotations'), key);
    expect((await begun(one.path('/rotations'), key)).id).toBe(first.id);
    await until(first.location, 'purged');
    expect(await begun(one.path('/rotations'), key)).toMatchObject({ id: first.id, state: 'purged' });
    expect((await metadata(one.path())).rotations).toEqual([{ id: first.id, state: 'purged' }]);
    expect(problem(await running.ask('POST', other.path('/rotations'), undefined, key))).toEqual([422, 'KEY_REUSED']);
    expect((await begun(one.path('/rotations'))).id).not.toBe(first.id);
  });

  it('can also begin by a message, whose id it takes, and by the command line', async () => {
    const [one, other] = [await vended(), await vended()];
    const MessageBody = JSON.stringify({ provider: 'ecs', region, name: one.name, rotate: true });
    const QueueUrl = running.queue('keyvend-rotation');
    const { MessageId } = await client.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    const words = ['local/keyvend.ts', 'rotate', 'ecs', other.name, '--region', region];
    const said = spawnSync(process.execPath, words, { env: { ...process.env, KEYVEND_HOME: home }, encoding: 'utf8' });
    expect(said).toMatchObject({ status: 0, stderr: '' });
    const [, id, location] =
      /^rotation (\S+): requested; the worker was told\nsee its state: GET (\S+)\nsee how it goes: npx keyvend rotation show .+\n$/.exec(
        said.stdout,
      ) ?? [];
    expect((await until(location!, 'promoted')).id).toBe(id);
    expect((await until(one.path(`/rotations/${MessageId}`), 'promoted')).requestedBy).toMatch(/^queue /);
  });

  it('is refused when there is nothing to rotate, or when its body means nothing', async () => {
    const { path } = await vended();
    const nobody = `/v1/ecs/key-pairs/nobody/rotations?region=${region}`;
    expect(problem(await running.ask('POST', nobody))).toEqual([404, 'KEY_PAIR_ABSENT']);
    expect(problem(await running.ask('POST', path('/rotations'), { force: true }))).toEqual([400, 'FIELD_UNKNOWN']);
    expect(problem(await running.get(path('/rotations/00000000-0000-4000-8000-000000000000')))).toEqual([
      404,
      'ROTATION_ABSENT',
    ]);
  });
});

describe('a rotation with a host', () => {
  it('is proved on the host by a login before it counts, and removes the old key there after the overlap', async (context) => {
    if (sshdProgram() === undefined) return context.skip('sshd is not installed');
    const sshd = await startSshd();
    try {
      const { name, path } = await vended();
      const before = await storedPublicKey(name);
      await sshd.permit([before]);
      const { host, port, user, hostKeys } = sshd;
      const hosts = [{ host, port, user, hostKeys: hostKeys.fingerprints }];
      expect((await running.ask('PUT', path('/policy'), { hosts, overlapDays: 0.0001 })).status).toBe(200); // 8.6 s
      const { location } = await begun(path('/rotations'));
      const { hosts: proved } = await until(location, 'promoted');
      expect(proved).toEqual([{ host: `${user}@${host}:${port}`, outcome: 'ok' }]);
      const now = await storedPublicKey(name);
      const keys = await readFile(sshd.keysFile(), 'utf8');
      for (const line of [before, now]) expect(keys).toContain(line.split(' ')[1]!);

      const { hosts: cleared } = await until(location, 'purged');
      expect(cleared).toEqual([{ host: `${user}@${host}:${port}`, outcome: 'ok', oldKeyRemoved: true }]);
      const left = await readFile(sshd.keysFile(), 'utf8');
      expect(left).toContain(now.split(' ')[1]!);
      expect(left).not.toContain(before.split(' ')[1]!);
    } finally {
      await sshd.remove();
    }
  }, 60_000);
});

describe('a rotation whose host cannot be reached', () => {
  const account = 'root@127.0.0.1:1';
  const withHost = async () => {
    const made = await vended();
    const hosts = [{ host: '127.0.0.1', port: 1, user: 'root', hostKeys: [`SHA256:${'a'.repeat(43)}`] }];
    await running.ask('PUT', made.path('/policy'), { hosts });
    const { location } = await begun(made.path('/rotations'));
    const tried = async (): Promise<Rotation> => {
      const rotation = RotationAnswer.parse((await running.get(location)).body);
      if (rotation.lastError !== undefined) return rotation;
      await wait(100);
      return tried();
    };
    return { ...made, location, rotation: await tried() };
  };

  it('says so and waits, leaves readers the first key, keeps the key pair from being retired, and can be cancelled', async () => {
    const { name, keyPairId, path, location, rotation } = await withHost();
    expect(rotation.hosts).toEqual([{ host: account, outcome: 'unverified', code: 'HOST_UNREACHABLE' }]);
    expect(rotation.lastError?.code).toBe('COVERAGE_MISSED');
    expect((await running.post('ecs', { name, region })).body.keyPairId).toBe(keyPairId);
    expect(problem(await running.ask('DELETE', path()))).toEqual([409, 'ROTATION_IN_PROGRESS']);
    expect((await begun(path('/rotations'))).id).toBe(rotation.id);

    const before = await storedPublicKey(name);
    const { status, body, headers } = await running.ask('DELETE', location);
    expect([status, body.state, headers.get('location')]).toEqual([202, 'cancelling', location]);
    // What was sent to the host is not known, so it is waited for; unless it is waived, by its name in the list.
    const waive = (body: object) => running.ask('POST', location.replace('?', '/waivers?'), body);
    expect(problem(await waive({ host: 'root@nobody.example:22' }))).toEqual([404, 'HOST_UNKNOWN']);
    expect(problem(await waive({}))).toEqual([400, 'INVALID_REQUEST']);
    expect(problem(await waive({ host: account, reason: 'it is\u202egone' }))).toEqual([400, 'INVALID_REQUEST']);
    const waived = await waive({ host: account, reason: 'it is being replaced' });
    const { entries } = HistoryAnswer.parse((await running.get(path('/history'))).body);
    expect(entries.filter(({ reason }) => reason !== undefined)).toMatchObject([{ reason: 'it is being replaced' }]);
    expect([waived.status, RotationAnswer.parse(waived.body).hosts]).toMatchObject([
      200,
      [{ host: account, waived: true }],
    ]);
    await until(location, 'cancelled');
    expect((await metadata(path())).versions.map((version) => version.keyPairId)).toEqual([keyPairId]);
    expect(await pairNames(name)).toEqual([name]);
    expect(await storedPublicKey(name)).toBe(before);
  }, 60_000);
});

describe('a retired key pair', () => {
  it('is out of use with its name, is listed as such, and can be restored', async () => {
    const { name, keyPairId, path } = await vended();
    const { status, body } = await running.ask('DELETE', path());
    const retired = KeyPairMetadata.parse(body);
    expect([status, retired.state, retired.retirement?.requestedBy]).toEqual([
      202,
      'retired',
      'urn:keyvend:local operator',
    ]);
    expect((await running.ask('DELETE', path())).body).toEqual(body);
    expect(problem(await running.post('ecs', { name, region }))).toEqual([409, 'KEY_PAIR_RETIRED']);
    expect(problem(await running.ask('POST', path('/rotations')))).toEqual([409, 'KEY_PAIR_RETIRED']);
    const listed = KeyPairPage.parse((await running.get('/v1/key-pairs?state=retired')).body);
    expect(listed.keyPairs.map((pair) => pair.name)).toEqual([name]);

    const restored = await running.ask('POST', path('/restoration'));
    expect([restored.status, KeyPairMetadata.parse(restored.body)]).toMatchObject([200, { state: 'active' }]);
    expect(restored.body.retirement).toBeUndefined();
    expect(await running.post('ecs', { name, region })).toMatchObject({ status: 200, body: { keyPairId } });
    expect((await running.ask('POST', path('/restoration'))).status).toBe(200);
    expect((await running.get('/v1/key-pairs?state=retired')).body).toEqual({ keyPairs: [] });
  });

  it('is purged once its time is over, and its name is free again', async () => {
    const { name, keyPairId, path } = await vended();
    await end();
    await begin({ KEYVEND_GRACE_DAYS: '0' });
    expect((await running.ask('DELETE', path())).status).toBe(202);
    for (let tries = 0; (await pairNames(name)).length > 0 && tries < 200; tries += 1) await wait(100);
    expect(await pairNames(name)).toEqual([]);
    let again = await running.post('ecs', { name, region });
    // 503 while recovery or the worker is at the record: then the same request is to be sent again, as it says.
    for (let tries = 0; [409, 503].includes(again.status) && tries < 200; tries += 1) {
      await wait(100);
      again = await running.post('ecs', { name, region });
    }
    expect(again.status, JSON.stringify(again.body)).toBe(201);
    expect(again.body.keyPairId).not.toBe(keyPairId);
  }, 60_000);
});
