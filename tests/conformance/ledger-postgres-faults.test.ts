// What a server of one's own does that no service of a cloud does: it is restarted, killed, failed over, and has no signatures that age.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { deadlineIn } from '../../lib/clock.ts';
import { postgresLedger } from '../../lib/ledger/postgres/postgres-ledger.ts';
import { makeCertificate } from '../../local/clouds/http/certificate.ts';
import {
  lackingPostgres,
  type PostgresServer,
  type PostgresSettings,
  postgresServer,
} from '../doubles/postgres-server.ts';
import { type TestClock, testClock } from '../doubles/test-clock.ts';
import { active, called, everyCall, numbers, type TestRecord, web } from './ledger-harness.ts';

const unknown = { code: 'LEDGER_UNAVAILABLE', effect: 'unknown' };
const none = { code: 'LEDGER_UNAVAILABLE', effect: 'none' };

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

async function started(settings?: PostgresSettings): Promise<PostgresServer> {
  const server = await postgresServer(settings);
  cleanUp.push(() => server.remove());
  return server;
}

interface Over {
  readonly clock?: TestClock;
  readonly mayLose?: 'nothing' | 'the last writes';
  readonly url?: string;
  readonly passwordFile?: string;
  readonly caFile?: string;
}
const now = () => testClock(Date.now());

async function opened(server: PostgresServer, over: Over = {}) {
  const options = { url: server.url, schema: 'keyvend', mayLose: 'nothing', clock: now(), ...over } as const;
  const ledger = await postgresLedger<TestRecord, unknown>(options);
  cleanUp.push(() => ledger.close());
  return ledger;
}

/** Somebody else at the same database. */
async function beside(server: PostgresServer) {
  const client = new pg.Client({ connectionString: server.url });
  client.on('error', () => {});
  await client.connect();
  cleanUp.push(() => client.end());
  return (text: string, values: unknown[] = []) => client.query(text, values);
}

