import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aKey, called, idsOf, textOf } from '../../conformance/secret-harness.ts';
import { aFolder, type Folder } from './embedded-folder.ts';

let at: Folder;
const children: ChildProcess[] = [];
const workers: Worker[] = [];
beforeEach(() => {
  at = aFolder();
});
afterEach(async () => {
  for (const child of children.splice(0)) if (child.kill('SIGKILL')) await once(child, 'exit');
  for (const worker of workers.splice(0)) await worker.terminate();
  await at.cleanUp();
});

const embedded = new URL('../../../lib/secrets/embedded/embedded-store.ts', import.meta.url).href;
const secret = new URL('../../../lib/secret.ts', import.meta.url).href;
/** Puts `count` versions of its own name, and prints an id whenever one is acknowledged. */
const program = `
  import { randomUUID } from 'node:crypto';
  const { embeddedStore } = await import(${JSON.stringify(embedded)});
  const { Secret } = await import(${JSON.stringify(secret)});
  const [path, file, name, count, text] = process.argv.slice(1);
  const clock = { wallMs: () => 0, monotonicMs: () => 0 };
  const store = await embeddedStore({ path, key: { file }, deployment: 'here', clock });
  const identity = { provider: 'ecs', account: 'default', region: 'cn-hangzhou', name };
  for (let i = 0; i < Number(count); i += 1) {
    const id = randomUUID();
    await store.put(identity, id, new Secret(text));
    console.log(id);
  }`;

function writer(name: string, count: number, text: string): ChildProcess {
  const args = ['--input-type=module', '-e', program, at.path, at.keyFile, name, String(count), text];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  return child;
}

/**
 * Opens and closes a store in each folder that it is given, and answers what went wrong. Being a thread, it starts at
 * the same moment as the others.
 */
const opener = `
  const { parentPort } = require('node:worker_threads');
  const clock = { wallMs: () => 0, monotonicMs: () => 0 };
  import(${JSON.stringify(embedded)}).then(({ embeddedStore }) => {
    parentPort.on('message', async (folder) => {
      try {
        const key = { file: folder + '/key' };
        await (await embeddedStore({ path: folder + '/secrets.db', key, deployment: 'here', clock })).close();
        parentPort.postMessage('opened');
      } catch (error) {
        parentPort.postMessage(error.message);
      }
    });
  });`;

describe('processes on one embedded store', () => {
  it('agree on a new store, and lose nothing when they write at the same time', async () => {
    const key = aKey();
    const names = ['a', 'b', 'c', 'd'];
    const printed = names.map(async (name) => {
      const ids: string[] = [];
      for await (const line of createInterface(writer(name, 10, key.reveal()).stdout!)) ids.push(line);
      return ids;
    });
    const acknowledged = await Promise.all(printed);
    const store = await at.open();
    for (const [i, name] of names.entries()) {
      expect(acknowledged[i]).toHaveLength(10);
      expect(idsOf(await store.find(called(name)))).toEqual(acknowledged[i]!.sort());
      for (const id of acknowledged[i]!) expect(await textOf(store.reveal(called(name), id))).toBe(key.reveal());
    }
  });

  it('can all open a new store, whichever of them makes the file, the tables and the key', async () => {
    for (let i = 0; i < 4; i += 1) workers.push(new Worker(opener, { eval: true }));
    for (let round = 0; round < 40; round += 1) {
      const answers = workers.map((worker) => once(worker, 'message').then(([answer]) => answer));
      for (const worker of workers) worker.postMessage(`${at.folder}/${round}`);
      expect(await Promise.all(answers)).toEqual(['opened', 'opened', 'opened', 'opened']);
    }
  });

  it('leave the store readable, with all that was acknowledged, when one of them is killed while it writes', async () => {
    const key = aKey();
    const child = writer('a', 100_000, key.reveal());
    const acknowledged: string[] = [];
    for await (const line of createInterface(child.stdout!)) {
      acknowledged.push(line);
      if (acknowledged.length === 25) child.kill('SIGKILL'); // what it prints until it dies is acknowledged too
    }
    const store = await at.open();
    const found = idsOf(await store.find(called('a')));
    expect(found).toEqual(expect.arrayContaining(acknowledged));
    expect(found.length).toBeLessThanOrEqual(acknowledged.length + 1);
    for (const id of found) expect(await textOf(store.reveal(called('a'), id))).toBe(key.reveal());
  });
});
