// `keyvend ssh` and `keyvend key --agent`, with OpenSSH's own client, agent and server.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../lib/secret.ts';
import { parsePrivateKey } from '../../lib/ssh/private-key.ts';
import { addToAgent } from '../../local/agent/add-to-agent.ts';
import { type Sshd, startSshd } from '../../local/sshd.ts';
import { noSshd } from '../hosts/accounts.ts';
import { makeKey, patiently } from '../hosts/keys.ts';
import { isInstalled } from '../moto.ts';
import { start } from './process.ts';

const lacking = noSshd() ?? (isInstalled('ssh-agent') ? undefined : 'ssh-agent is not installed');
const keyvend = 'local/keyvend.ts';
let home: string;
let temporary: string;
let key: string;
let sshd: Sshd;
let own: { child: ChildProcess; socket: string };

beforeAll(async () => {
  if (lacking !== undefined) return;
  home = await mkdtemp(join(tmpdir(), 'keyvend-ssh-'));
  const running = await start(home);
  expect((await running.post('ens', { name: 'edge' })).status).toBe(201);
  await running.end('SIGTERM');
  const printed = spawnSync(process.execPath, [keyvend, 'key', 'ens', 'edge'], {
    env: environment(),
    encoding: 'utf8',
  });
  key = printed.stdout;
  sshd = await startSshd();
  await sshd.permit([parsePrivateKey(new Secret(key)).publicKey]);
});
afterAll(async () => {
  await sshd?.remove();
  if (home) await rm(home, { recursive: true });
});
beforeEach(async (context) => {
  if (lacking !== undefined) return context.skip(lacking);
  temporary = join(home, 'tmp');
  await mkdir(temporary);
  const socket = join(home, 'own-agent');
  const child = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout!, 'data');
  own = { child, socket };
});
afterEach(async () => {
  if (lacking !== undefined) return;
  const gone = once(own.child, 'exit');
  own.child.kill();
  await gone;
  await rm(temporary, { recursive: true });
});

const environment = () => ({
  ...process.env,
  ...{ KEYVEND_HOME: home, TMPDIR: temporary, HOME: home, SSH_AUTH_SOCK: own?.socket },
});
/** Of the user's own agent. */
const listed = () => execFileSync('sh', ['-c', 'ssh-add -l || true'], { env: environment(), encoding: 'utf8' });
/** Nobody is asked about the host key. */
const quiet = [
  '-F',
  'none',
  '-o',
  'StrictHostKeyChecking=no',
  '-o',
  'UserKnownHostsFile=/dev/null',
  '-o',
  'LogLevel=ERROR',
];
const line = (...command: string[]) => [
  ...[keyvend, 'ssh', 'ens', 'edge', '--', ...quiet],
  ...['-p', String(sshd.port), `${sshd.user}@${sshd.host}`, ...command],
];

interface Seen {
  readonly pid: number;
  readonly arguments: string;
  readonly environment: string;
}
/** Every process of this machine whose arguments or environment say the folder for temporary files. */
function processes(): Seen[] {
  const text = (pid: string, file: string) => {
    try {
      return readFileSync(`/proc/${pid}/${file}`, 'latin1');
    } catch {
      return ''; // it ended, or is another's
    }
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => ({ pid: Number(pid), arguments: text(pid, 'cmdline'), environment: text(pid, 'environ') }))
    .filter((one) => `${one.arguments}${one.environment}`.includes(temporary));
}
const agents = () => processes().filter((one) => one.arguments.startsWith('ssh-agent\0-D'));

const slices = () => key.split('\n').slice(1, -2);
const holdsKey = (text: string) => text.includes('PRIVATE KEY') || slices().some((slice) => text.includes(slice));

