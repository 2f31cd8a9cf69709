// Key pairs that instances have, over HTTP: retiring looks first, and releasing is confirmed.
import { spawnSync } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KeyPairMetadata } from '../../lib/contract/metadata.ts';
import { PolicyAnswer } from '../../lib/contract/policy-body.ts';
import { Problem } from '../../lib/contract/problem.ts';
import { ReleaseAnswer, RotationAnswer } from '../../lib/contract/rotation-answer.ts';
import type { Stack } from '../../local/stack/stack.ts';
import { type HastyStack, startHastyStack } from './hasty-stack.ts';

let stack: Stack;
let ask: HastyStack['ask'];
let stop: HastyStack['stop'];
beforeAll(async () => {
  ({ stack, ask, stop } = await startHastyStack());
}, 30_000);
afterAll(() => stop());

const region = 'cn-hangzhou';
const pathOf = (name: string, below = '', more = '') => `/v1/ecs/key-pairs/${name}${below}?region=${region}${more}`;
const read = async (name: string) => KeyPairMetadata.parse((await ask('GET', pathOf(name))).body);
async function vended(name: string) {
  expect((await ask('POST', '/v1/ecs/key-pairs', { name, region })).status).toBe(201);
  return { name, launch: async () => (await launch(name)).id };
}
const launch = (keyPair: string) => stack.clouds.admin!.fleet.addInstance({ service: 'ecs', region, keyPair });

async function until(name: string, isThere: (seen: Seen) => boolean): Promise<Seen> {
  for (let tries = 0; ; tries += 1) {
    const seen = await read(name);
    if (isThere(seen)) return seen;
    if (tries === 300) expect(seen).toBe('something else by now');
    await wait(50);
  }
}
type Seen = Awaited<ReturnType<typeof read>>;

async function rotated(name: string): Promise<void> {
  const { id } = RotationAnswer.parse((await ask('POST', pathOf(name, '/rotations'))).body);
  await until(name, ({ rotations }) =>
    rotations.some((one) => one.id === id && ['old-key-removed', 'purged'].includes(one.state)),
  );
}

describe('retiring', () => {
  it('names the instances that have the key pair and does nothing, unless it is forced', async () => {
    const { name, launch } = await vended('retired');
    const id = await launch();
    const { status, body } = await ask('DELETE', pathOf(name));
    expect([status, Problem.parse(body).code]).toEqual([409, 'KEY_PAIR_IN_USE']);
    expect(Problem.parse(body).errors).toEqual([{ pointer: '#/instances/0', detail: `${id} has the pair ${name}` }]);
    expect((await read(name)).state).toBe('active');
    expect((await ask('DELETE', pathOf(name, '', '&force=perhaps'))).status).toBe(400);
    expect((await ask('DELETE', pathOf(name, '', '&force=true'))).status).toBe(202);
    expect((await read(name)).state).toBe('retired');
    expect((await ask('POST', pathOf(name, '/restoration'))).status).toBe(200);
  });

  it('says what to do where the access key may not ask', async () => {
    const { name } = await vended('unasked');
    const rule = { match: { action: 'DescribeInstances' }, fault: { kind: 'refuse', code: 'Forbidden.RAM' } } as const;
    stack.clouds.admin!.addFault({ ...rule, times: 'always' });
    try {
      const { status, body } = await ask('DELETE', pathOf(name));
      expect([status, Problem.parse(body).code]).toEqual([502, 'PERMISSION_DENIED']);
      expect(Problem.parse(body).detail).toContain('force=true');
      expect((await ask('DELETE', pathOf(name, '', '&force=true'))).status).toBe(202);
    } finally {
      stack.clouds.admin!.clearFaults();
    }
  });

  it('goes ahead where no instance has it', async () => {
    const { name } = await vended('unused');
    expect((await ask('DELETE', pathOf(name))).status).toBe(202);
  });
});

describe('an old pair that an instance keeps', () => {
  it('is shown with what has it and what names it, and released by a confirmation for these very instances', async () => {
    const { name, launch: launched } = await vended('kept');
    const one = await launched();
    const { fleet } = stack.clouds.admin!;
    await fleet.addTemplate({ service: 'ecs', region, name: 'web', data: { KeyPairName: name } });
    await ask('PUT', pathOf(name, '/policy'), { overlapDays: 0 });
    await rotated(name);
    const { lingering } = await until(name, (seen) => seen.lingering !== undefined);
    expect(lingering).toMatchObject([
      { keyPairName: name, instances: [one], count: 1, code: 'KEY_PAIR_IN_USE', references: [{ name: 'web' }] },
    ]);
    const release = pathOf(name, `/lingering/${lingering![0]!.id}/release`);
    const asked = await ask('POST', release);
    expect(asked.status).toBe(200);
    const first = ReleaseAnswer.parse(asked.body);
    expect(first).toMatchObject({ instances: [one], confirmed: false });
    expect(first.effect).toMatch(/until it starts again/);

    const two = (await launch(name)).id;
    const stale = await ask('POST', release, { confirmation: first.confirmation });
    expect([stale.status, Problem.parse(stale.body).code]).toEqual([409, 'CONFIRMATION_STALE']);
    const second = ReleaseAnswer.parse((await ask('POST', release, {})).body);
    expect([...second.instances].sort()).toEqual([one, two].sort());
    const confirmed = await ask('POST', release, { confirmation: second.confirmation });
    expect([confirmed.status, ReleaseAnswer.parse(confirmed.body).confirmed]).toEqual([202, true]);
    const after = await until(name, ({ versions }) => versions.length === 1);
    expect(after.lingering).toBeUndefined();
    expect(fleet.instances().filter(({ keyPairs }) => keyPairs.length > 0 && keyPairs[0]!.name === name)).toEqual([]);
  });

  it('is no pair that could be released, where nothing of that id lingers', async () => {
    const { name } = await vended('plain');
    const id = (await read(name)).versions[0]!.id;
    const { status, body } = await ask('POST', pathOf(name, `/lingering/${id}/release`));
    expect([status, Problem.parse(body).code]).toEqual([404, 'PAIR_NOT_LINGERING']);
  });
});

describe('hosts that are listed late', () => {
  it('are told which keys they may know to be caught up', async () => {
    const { name, launch } = await vended('late');
    await launch();
    await ask('PUT', pathOf(name, '/policy'), { overlapDays: 0 });
    await rotated(name);
    const host = { host: '127.0.0.1', port: 1, user: 'deploy', hostKeys: [`SHA256:${'x'.repeat(43)}`] };
    const { body } = await ask('PUT', pathOf(name, '/policy'), { overlapDays: 0, hosts: [host] });
    const { versions } = await read(name);
    const printed = versions.map(
      ({ publicKey }) =>
        spawnSync('ssh-keygen', ['-l', '-f', '-'], { input: publicKey, encoding: 'utf8' }).stdout.split(' ')[1],
    );
    expect(PolicyAnswer.parse(body).lateHosts?.keys).toEqual([
      { keyPairName: `${name}_r2`, fingerprint: printed[1], counts: true },
      { keyPairName: name, fingerprint: printed[0], counts: false },
    ]);
  });
});
