// OpenSSH's own server on a free port of loopback, with keys and homes in a folder of its own: a host to rotate keys on.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { hostKeyFingerprint } from '../lib/hosts/host-keys.ts';

export type HostKeyKind = 'ed25519' | 'ecdsa' | 'rsa';

export interface SshdOptions {
  /** Accounts of this machine, with the homes they have. Default: the user who runs this, with an empty home in the folder. */
  readonly accounts?: readonly Account[];
  /** Default ed25519 alone. */
  readonly hostKeyTypes?: readonly HostKeyKind[];
  /** More lines for sshd_config, in place of those that it has otherwise. */
  readonly settings?: readonly string[];
}

export interface Account {
  readonly user: string;
  readonly home: string;
}

export interface Sshd {
  readonly host: string;
  readonly port: number;
  /** The first account. */
  readonly user: string;
  /** The host keys it has now, in the order of their types: public lines, and what `ssh-keygen -l` prints of them. */
  readonly hostKeys: { readonly lines: readonly string[]; readonly fingerprints: readonly string[] };
  /** @param user the first account by default */
  homeOf(user?: string): string;
  keysFile(user?: string): string;
  /** Lets these public lines in and no others. */
  permit(lines: readonly string[], user?: string): Promise<void>;
  /** What it wrote to its log so far. */
  log(): string;
  /** Ends it and every connection, as if the host were switched off. It keeps its port, its keys and its files. */
  stop(): Promise<void>;
  /** Starts it again where it was. */
  restart(): Promise<void>;
  /** Gives it other host keys, of the same types by default, and starts it again. */
  rekey(types?: readonly HostKeyKind[]): Promise<void>;
  /** Stops it for good and removes its folder. */
  remove(): Promise<void>;
}

/** @returns undefined where it is not installed. sshd must be called by its full path */
export function sshdProgram(): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/usr/libexec'];
  return folders.map((folder) => join(folder, 'sshd')).find(isProgram);
}

/** @returns undefined where the machine has no name for who runs this */
export function nameOfUser(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}

/** @throws {Error} when it is not installed or does not start */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const program = sshdProgram();
  if (!program) throw new Error('sshd is not installed');
  const user = nameOfUser() ?? '';
  if (!options.accounts && !user) throw new Error('sshd lets in nobody without a name');
  const folder = await mkdtemp(join(tmpdir(), 'keyvend-sshd-'));
  await chmod(folder, 0o711);
  const accounts = options.accounts ?? [{ user, home: join(folder, 'home') }];
  if (!options.accounts) await mkdir(join(accounts[0]!.home, '.ssh'), { recursive: true, mode: 0o700 });
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 }); // where Debian's sshd confines itself
  const homeOf = (user = accounts[0]!.user) => accounts.find((account) => account.user === user)!.home;
  const keysFile = (user?: string) => join(homeOf(user), '.ssh', 'authorized_keys');

  const config = join(folder, 'sshd_config');
  let types = options.hostKeyTypes ?? ['ed25519'];
  let hostKeys = await makeHostKeys(folder, types);
  let running: Running | undefined;
  let port = 0;
  const start = async () => {
    if (running) return;
    for (let tries = 1; !running; tries += 1) {
      const at = port || (await freePort());
      await writeFile(config, configuration(program, folder, at, types, accounts, options));
      running = await run(program, config).catch((error: unknown) => {
        if (tries === 5) throw error; // the port may have been taken meanwhile
        return undefined;
      });
      if (running) port = at;
    }
  };
  const stop = async () => {
    await running?.stop();
    running = undefined;
  };
  let log = '';
  const sshd: Sshd = {
    host: '127.0.0.1',
    get port() {
      return port;
    },
    user: accounts[0]!.user,
    get hostKeys() {
      return hostKeys;
    },
    homeOf,
    keysFile,
    permit: (lines, user) => writeFile(keysFile(user), lines.map((line) => `${line}\n`).join(''), { mode: 0o600 }),
    log: () => log + (running?.log() ?? ''),
    async stop() {
      log = sshd.log();
      await stop();
    },
    restart: start,
    async rekey(others = types) {
      await sshd.stop();
      types = others;
      hostKeys = await makeHostKeys(folder, types);
      await start();
    },
    async remove() {
      await sshd.stop();
      await rm(folder, { recursive: true });
    },
  };
  await start();
  return sshd;
}

