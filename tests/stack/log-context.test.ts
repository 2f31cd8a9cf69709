// Whose line is it? One process answers for all functions on this machine, and many requests at a time.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Running, start } from './process.ts';

let home: string;
let running: Running;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'keyvend-log-'));
  running = await start(home, { KEYVEND_RECOVERY_MS: '100' });
});
afterEach(async () => {
  await running.end('SIGTERM');
  await rm(home, { recursive: true });
});

it('names the function and the call of each line, however many are under way', async () => {
  const names = Array.from({ length: 30 }, (_, i) => `web_${i}`);
  const region = 'cn-hangzhou';
  const post = (name: string, i: number) =>
    i % 2 === 0 ? running.post('ens', { name }) : running.post('ecs', { name, region });
  await Promise.all(names.map(post));
  const printed = () =>
    running
      .printed()
      .split('\n')
      .filter((line) => line.includes('"message":"vended"') && line.endsWith('}'));
  while (printed().length < names.length) await new Promise((resolve) => setTimeout(resolve, 10)); // by a pipe
  const vended = printed().map((line) => JSON.parse(line) as Record<string, string>);
  for (const { function_name, provider } of vended) expect(function_name).toBe(`functions/${provider}.http`);
  expect(new Set(vended.map((line) => line.function_request_id)).size).toBe(30);
});