/** Before a server: what it answers next is lost, and the connection with it, once that is all that there is of it. */
async function losing(server: PostgresServer) {
  let loses = false;
  const relay = createServer((near) => {
    const far = connect({ host: '127.0.0.1', port: server.port });
    let asked = false;
    near.on('data', (bytes) => {
      asked = loses;
      far.write(bytes);
    });
    far.on('data', (bytes) => {
      if (!asked) return void near.write(bytes);
      loses = false;
      near.destroy();
      far.destroy();
    });
    for (const [one, another] of [
      [near, far],
      [far, near],
    ] as const)
      one.on('error', () => {}).on('close', () => another.destroy());
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  cleanUp.push(() => relay.close());
  const { port } = relay.address() as AddressInfo;
  return {
    url: server.url.replace(/:\d+\//, `:${port}/`),
    loseAnswers() {
      loses = true;
    },
  };
}

/** Until somebody waits for a lock. */
async function blocked(query: Awaited<ReturnType<typeof beside>>): Promise<number> {
  for (;;) {
    const { rows } = await query("SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
    if (rows[0] !== undefined) return rows[0].pid;
  }
}

describe('the ledger in PostgreSQL', { timeout: 120_000 }, () => {
  if (lackingPostgres !== undefined)
    return it('outlives restarts, failovers and late writes', (context) => context.skip(lackingPostgres));

  it("takes no write that comes after its moment by the server's clock, whatever the writer's says", async () => {
    const server = await started();
    const ledger = await opened(server);
    const behind = await opened(server, { clock: testClock(Date.now() - 3_600_000) });
    await expect(behind.write(active(web), 0)).rejects.toMatchObject(none);
    await expect(behind.fileAttempt(web, 'a', {})).rejects.toMatchObject(none);
    await expect(behind.remember('key', 'value', Date.now(), Date.now() + 1_000)).rejects.toMatchObject(none);
    await expect(behind.restate('key', 'value', Date.now() + 1_000)).rejects.toMatchObject(none);
    await expect(behind.tryAcquire('window', 1, Date.now() + 1_000)).rejects.toMatchObject(none);
    await expect(behind.claim('group', 'holder', 1)).rejects.toMatchObject(none);
    const over = deadlineIn(now(), -1);
    await expect(ledger.fileAttempt(web, 'a', {}, over)).rejects.toMatchObject(none);
    await expect(ledger.claim('group', 'holder', 1, over)).rejects.toMatchObject(none);
    expect(await behind.read(web)).toBeUndefined();
    expect((await ledger.attempts(web)).size).toBe(0);
    expect(await ledger.recall('key', Date.now())).toBeUndefined();
    expect(await ledger.claimable('group', 'another', 1)).toBe(true);
  });

  it('takes none that was in time when it came, and had to wait for others until it was late', async () => {
    const server = await started();
    const ledger = await opened(server);
    await ledger.fileAttempt(web, 'a', { tried: 1 });
    const query = await beside(server);
    await query('BEGIN');
    await query('SELECT 1 FROM keyvend.attempts FOR UPDATE');
    const filed = ledger.fileAttempt(web, 'a', { tried: 2 }, deadlineIn(now(), 500)).catch((error: unknown) => error);
    const other = await beside(server);
    await blocked(other);
    await other('SELECT pg_sleep(1)');
    await query('COMMIT');
    expect(await filed).toMatchObject(none);
    expect(await ledger.attempts(web)).toEqual(new Map([['a', { tried: 1 }]]));
  });

  it('gives each permit, place, key and revision to one of sixteen processes', async () => {
    const server = await started();
    const many = await Promise.all(numbers(16).map(() => opened(server)));
    const nowMs = Date.now();
    const each = <T>(times: number, act: (ledger: (typeof many)[number], i: number, time: number) => Promise<T>) =>
      Promise.all(many.flatMap((ledger, i) => numbers(times).map((time) => act(ledger, i, time))));
    const permits = await each(20, (ledger) => ledger.tryAcquire('window', 150, nowMs + 60_000));
    expect(permits.filter(Boolean)).toHaveLength(150);
    const places = await each(20, (ledger, i, time) => ledger.claim('group', `${i} ${time}`, 150));
    expect(places.filter(Boolean)).toHaveLength(150);
    const winners = await each(20, (ledger, i, time) =>
      ledger.remember(`key ${time % 5}`, `${i} ${time}`, nowMs, nowMs + 60_000),
    );
    expect(new Set(winners).size).toBe(5);
    for (const expected of numbers(5)) {
      const written = await each(2, (ledger) => ledger.write(active(web), expected));
      expect(written.filter((revision) => revision !== 'conflict')).toEqual([expected + 1]);
    }
  });

  it('goes on when the server has ended its connections, and after a restart', async () => {
    const server = await started();
    const ledger = await opened(server);
    await ledger.write(active(web), 0);
    const query = await beside(server);
    await query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IS NOT NULL',
    );
    expect(await ledger.read(web)).toMatchObject({ revision: 1 });
    await server.stop('SIGKILL');
    await expect(ledger.read(web)).rejects.toMatchObject(none);
    await expect(ledger.write(active(web), 1)).rejects.toMatchObject(none); // it was never sent
    await server.start();
    expect(await ledger.write(active(web), 1)).toBe(2);
  });

  it('says that a write may have been carried out where the server ended it halfway', async () => {
    const server = await started();
    const ledger = await opened(server);
    await ledger.write(active(web), 0);
    const query = await beside(server);
    await query('BEGIN');
    await query('SELECT 1 FROM keyvend.records FOR UPDATE');
    const written = ledger.write(active(web), 1).catch((error: unknown) => error);
    const other = await beside(server);
    await other('SELECT pg_terminate_backend($1)', [await blocked(other)]);
    expect(await written).toMatchObject(unknown);
    await query('COMMIT');
    expect(await ledger.write(active(web), 1)).toBe(2);
  });

  it("recognises its own write, whose answer was lost, and nobody else's", async () => {
    const server = await started();
    const relay = await losing(server);
    const ledger = await opened(server, { url: relay.url });
    relay.loseAnswers();
    expect(await ledger.write(active(web, { note: 'ours' }), 0)).toBe(1);
    const other = await opened(server);
    await other.write(active(web, { note: 'theirs' }), 1);
    relay.loseAnswers();
    await expect(ledger.write(active(web, { note: 'late' }), 1)).rejects.toMatchObject(unknown);
    relay.loseAnswers();
    await expect(ledger.fileAttempt(web, 'a', {})).rejects.toMatchObject(unknown);
    expect((await ledger.attempts(web)).size).toBe(1); // as it says: it may have been carried out
  });

  it('is asked over TLS alone where it is on another machine', async () => {
    const server = await started();
    const url = server.url.replace('127.0.0.1', '0.0.0.0'); // this machine, by a name that does not say so
    const failure = await opened(server, { url }).catch((error: Error) => error);
    expect(failure).toMatchObject({ ...none, cause: { message: expect.stringContaining('SSL') } });
  });

  it.each(['both', 'wall', 'monotonic'] as const)(
    'uses no connection that was idle while its process was frozen, whichever clock went on: %s',
    async (reading) => {
      const server = await started();
      const clock = now();
      const ledger = await opened(server, { clock });
      await ledger.read(web);
      const query = await beside(server);
      const pids = async () =>
        (
          await query(
            'SELECT pid FROM pg_stat_activity WHERE datname IS NOT NULL AND pid <> pg_backend_pid() ORDER BY pid',
          )
        ).rows;
      const before = await pids();
      clock.advance(10_000, reading);
      await ledger.read(web);
      expect(before.length).toBeGreaterThan(0);
      // The server takes a moment to let go of one that was closed.
      for (const pid of before) await expect.poll(pids, { timeout: 20_000 }).not.toContainEqual(pid);
    },
  );

  it('loses nothing that it acknowledged when a synchronous standby takes over, and begins on no other', async () => {
    const primary = await started();
    const standby = await started({ from: primary });
    const query = await beside(primary);
    const until = async (what: string) => {
      for (;;) if ((await query(`SELECT 1 FROM pg_stat_replication WHERE ${what}`)).rows.length > 0) return;
    };
    await until("state = 'streaming'");
    await expect(opened(primary)).rejects.toThrow(/none that is synchronous/);
    await expect(opened(standby)).rejects.toThrow(/needs the primary/);
    await query("ALTER SYSTEM SET synchronous_standby_names = '*'");
    await query('SELECT pg_reload_conf()');
    await until("sync_state = 'sync'");

    const ledger = await opened(primary);
    const home = await ledger.home();
    const acknowledged: string[] = [];
    const writing = numbers(200).map(async (i) => {
      const name = `web_${i}`;
      if ((await ledger.write(active(called(name)), 0).catch(() => 'failed')) === 1) acknowledged.push(name);
    });
    await Promise.race(writing);
    await primary.stop('SIGKILL');
    await Promise.all(writing);
    expect(acknowledged.length).toBeGreaterThan(0);

    const promoted = await beside(standby);
    await promoted("ALTER SYSTEM SET synchronous_standby_names = ''");
    await promoted('SELECT pg_promote()');
    const after = await opened(standby);
    for (const name of acknowledged) expect(await after.read(called(name))).toMatchObject({ revision: 1 });
    expect(await after.home()).toBe(home);
  });

  it('takes a failover for another ledger where it may lose writes, and begins on such a server only when told to', async () => {
    const server = await started({ lines: ['synchronous_commit = off'] });
    await expect(opened(server)).rejects.toThrow(/may lose what it has acknowledged/);
    const query = await beside(server);
    const others = 'SELECT 1 FROM pg_stat_activity WHERE datname IS NOT NULL AND pid <> pg_backend_pid()';
    expect((await query(others)).rows).toEqual([]); // who does not begin on it keeps no connection
    const ledger = await opened(server, { mayLose: 'the last writes' });
    const home = await ledger.home();
    const standby = await started({ from: server, lines: ['synchronous_commit = off'] });
    await server.stop('SIGKILL');
    await (await beside(standby))('SELECT pg_promote()');
    expect(await (await opened(standby, { mayLose: 'the last writes' })).home()).not.toBe(home);
  });

  it("makes its tables once, however many begin at the same time, and leaves a newer version's alone", async () => {
    const server = await started();
    const many = await Promise.all(numbers(8).map(() => opened(server)));
    expect(new Set(await Promise.all(many.map((ledger) => ledger.home()))).size).toBe(1);
    const query = await beside(server);
    await query('INSERT INTO keyvend.formats (format, "from") VALUES (99, 1)');
    await expect(opened(server)).resolves.toBeDefined(); // this version can work with it
    await query('INSERT INTO keyvend.formats (format, "from") VALUES (100, 100)');
    await expect(opened(server)).rejects.toThrow(/newer version/);
  });

  it('works for a role that may do nothing but what is said on the page', async () => {
    const server = await started();
    const query = await beside(server);
    await query("CREATE ROLE app LOGIN PASSWORD 'app' NOSUPERUSER NOCREATEDB NOCREATEROLE");
    await expect(opened(server, { url: server.url.replace(/keyvend:[^@]*@/, 'app:app@') })).rejects.toThrow(/42501/);
    await query('GRANT CREATE ON DATABASE postgres TO app');
    const ledger = await opened(server, { url: server.url.replace(/keyvend:[^@]*@/, 'app:app@') });
    for (const call of Object.values(everyCall(ledger, Date.now()).writes)) await call();
    for (const call of Object.values(everyCall(ledger, Date.now()).reads)) await call();
    expect(await ledger.home()).toMatch(/^[0-9a-f-]{36} \d+ \d+$/);
  });

  it("checks the server's certificate, and reads its password from a file", async () => {
    const { cert, key } = await makeCertificate();
    const lines = ['ssl = on', "ssl_cert_file = 'server.crt'", "ssl_key_file = 'server.key'"];
    const server = await started({ lines, files: { 'server.crt': cert, 'server.key': key } });
    const folder = mkdtempSync(join(tmpdir(), 'keyvend-postgres-'));
    cleanUp.push(() => rmSync(folder, { recursive: true }));
    const file = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const [, password = ''] = /:([^:@]+)@/.exec(server.url) ?? [];
    const url = server.url.replace(`:${password}`, '');
    const passwordFile = file('password', `${decodeURIComponent(password)}\n`);
    const ledger = await opened(server, { url, passwordFile, caFile: file('ca.pem', cert) });
    expect(await ledger.write(active(web), 0)).toBe(1);
    const query = await beside(server);
    const { rows } = await query(
      "SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE query LIKE '%keyvend%' AND pid <> pg_backend_pid()",
    );
    expect(rows).toEqual([{ ssl: true }]);
    const others = (await makeCertificate()).cert;
    await expect(opened(server, { url, passwordFile, caFile: file('other.pem', others) })).rejects.toMatchObject(none);
    const wrong = file('wrong', 'another');
    const failure = await opened(server, { url, passwordFile: wrong }).catch((error: Error) => error);
    expect(failure).toMatchObject(none);
    expect((failure as Error).message).toContain('28P01');
  });
});
