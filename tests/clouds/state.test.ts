// The state file: a restart keeps pairs and credentials, and no private key is ever in it.
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Pair } from '../../local/clouds/state/registry.ts';
import { readState, StateFile } from '../../local/clouds/state/state-file.ts';
import { aSecret, byAcs3 } from './support/kms.ts';
import { call, createCall, keyObject, privateKeyOf, type ServiceName } from './support/raw.ts';
import { started } from './support/started.ts';

function stateFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'clouds-state-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'state.json');
}
const services: ServiceName[] = ['ens', 'ecs', 'cvm'];

describe('a state file', () => {
  it('keeps pairs and credentials across a restart', async () => {
    const path = stateFile();
    const first = await started({ stateFile: path });
    for (const service of services) await call(first, service, 'CreateKeyPair', createCall(service, 'a1'));
    await call(first, 'ens', 'CreateKeyPair', createCall('ens', 'a2'));
    await call(first, 'ens', 'DeleteKeyPairs', { KeyPairName: 'a2' });
    const before = first.admin.pairs();
    await first.close();

    const second = await started({ stateFile: path });
    expect(second.credentials).toEqual(first.credentials);
    expect(second.admin.pairs()).toEqual(before);
    const codes = services.map(
      async (service) => (await call(second, service, 'CreateKeyPair', createCall(service, 'a1'))).code,
    );
    expect(await Promise.all(codes)).toEqual([
      'PubKeyNameExisted',
      'KeyPair.AlreadyExist',
      'InvalidKeyPairName.Duplicate',
    ]);
  });

  it('keeps instances, their pairs and what launches them, and the file of a time without them is read', async () => {
    const path = stateFile();
    const first = await started({ stateFile: path });
    await call(first, 'ecs', 'CreateKeyPair', createCall('ecs', 'a1'));
    const place = { service: 'ecs', region: 'cn-hangzhou' } as const;
    await first.admin.fleet.addInstance({ ...place, keyPair: 'a1' });
    await first.admin.fleet.addTemplate({ ...place, name: 'front', data: [{ KeyPairName: 'a1' }] });
    await first.admin.fleet.addConfiguration({ ...place, name: 'front', data: { KeyPairName: 'a1' } });
    const all = ({ admin }: typeof first) => [
      admin.fleet.instances(),
      admin.fleet.templates(),
      admin.fleet.configurations(),
    ];
    await first.close();
    const second = await started({ stateFile: path });
    expect(all(second)).toEqual(all(first));
    expect((await call(second, 'ecs', 'DeleteKeyPairs', { KeyPairNames: '["a1"]' })).code).toBe(
      'InvalidParameter.KeypairAlreadyAttachedInstance',
    );
    await second.close();

    const { instances: _i, templates: _t, configurations: _c, ...older } = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify(older));
    const third = await started({ stateFile: path });
    expect(all(third)).toEqual([[], [], []]);
    expect(third.admin.pairs()).toMatchObject([{ name: 'a1', instanceIds: [] }]);
  });

  it('has the pair before the answer comes, is readable by its owner alone, and leaves nothing beside it', async () => {
    const path = stateFile();
    const clouds = await started({ stateFile: path });
    await call(clouds, 'ecs', 'CreateKeyPair', createCall('ecs', 'a1'));
    expect(JSON.parse(readFileSync(path, 'utf8')).pairs).toMatchObject([{ name: 'a1', service: 'ecs' }]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(path, '..'))).toEqual(['state.json']);
  });

  it('holds no private key in any spelling', async () => {
    const path = stateFile();
    const clouds = await started({ stateFile: path });
    for (const service of services) {
      const answer = await call(clouds, service, 'CreateKeyPair', createCall(service, 'a1'));
      const { d, p, q } = keyObject(privateKeyOf(answer)).export({ format: 'jwk' });
      const text = readFileSync(path, 'utf8');
      const lines = privateKeyOf(answer)
        .split('\n')
        .filter((line) => line.length === 64)
        .slice(8);
      for (const part of [d, p, q].map(String)) {
        const bytes = Buffer.from(part, 'base64url');
        lines.push(
          part,
          bytes.toString('hex'),
          bytes.toString('base64'),
          BigInt(`0x${bytes.toString('hex')}`).toString(),
        );
      }
      expect(lines.length).toBeGreaterThan(12);
      for (const secret of lines) expect(text.includes(secret)).toBe(false);
      expect(text).not.toContain('PRIVATE KEY');
    }
  });

  it('holds no secret of KMS: those live as long as the process', async () => {
    const path = stateFile();
    const first = await started({ stateFile: path });
    await aSecret(byAcs3(first), 'web-key');
    await call(first, 'ecs', 'CreateKeyPair', createCall('ecs', 'a1'));
    const text = readFileSync(path, 'utf8');
    expect(text).toContain('a1');
    expect(text).not.toMatch(/web-key|first/);
    await first.close();
    const second = await started({ stateFile: path });
    expect((await byAcs3(second)('ListSecrets')).TotalCount).toBe(0);
  });

  it('loses nothing when many creates share a write', async () => {
    const path = stateFile();
    const clouds = await started({ stateFile: path });
    const names = Array.from({ length: 30 }, (_, n) => `key${n}`);
    await Promise.all(
      names.map(async (name) => {
        await call(clouds, 'ens', 'CreateKeyPair', createCall('ens', name));
        const onDisk = JSON.parse(readFileSync(path, 'utf8')).pairs as { name: string }[];
        expect(onDisk.map((pair) => pair.name)).toContain(name);
      }),
    );
  });

  describe('that is long', () => {
    const pair = (i: number): Pair => ({
      ...{ id: `ssh-5${i}`, service: 'ens', account: '1', region: 'global', name: `web_${i}`, origin: 'generated' },
      ...{ publicKey: `ssh-rsa ${'A'.repeat(372)}`, fingerprint: 'a'.repeat(32), createdAtMs: i, tags: [] },
      ...{ resourceGroupId: '', projectId: 0, hiddenForCalls: 0, hiddenUntilMs: 0 },
    });
    const none = { credentials: [], instances: [], templates: [], configurations: [] };
    async function long(count = 1_000) {
      const path = stateFile();
      const pairs = new Map(Array.from({ length: count }, (_, i) => [i, pair(i)] as const));
      const file = new StateFile(path, () => ({ ...none, pairs: [...pairs.values()] }));
      await file.save();
      const read = async () => (await readState(path))!.pairs;
      return { path, pairs, file, read, size: () => statSync(path).size, now: () => [...pairs.values()] };
    }

    it('grows by what changed, however much is in it', async () => {
      const { pairs, file, read, size, now } = await long();
      const before = size();
      pairs.set(7, { ...pair(7), tags: [{ key: 'team', value: 'web' }] });
      pairs.delete(8);
      pairs.set(1_000, pair(1_000));
      await file.save();
      expect(size() - before).toBeLessThan(2_048);
      expect(await read()).toEqual(now());
      const same = size();
      await file.save();
      expect(size()).toBe(same);
    });

    it('is good up to the last change that was promised, where the next one was being written', async () => {
      const { path, pairs, file, read, now } = await long();
      pairs.set(1_000, pair(1_000));
      await file.save();
      writeFileSync(path, `${readFileSync(path, 'utf8')}{"pairs":{"put":[{"id"`);
      expect(await read()).toEqual(now());
    });

    it('is no state file where anything else is between its lines', async () => {
      const { path, read } = await long();
      writeFileSync(path, `${readFileSync(path, 'utf8')}web\n`);
      await expect(read()).rejects.toThrow('is not a state file');
    });

    it('is written anew once it has grown to twice its length', async () => {
      const { pairs, file, read, size, now } = await long();
      const before = size();
      let most = before;
      for (let round = 0; round < 4; round += 1) {
        for (let i = 0; i < 600; i += 1) pairs.set(i, { ...pair(i), createdAtMs: round });
        await file.save();
        most = Math.max(most, size());
      }
      expect(most).toBeGreaterThan(1.5 * before);
      expect(size()).toBeLessThan(2.7 * before);
      expect(await read()).toEqual(now());
    });

    it('makes a change fail where it was taken away, and holds all of it the next time', async () => {
      const { path, pairs, file, read, now } = await long();
      rmSync(path);
      pairs.set(1_000, pair(1_000));
      await expect(file.save()).rejects.toThrow('ENOENT');
      await file.save();
      expect(await read()).toEqual(now());
    });
  });

  it('makes a create fail, and leaves no pair, when it cannot be written', async () => {
    const path = stateFile();
    const failures: unknown[] = [];
    const clouds = await started({ stateFile: path, onFailure: (error) => failures.push(error) });
    rmSync(path);
    mkdirSync(path); // a rename over a folder fails for every user, even for root
    expect(await call(clouds, 'ecs', 'CreateKeyPair', createCall('ecs', 'a1'))).toMatchObject({
      status: 500,
      code: 'InternalError',
    });
    expect(await call(clouds, 'cvm', 'CreateKeyPair', createCall('cvm', 'a1'))).toMatchObject({
      status: 200,
      code: 'InternalServerError',
    });
    expect(clouds.admin.pairs()).toEqual([]);
    expect(failures).toHaveLength(2);
    rmSync(path, { recursive: true });
    expect((await call(clouds, 'ecs', 'CreateKeyPair', createCall('ecs', 'a1'))).code).toBe('');
  });

  it.each(['not JSON', '{}', '[]', '{"format":"something else"}'])(
    'is left as it is when it is something else: %s',
    async (text) => {
      const path = stateFile();
      writeFileSync(path, text);
      chmodSync(path, 0o600);
      await expect(started({ stateFile: path })).rejects.toThrow('is not a state file');
      expect(readFileSync(path, 'utf8')).toBe(text);
    },
  );

  it('is written once for all who ask during a write', async () => {
    const path = stateFile();
    let taken = 0;
    const file = new StateFile(path, () => {
      taken += 1;
      return { credentials: [], pairs: [], instances: [], templates: [], configurations: [] };
    });
    const first = file.save();
    await Promise.all([first, ...Array.from({ length: 50 }, () => file.save())]);
    expect(taken).toBeLessThanOrEqual(2);
  });
});