function configuration(
  program: string,
  folder: string,
  port: number,
  types: readonly HostKeyKind[],
  accounts: readonly Account[],
  options: SshdOptions,
): string {
  const version = /OpenSSH_(\d+)\.(\d+)/.exec(spawnSync(program, ['-V'], { encoding: 'utf8' }).stderr);
  const [major = 0, minor = 0] = version?.slice(1).map(Number) ?? [];
  return [
    ...(options.settings ?? []), // sshd takes the first value that it finds
    ...[`Port ${port}`, 'ListenAddress 127.0.0.1', `PidFile ${quoted(join(folder, 'pid'))}`, 'LogLevel VERBOSE'],
    ...types.map((type) => `HostKey ${quoted(join(folder, type))}`),
    ...['UsePAM no', 'PasswordAuthentication no', 'KbdInteractiveAuthentication no'],
    ...['PermitRootLogin prohibit-password', 'MaxStartups 200', 'UseDNS no', 'AuthorizedKeysFile none'],
    // A home of ours lies below a folder that everyone may write to, which sshd would not trust.
    `StrictModes ${options.accounts ? 'yes' : 'no'}`,
    // From 9.8 on it shuts out addresses that failed to log in; everyone here has the same one.
    ...(major > 9 || (major === 9 && minor >= 8) ? ['PerSourcePenalties no'] : []),
    ...accounts.flatMap(({ user, home }) => [
      `Match User ${user}`,
      `AuthorizedKeysFile ${configPath(join(home, '.ssh', 'authorized_keys'))}`,
      `SetEnv ${quoted(`HOME=${home}`)}`,
    ]),
    '',
  ].join('\n');
}

/** A path in sshd_config, or in an option of ssh's, where `%` begins what they put in themselves. */
export const configPath = (path: string): string => quoted(path.replaceAll('%', '%%'));

/** One word of such a file. */
const quoted = (word: string): string => `"${word.replaceAll(/["\\]/g, '\\$&')}"`;

interface Running {
  log(): string;
  stop(): Promise<void>;
}

function run(program: string, config: string): Promise<Running> {
  const server = spawn(program, ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise<void>((resolve) => server.once('close', () => resolve()));
  const atExit = () => endAll(server);
  process.once('exit', atExit);
  let log = '';
  return new Promise((resolve, reject) => {
    server.stderr?.on('data', (chunk) => {
      log = (log + chunk).slice(-1_000_000);
      if (log.includes('Server listening on')) {
        const stop = async () => {
          endAll(server);
          await ended;
          process.off('exit', atExit);
        };
        resolve({ log: () => log, stop });
      }
    });
    server.once('error', reject);
    void ended.then(() => reject(new Error(`sshd ended: ${log.trim().split('\n').at(-1)}`)));
  });
}

/** Each connection is a process of its own, which outlives the one that listens. */
function endAll(server: ChildProcess): void {
  if (server.pid === undefined || server.exitCode !== null || server.signalCode !== null) return;
  const table = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).stdout ?? '';
  const rows = table.split('\n').map((row) => row.trim().split(/\s+/).map(Number));
  const ours = [server.pid];
  for (const parent of ours) ours.push(...rows.flatMap(([pid, ppid]) => (pid && ppid === parent ? [pid] : [])));
  for (const pid of ours) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself.
    }
  }
}

async function makeHostKeys(folder: string, types: readonly HostKeyKind[]): Promise<Sshd['hostKeys']> {
  const lines: string[] = [];
  for (const type of types) {
    const file = join(folder, type);
    await Promise.all([rm(file, { force: true }), rm(`${file}.pub`, { force: true })]);
    const bits = type === 'rsa' ? ['-b', '2048'] : [];
    const words = ['-q', '-t', type, ...bits, '-N', '', '-C', '', '-f', file];
    const { status, stderr, error } = spawnSync('ssh-keygen', words, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`ssh-keygen made no host key: ${error?.message ?? stderr.trim()}`);
    lines.push((await readFile(`${file}.pub`, 'utf8')).trim());
  }
  return { lines, fingerprints: lines.map(fingerprintOf) };
}

/** For any type of key, unlike the one in lib/ssh. */
const fingerprintOf = (line: string): string => hostKeyFingerprint(Buffer.from(line.split(' ')[1]!, 'base64'));

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
