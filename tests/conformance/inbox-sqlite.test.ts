import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../lib/clock.ts';
import { sqliteInbox } from '../../lib/inbox/sqlite/sqlite-inbox.ts';
import { sqliteLedger } from '../../lib/ledger/sqlite/sqlite-ledger.ts';
import { testClock } from '../doubles/test-clock.ts';
import { idsOf, inboxContract, message, numbers, Q, type StartInbox } from './inbox-contract.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

function aPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'keyvend-inbox-'));
  cleanUp.push(() => rmSync(folder, { recursive: true }));
  return join(folder, 'inbox.sqlite');
}

describe('the inbox in SQLite', () => {
  const start: StartInbox = async () => {
    const path = aPath();
    const clock = testClock();
    const open = async () => {
      const inbox = await sqliteInbox({ path, clock });
      cleanUp.push(() => inbox.close());
      return inbox;
    };
    return { inbox: await open(), open, advance: async (ms) => clock.advance(ms), nowMs: clock.wallMs };
  };
  inboxContract(start);

  it('is a file of its own kind: a ledger is none', async () => {
    const path = aPath();
    await (await sqliteLedger({ path, clock: testClock() })).close();
    await expect(sqliteInbox({ path, clock: testClock() })).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
  });

  it('hands each message to one of several processes, and to another when that one is killed', {
    timeout: 120_000,
  }, async () => {
    const path = aPath();
    const clock = testClock(systemClock.wallMs());
    const inbox = await sqliteInbox({ path, clock });
    cleanUp.push(() => inbox.close());
    const ids = numbers(400).map((i) => `m${i}`);
    for (const id of ids) await inbox.file(Q, message(id));
    const claimed: string[] = [];
    const done: string[] = [];
    const children: ChildProcess[] = [];
    let isKilled = false;
    const child = async (): Promise<void> => {
      const script = fileURLToPath(new URL('./inbox-sqlite-child.ts', import.meta.url));
      const process_ = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
      children.push(process_);
      for await (const line of createInterface({ input: process_.stdout })) {
        const [what = '', id = ''] = line.split(' ');
        (what === 'claimed' ? claimed : done).push(id);
        // Whichever is at work by then: one that begins late may find nothing left.
        if (!isKilled && done.length > 20) isKilled = process_.kill('SIGKILL');
      }
      if (process_.exitCode === null && process_.signalCode === null) await once(process_, 'exit');
    };
    await Promise.all([child(), child(), child(), child()]);
    const ends = children.map(({ signalCode, exitCode }) => signalCode ?? exitCode);
    expect(ends.sort()).toEqual([0, 0, 0, 'SIGKILL']);
    expect(new Set(claimed).size).toBe(claimed.length);
    clock.advance(2 * 3_600_000);
    const left = await inbox.claim(Q, 100, 60_000);
    for (const one of left) expect(await inbox.done(one)).toBe(true);
    // What the killed one had done and could not say any more is not handed out again.
    const states = new Map<string, string>();
    for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
      const page = await inbox.list({ limit: 100, ...(cursor !== undefined && { cursor }) });
      for (const { id, state } of page.messages) states.set(id, state);
      cursor = page.cursor;
    }
    expect([...states.values()].every((state) => state === 'done')).toBe(true);
    expect(states.size).toBe(400);
    expect(idsOf(left).filter((id) => done.includes(id))).toEqual([]);
  });
});
