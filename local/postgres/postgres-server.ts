// A PostgreSQL of one's own: Debian's, where it is installed, on a free port of this machine.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

export interface PostgresServer {
  readonly port: number;
  /** With its password. */
  readonly url: string;
  /** Its files, which a standby is made from. */
  readonly data: string;
  start(): Promise<void>;
  /** @param signal of the postmaster: SIGINT ends it at once, SIGKILL as a crash does */
  stop(signal: 'SIGINT' | 'SIGKILL'): Promise<void>;
  remove(): Promise<void>;
}

const DEBIAN = '/usr/lib/postgresql';
const PASSWORD = 'a password of this machine';

/** The folder of its programs; undefined where it is not installed. */
export function postgresPrograms(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => join(DEBIAN, version, 'bin')).find((folder) => existsSync(join(folder, 'initdb')));
}

/** It refuses to be root, so as root it is run by the user that Debian's package makes. */
export function ownerOfServers(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (what: string) => Number(execFileSync('id', [what, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

export interface PostgresSettings {
  /** Lines of postgresql.conf. */
  readonly lines?: readonly string[];
  /** Files beside it, which only its own user may read. */
  readonly files?: Readonly<Record<string, string>>;
  /** A server that this one stands by. */
  readonly from?: PostgresServer;
}

export async function postgresServer({ lines = [], files = {}, from }: PostgresSettings = {}): Promise<PostgresServer> {
  const bin = postgresPrograms();
  if (bin === undefined) throw new Error('PostgreSQL is not installed');
  const owner = ownerOfServers();
  const folder = mkdtempSync(join(tmpdir(), 'keyvend-postgres-'));
  const [data, password] = [join(folder, 'data'), join(folder, 'password')];
  mkdirSync(data, { mode: 0o700 });
  writeFileSync(password, PASSWORD);
  if (owner.uid !== undefined) for (const path of [folder, data, password]) chownSync(path, owner.uid, owner.gid!);
  chmodSync(folder, 0o700);
  const env = { PATH: process.env.PATH, LC_ALL: 'C', PGPASSWORD: PASSWORD };
  const run = (program: string, ...words: string[]) =>
    execFileSync(join(bin, program), words, { ...owner, env, cwd: folder, stdio: 'pipe' });
  if (from === undefined)
    run('initdb', '-D', data, '-U', 'keyvend', '-A', 'scram-sha-256', '--pwfile', password, '--no-sync', '-E', 'UTF8');
  else run('pg_basebackup', '-D', data, '-d', from.url, '-R', '-X', 'stream', '--no-sync');
  const port = await freePort();
  const all = [`port = ${port}`, "listen_addresses = '127.0.0.1'", `unix_socket_directories = '${folder}'`, ...lines];
  writeFileSync(join(data, 'postgresql.auto.conf'), `${all.join('\n')}\n`, { flag: 'a' });
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(data, name), text, { mode: 0o600 });
    if (owner.uid !== undefined) chownSync(join(data, name), owner.uid, owner.gid!);
  }
  let child: ChildProcess | undefined;

  const server: PostgresServer = {
    port,
    data,
    url: `postgres://keyvend:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/postgres`,
    async start() {
      child = spawn(join(bin, 'postgres'), ['-D', data], {
        ...owner,
        env,
        cwd: folder,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let said = '';
      child.stderr!.on('data', (bytes: Buffer) => (said += bytes));
      for (let tried = 0; !/database system is ready to accept/.test(said); tried += 1) {
        if (child.exitCode !== null || tried > 1_000)
          throw new Error(`PostgreSQL did not start: ${said.slice(-1_000)}`);
        await wait(10);
      }
    },
    async stop(signal) {
      if (child === undefined || child.exitCode !== null) return;
      // What it forked holds its stderr too: a postmaster that is killed leaves processes that answer until they next wait.
      const gone = once(child, 'close');
      child.kill(signal);
      await gone;
      child = undefined;
    },
    async remove() {
      await server.stop('SIGINT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await server.start().catch(async (error) => {
    await server.remove(); // nobody else knows its folder
    throw error;
  });
  return server;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
