// `keyvend queue`, as an operator types it beside an inbox.
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../lib/clock.ts';
import type { Inbox } from '../../lib/inbox/inbox.ts';
import { open } from '../../lib/inbox/sqlite/open.ts';
import { inboxFrom } from '../../lib/platforms/inbox.ts';
import { message } from '../conformance/inbox-contract.ts';
import { lackingPostgres, postgresServer } from '../doubles/postgres-server.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'keyvend-queue-command-'));
});
afterEach(() => rm(home, { recursive: true }));

function keyvend(words: readonly string[], over: Record<string, string> = {}): SpawnSyncReturns<string> {
  const env = { PATH: process.env.PATH, KEYVEND_HOME: home, ...over };
  return spawnSync(process.execPath, ['local/keyvend.ts', 'queue', ...words], { env, encoding: 'utf8' });
}
const told = (...words: string[]) => {
  const { status, stdout, stderr } = keyvend(words);
  return [status, stdout, stderr];
};

const refusal = {
  code: 'INVALID_REQUEST',
  reason: 'The request does not match the contract. Correct the request and send it again.',
  fields: [{ pointer: '#/name', detail: 'is missing or has the wrong type' }],
};
/** One of each: buried, in hand, done, and many that wait. */
async function filled(inbox: Inbox): Promise<void> {
  const ids = ['bad', 'taken', 'good'];
  for (const id of ids) await inbox.file('keyvend-ecs', message(id));
  const [bad, , good] = await inbox.claim('keyvend-ecs', 3, 600_000);
  await inbox.bury(bad!, refusal);
  await inbox.done(good!);
  for (let i = 0; i < 120; i += 1) await inbox.file('keyvend-ens', message(`e${i}`));
}

describe('keyvend queue', () => {
  it('lists what waits, is in hand and was buried, by queue and state, however many there are', async () => {
    const inbox = await open({ KEYVEND_HOME: home }, systemClock);
    await filled(inbox);
    const listed = keyvend(['list']).stdout.trimEnd().split('\n');
    expect(listed).toHaveLength(122);
    expect(listed[0]).toBe('keyvend-ecs bad buried: INVALID_REQUEST, 1 try, from "issuer local, subject ci"');
    expect(listed[1]).toMatch(/^keyvend-ecs taken in-hand, 1 try, again \S+Z \(in \d+ min\), from /);
    expect(listed[2]).toMatch(/^keyvend-ens e0 waiting, 0 tries, due since \S+Z \(\d+ s ago\), from /);
    expect(keyvend(['list', '--queue', 'keyvend-ecs', '--state', 'done']).stdout).toMatch(
      /^keyvend-ecs good done, 1 try,.*\n$/,
    );
    expect(told('list', '--queue', 'nothing')).toEqual([0, 'there are no such messages\n', '']);
    const json = keyvend(['list', '--state', 'buried', '--json']).stdout;
    expect(JSON.parse(json)).toMatchObject({ queue: 'keyvend-ecs', id: 'bad', state: 'buried', refusal });
    await inbox.close();
  });

  it('shows a buried message with what is wrong and its body, and puts it back', async () => {
    const inbox = await open({ KEYVEND_HOME: home }, systemClock);
    await filled(inbox);
    const shown = keyvend(['show', 'keyvend-ecs', 'bad']);
    expect(shown.status).toBe(0);
    expect(shown.stdout).toContain(`\n${refusal.reason}\n  #/name is missing or has the wrong type\nbody of bad\n`);
    expect(told('put-back', 'keyvend-ecs', 'bad')).toEqual([0, 'it waits again, as if it were filed now\n', '']);
    expect(await inbox.read('keyvend-ecs', 'bad')).toMatchObject({ state: 'waiting', tries: 0 });
    expect(told('put-back', 'keyvend-ecs', 'bad')).toEqual([
      3,
      '',
      'keyvend: there is no such buried message in that queue\n',
    ]);
    expect(told('show', 'keyvend-ecs', 'no')).toEqual([3, '', 'keyvend: there is no such message in that queue\n']);
    await inbox.close();
  });

  it("prints nothing that a terminal would obey, whatever a message's sender wrote", async () => {
    const inbox = await open({ KEYVEND_HOME: home }, systemClock);
    await inbox.file('q', message('a\u001b[2J', { body: '\u001b]0;x\u0007\u009b1m\u202ejson\nline' }));
    await inbox.file('q', message('b', { body: '\u001b]0;x\u0007\u009b1m\u202ejson\nline' }));
    await inbox.close();
    const printed = keyvend(['list']).stdout + keyvend(['show', 'q', 'b']).stdout;
    expect(printed).not.toMatch(/[^\P{C}\n]/u);
    expect(printed).toContain('json\nline');
  });

  it('says in one sentence where there is no inbox, and makes none', () => {
    const none = 'keyvend: there is no inbox here; set KEYVEND_HOME to its folder, or KEYVEND_LEDGER\n';
    expect(told('list')).toEqual([1, '', none]);
    expect(existsSync(join(home, 'inbox.sqlite'))).toBe(false);
    for (const over of [{ KEYVEND_LEDGER: 'dynamodb' }, { KEYVEND_PLATFORM: 'aws' }] as Record<string, string>[]) {
      const { status, stderr } = keyvend(['list'], over);
      expect([status, stderr]).toEqual([1, expect.stringMatching(/^keyvend: .*the queues are SQS's.*\n$/)]);
    }
    const { status, stderr } = keyvend(['list'], { KEYVEND_LEDGER: 'postgres' });
    expect([status, stderr]).toEqual([1, 'keyvend: missing or wrong in the environment: KEYVEND_POSTGRES_URL\n']);
  });

  it.each([
    [['list', 'more'], "too many arguments for 'list'"],
    [['show', 'keyvend-ecs'], 'id is missing; see: keyvend help queue show'],
    [['constructor', 'q', 'id'], "unknown command 'constructor'"],
    [['list', '--state', 'gone'], '--state takes waiting, in-hand, buried, done'],
  ])('is not understood: %j', (words, said) => {
    const { status, stderr } = keyvend(words);
    expect(status).toBe(2);
    expect(stderr).toContain(said);
  });

  it('looks into PostgreSQL where the ledger is there', { timeout: 60_000 }, async (context) => {
    if (lackingPostgres !== undefined) return context.skip(lackingPostgres);
    const server = await postgresServer();
    try {
      const over = { KEYVEND_LEDGER: 'postgres', KEYVEND_POSTGRES_URL: server.url };
      const inbox = await inboxFrom(over, systemClock);
      await filled(inbox);
      await inbox.close();
      expect(keyvend(['list', '--state', 'buried'], over).stdout).toMatch(/^keyvend-ecs bad buried: INVALID_REQUEST/);
      expect(keyvend(['put-back', 'keyvend-ecs', 'bad'], over).status).toBe(0);
    } finally {
      await server.remove();
    }
  });
});
