// Every failure's line in the log names the key pair, whichever way it came: whoever reads it has to know where to look.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Running, start } from './process.ts';

let home: string;
let running: Running;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'keyvend-log-'));
  running = await start(home, { POWERTOOLS_LOG_LEVEL: 'INFO', KEYVEND_ECS_QUOTA: '500' });
});
afterAll(async () => {
  await running.end('SIGTERM');
  await rm(home, { recursive: true });
});

const lines = () =>
  running
    .printed()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const failuresOf = (name: string) => lines().filter((line) => line.message === 'failed' && line.name === name);
const path = (name: string) => `/v1/ecs/key-pairs/${name}?region=cn-hangzhou`;

describe('a failure in the log', () => {
  it.each([
    ['a vend', () => running.post('ecs', { name: 'vended', region: 'nowhere-1' }), 'vended', 'REGION_UNKNOWN'],
    ['a read', () => running.get(path('absent')), 'absent', 'KEY_PAIR_ABSENT'],
    ['retiring', () => running.ask('DELETE', path('gone')), 'gone', 'KEY_PAIR_ABSENT'],
    [
      'a rotation that is asked for',
      () => running.ask('POST', path('old').replace('?', '/rotations?')),
      'old',
      'KEY_PAIR_ABSENT',
    ],
  ])('names the key pair: %s', async (_, act, name, code) => {
    await act();
    const found = failuresOf(name);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ provider: 'ecs', account: 'default', region: expect.any(String), name, code });
  });

  it.each(['keyvend-ecs', 'keyvend-rotation'])('names the key pair: a message in %s', async (queue) => {
    const name = queue.replace('keyvend-', 'of_');
    const wanted = queue === 'keyvend-ecs' ? { region: 'nowhere-1' } : { region: 'cn-hangzhou', rotate: true };
    const MessageBody = JSON.stringify({ provider: 'ecs', name, ...wanted });
    await running.queueClient().send(new SendMessageCommand({ QueueUrl: running.queue(queue), MessageBody }));
    await vi.waitFor(() => expect(failuresOf(name)).toHaveLength(1), { timeout: 10_000 });
    expect(failuresOf(name)[0]).toMatchObject({ provider: 'ecs', code: expect.any(String) });
  });

  it.each(['keyvend-ecs', 'keyvend-rotation'])(
    'is of that message alone, where it names nothing: in %s',
    async (queue) => {
      const refused = () => lines().filter(({ code, message }) => message === 'failed' && code === 'INVALID_REQUEST');
      const before = refused().length;
      const bad = {
        QueueUrl: running.queue(queue),
        MessageBody: '{"provider":"ecs","name":7310,"region":"cn-hangzhou","size":1}',
      };
      await running.queueClient().send(new SendMessageCommand(bad));
      await vi.waitFor(() => expect(refused()).toHaveLength(before + 1), { timeout: 10_000 });
      expect(refused().at(-1)!.errors).toEqual([
        { pointer: '#/name', detail: 'is missing or has the wrong type' },
        { pointer: '#/size', detail: 'is not a field of this request' },
      ]);
      expect(running.printed()).not.toContain('7310');
    },
  );
});
