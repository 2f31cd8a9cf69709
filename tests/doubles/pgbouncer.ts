// PgBouncer in front of a PostgreSQL of a test, where it is installed: a connection is a client's for the time of one transaction.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, ownerOfServers, type PostgresServer } from './postgres-server.ts';

export interface Pooler {
  readonly url: string;
  stop(): Promise<void>;
}

export const poolerProgram = (): string | undefined => ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer'].find(existsSync);

/** @param most connections to the server, however many clients there are */
export async function pgbouncer(server: PostgresServer, most: number): Promise<Pooler> {
  const { username, password, port: behind } = new URL(server.url);
  const folder = mkdtempSync(join(tmpdir(), 'keyvend-pgbouncer-'));
  const owner = ownerOfServers();
  const port = await freePort();
  const files = {
    'users.txt': `"${decodeURIComponent(username)}" "${decodeURIComponent(password)}"\n`,
    'pgbouncer.ini': [
      ...[
        '[databases]',
        `* = host=127.0.0.1 port=${behind}`,
        '[pgbouncer]',
        'listen_addr = 127.0.0.1',
        `listen_port = ${port}`,
      ],
      ...[
        'pool_mode = transaction',
        `default_pool_size = ${most}`,
        'max_client_conn = 200',
        'auth_type = scram-sha-256',
      ],
      ...[`auth_file = ${join(folder, 'users.txt')}`, 'unix_socket_dir =', ''],
    ].join('\n'),
  };
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    if (owner.uid !== undefined) chownSync(join(folder, name), owner.uid, owner.gid!);
  }
  if (owner.uid !== undefined) chownSync(folder, owner.uid, owner.gid!);
  chmodSync(folder, 0o700);
  const child = spawn(poolerProgram()!, [join(folder, 'pgbouncer.ini')], {
    ...owner,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (bytes: Buffer) => {
      said += bytes;
      if (/process up/.test(said)) resolve();
    });
    child.once('exit', () => reject(new Error(`PgBouncer did not start: ${said}`)));
  });
  const url = new URL(server.url);
  url.port = String(port);
  return {
    url: url.href,
    async stop() {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
