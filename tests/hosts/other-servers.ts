// SSH servers that are not OpenSSH, where they are installed: on a free port of loopback, with a host key of their own.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, connect as dial, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

export interface OtherServer {
  readonly host: string;
  readonly port: number;
  /** Its public line. */
  readonly hostKey: string;
  remove(): Promise<void>;
}

/** Where servers and their tools are, which need not be on the path of an ordinary user. */
function programOf(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

/** Why there is none of a kind here, or undefined when there is. */
export const noServer = (name: 'dropbear' | 'tinysshd'): string | undefined =>
  programOf(name) ? undefined : `${name} is not installed`;

/** Dropbear, which listens by itself. @param options more of its own: `-c command` forces one */
export async function startDropbear(options: readonly string[] = []): Promise<OtherServer> {
  const folder = await mkdtemp(join(tmpdir(), 'keyvend-dropbear-'));
  const key = join(folder, 'key');
  const made = spawnSync(programOf('dropbearkey')!, ['-t', 'ed25519', '-f', key], { encoding: 'utf8' });
  const hostKey = /^ssh-ed25519 \S+/m.exec(made.stdout)![0];
  const port = await freePort();
  const server = spawn(
    programOf('dropbear')!,
    ['-F', '-E', '-s', '-p', `127.0.0.1:${port}`, '-r', key, '-P', join(folder, 'pid'), ...options],
    { stdio: 'ignore' },
  );
  const ended = new Promise<void>((resolve) => server.once('close', () => resolve()));
  process.once('exit', () => server.kill('SIGKILL'));
  await reachable(port);
  return {
    host: '127.0.0.1',
    port,
    hostKey,
    async remove() {
      server.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}

/** TinySSH, which is started for each connection. */
export async function startTinySsh(): Promise<OtherServer> {
  const folder = await mkdtemp(join(tmpdir(), 'keyvend-tinyssh-'));
  const keys = join(folder, 'keys');
  spawnSync(programOf('tinysshd-makekey')!, ['-q', keys]);
  const blob = await readFile(join(keys, 'ed25519.pk'));
  const running = new Set<ChildProcess>();
  const server = createServer({ pauseOnConnect: true }, (socket: Socket) => {
    const child = spawn(programOf('tinysshd')!, [keys], { stdio: [socket, socket, 'ignore'] });
    running.add(child);
    socket.on('error', () => {});
    child.once('close', () => {
      running.delete(child);
      socket.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: '127.0.0.1',
    port: (server.address() as { port: number }).port,
    hostKey: `ssh-ed25519 ${wire('ssh-ed25519', blob)}`,
    async remove() {
      for (const child of running) child.kill('SIGKILL');
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true });
    },
  };
}

/** RFC 4253 section 6.6: two strings, each after its length. */
const wire = (name: string, blob: Buffer): string =>
  Buffer.concat([name, blob].flatMap((part) => [length(part), Buffer.from(part)])).toString('base64');
function length(part: string | Buffer): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(part.length);
  return bytes;
}

async function reachable(port: number): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = dial(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (open) return;
    await wait(50);
  }
  throw new Error('the server did not start');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