describe('keyvend ssh', () => {
  it("logs in, passes on what the command prints and how it ends, and leaves the user's own agent alone", () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, line('echo it is $((40 + 2)); exit 7'), {
      env: environment(),
      encoding: 'utf8',
    });
    expect({ status, stdout, stderr }).toEqual({ status: 7, stdout: 'it is 42\n', stderr: '' });
    expect(listed()).toBe('The agent has no identities.\n');
    expect(readdirSync(temporary)).toEqual([]);
    expect(agents()).toEqual([]);
  });

  it("shares no connection and forwards no agent, whatever the user's own configuration says", () => {
    const config = join(home, 'ssh_config');
    const shared = `ControlMaster auto\n  ControlPath ${join(home, 'control')}\n  ControlPersist 60\n  ForwardAgent yes`;
    writeFileSync(
      config,
      `Host *\n  StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\n  LogLevel ERROR\n  ${shared}\n`,
    );
    const at = ['-F', config, '-p', String(sshd.port), `${sshd.user}@${sshd.host}`];
    const asked = `echo "agent: \${SSH_AUTH_SOCK:-none}"`;
    const words = [keyvend, 'ssh', 'ens', 'edge', '--', ...at, asked];
    const { stdout, stderr } = spawnSync(process.execPath, words, { env: environment(), encoding: 'utf8' });
    expect({ stdout, stderr }).toEqual({ stdout: 'agent: none\n', stderr: '' });
    expect(existsSync(join(home, 'control'))).toBe(false);
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGKILL', null],
  ] as const)(
    'keeps the key out of files, arguments and environments, and leaves nothing after %s',
    async (signal, code) => {
      const before = sshd.log().length;
      const child = spawn(process.execPath, line('sleep 600'), { env: environment(), stdio: 'ignore' });
      const ended = once(child, 'exit');
      await expect.poll(() => sshd.log().slice(before), patiently).toContain('Accepted publickey');

      const [folder] = readdirSync(temporary).map((name) => join(temporary, name));
      expect([statSync(folder!).mode & 0o777, statSync(join(folder!, 'agent')).mode & 0o777]).toEqual([0o700, 0o600]);
      for (const file of readdirSync(folder!).filter((name) => name !== 'agent'))
        expect(holdsKey(readFileSync(join(folder!, file), 'utf8'))).toBe(false);
      const seen = processes();
      expect(seen.map(({ pid }) => pid)).toContain(child.pid);
      expect(seen.filter((one) => holdsKey(one.arguments) || holdsKey(one.environment))).toEqual([]);
      expect(agents()).toHaveLength(1);

      child.kill(signal);
      expect((await ended)[0]).toBe(code);
      await expect.poll(() => [existsSync(folder!), agents()], patiently).toEqual([false, []]);
    },
  );

  it.each([
    [['ssh', 'edge', '--provider', 'ens'], 2, 'a host is needed after --'],
    [['ssh', 'edge', '--', 'root@host'], 1, 'does not answer; it is meant by KEYVEND_HOME'],
    [['ssh', 'nobody', '--provider', 'ens', '--', 'root@host'], 3, 'no key is stored under that name'],
  ])('says what is wrong with %j', (words, status, said) => {
    const answer = spawnSync(process.execPath, [keyvend, ...words], { env: environment(), encoding: 'utf8' });
    expect([answer.status, answer.stdout]).toEqual([status, '']);
    expect(answer.stderr).toContain(said);
    expect(readdirSync(temporary)).toEqual([]);
  });
});

describe('keyvend key --agent', () => {
  const lend = (...words: string[]) =>
    spawnSync(process.execPath, [keyvend, 'key', 'ens', 'edge', '--agent', ...words], {
      env: environment(),
      encoding: 'utf8',
    });

  it("adds the key to the user's own agent, under the key pair's name, and ssh logs in with it", () => {
    const { status, stdout } = lend('--lifetime', '15m');
    expect([status, stdout]).toEqual([0, 'the agent has "keyvend ens/default/global/edge" for 15m\n']);
    expect(listed()).toMatch(/^2048 SHA256:\S+ keyvend ens\/default\/global\/edge \(RSA\)\n$/);
    const words = [...quiet, '-p', String(sshd.port), `${sshd.user}@${sshd.host}`, 'echo in'];
    expect(spawnSync('ssh', words, { env: environment(), encoding: 'utf8' }).stdout).toBe('in\n');
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('takes a key of the other type as well', async () => {
    await addToAgent(own.socket, makeKey().privateKey, 'another', 60);
    expect(listed()).toMatch(/^256 SHA256:\S+ another \(ED25519\)\n$/);
  });

  it('has the agent forget it when its time is over', async () => {
    expect(lend('--lifetime', '1s').status).toBe(0);
    await expect.poll(listed, patiently).toBe('The agent has no identities.\n');
  });

  it('says in one sentence where there is no agent, or the time is none', () => {
    const refused = (env: Record<string, string>, ...words: string[]) => {
      const all = [keyvend, 'key', 'ens', 'edge', '--agent', ...words];
      const { status, stderr } = spawnSync(process.execPath, all, {
        env: { ...environment(), ...env },
        encoding: 'utf8',
      });
      return [status, stderr];
    };
    expect(refused({ SSH_AUTH_SOCK: '' })).toEqual([1, 'keyvend: no ssh-agent runs here: SSH_AUTH_SOCK is not set\n']);
    expect(refused({ SSH_AUTH_SOCK: '/nowhere' })).toEqual([1, 'keyvend: no ssh-agent answers at SSH_AUTH_SOCK\n']);
    expect(refused({}, '--lifetime', 'long')).toEqual([2, 'keyvend: --lifetime takes a time: 90, 15m, 1h, 2d\n']);
    expect(refused({}, '--where')).toEqual([2, 'keyvend: --agent, --where and --out exclude one another\n']);
  });
});
