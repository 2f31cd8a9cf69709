// What keeps a key from a host, or an edit from its file, told apart on real servers: each of these is mended in another place.
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deadlineIn, systemClock } from '../../lib/clock.ts';
import { addKey, type HostAccess, proveKey, removeKey } from '../../lib/hosts/keys-on-host.ts';
import { type SshHostsOptions, sshHosts } from '../../lib/hosts/ssh.ts';
import { type Sshd, startSshd } from '../../local/sshd.ts';
import { isInstalled } from '../moto.ts';
import { type MadeAccount, makeAccount, noAccounts, noSshd, writeAs } from './accounts.ts';
import { codeOf, makeKey, makeRsaKey } from './keys.ts';
import { noServer, startDropbear, startTinySsh } from './other-servers.ts';
import { thisMachine } from './rules.ts';

const [old, fresh, manager] = [makeKey(), makeKey(), makeKey()];
const rsa = makeRsaKey();
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const reach = (
  to: { host: string; port: number; user: string; hostKeys: readonly string[] },
  options: Partial<SshHostsOptions> = {},
): HostAccess => ({
  hosts: sshHosts({ rules: thisMachine, ...options }),
  host: to,
  options: { until: deadlineIn(systemClock, 120_000) },
});
const at = ({ host, port, user, hostKeys }: Sshd) => ({ host, port, user, hostKeys: hostKeys.lines });

/** A server with the accounts of this machine. @param lines what lets in there */
async function sshd(settings: readonly string[], lines: readonly string[] = [old.publicKey]): Promise<Sshd> {
  const server = await startSshd({ settings });
  closing.push(() => server.remove());
  await server.permit(lines);
  return server;
}
const edits = async (server: Sshd, options?: Partial<SshHostsOptions>, key = old): Promise<unknown> =>
  codeOf(addKey(reach(at(server), options), key, fresh));

describe('a server that limits sessions', () => {
  beforeEach((context) => {
    const why = noSshd();
    if (why) context.skip(why);
  });

  it('lets a key be replaced with one session at a time, again and again', async () => {
    const server = await sshd(['MaxSessions 1']);
    for (let round = 0; round < 8; round += 1) {
      await addKey(reach(at(server)), old, fresh);
      await removeKey(reach(at(server)), old, fresh);
      await server.permit([old.publicKey]);
    }
  });

  it('runs commands that are asked for at once one after the other', async () => {
    const server = await sshd(['MaxSessions 1']);
    const { hosts, host, options } = reach(at(server));
    const session = await hosts.login(host, old.privateKey, options);
    const read = await Promise.all(Array.from({ length: 6 }, () => session.read()));
    expect(new Set(read.map(({ text }) => text))).toEqual(new Set([`${old.publicKey}\n`]));
    await session.close();
  });

  it('is not taken for one that forces commands when it opens no session at all', async () => {
    expect(await edits(await sshd(['MaxSessions 0']))).toBe('HOST_SESSION_REFUSED');
  });
});

describe('a key that is refused', () => {
  beforeEach((context) => {
    const why = noSshd();
    if (why) context.skip(why);
  });

  it.each([['PubkeyAcceptedAlgorithms ssh-ed25519'], ['RequiredRSASize 4096']])(
    'may be refused for being RSA, and the advice says so, where the server has %s',
    async (setting) => {
      const server = await sshd([setting], [rsa.publicKey]);
      const error = await addKey(reach(at(server)), rsa, fresh).catch((thrown: Error) => thrown);
      // Newer servers list what they accept; this one lists what it knows.
      expect(['LOGIN_REFUSED', 'HOST_TAKES_NO_RSA']).toContain(await codeOf(Promise.reject(error)));
      expect((error as Error).message).toMatch(/RSA/);
    },
  );

  it.for([
    ['root, whom the server lets in for forced commands alone', 'PermitRootLogin forced-commands-only'],
    ['root, whom the server does not let in', 'PermitRootLogin no'],
    ['one who needs a second proof', 'AuthenticationMethods publickey,password'],
  ] as const)('is told from one that is not there: it is that of %s', async ([who, setting], context) => {
    if (who.startsWith('root') && process.getuid?.() !== 0) return context.skip('only root is root');
    const second = setting.startsWith('Auth') ? ['PasswordAuthentication yes'] : [];
    const server = await sshd([setting, ...second]);
    expect(await edits(server)).toBe('LOGIN_LIMITED');
    expect(await codeOf(proveKey(reach(at(server)), old))).toBe('LOGIN_LIMITED');
    expect(await codeOf(proveKey(reach(at(server)), makeKey()))).toBe('LOGIN_REFUSED');
  });
});

describe('a forced command', () => {
  beforeEach((context) => {
    const why = noSshd();
    if (why) context.skip(why);
  });

  it.each([['echo no'], ['/bin/false'], ['/bin/true'], ['internal-sftp']])(
    "is that of the key's own line when it is %s there, and a management key helps",
    async (command) => {
      const server = await sshd([], [`command="${command}" ${old.publicKey}`, manager.publicKey]);
      expect(await edits(server)).toBe('HOST_COMMAND_FORCED');
      await addKey({ ...reach(at(server)), management: async () => manager.privateKey }, old, fresh);
    },
  );

  it.each([['echo no'], ['/bin/true'], ['internal-sftp'], ['cat >/dev/null; exit 3']])(
    'is that of the server when it is %s in its settings, and no management key would help',
    async (command) => {
      const server = await sshd([`ForceCommand ${command}`], [old.publicKey, manager.publicKey]);
      const managed = { ...reach(at(server)), management: async () => manager.privateKey };
      expect(await codeOf(addKey(managed, old, fresh))).toMatch(/^HOST_(?:SERVER_FORCES|SHELL_UNUSABLE)$/);
      if (command !== 'cat >/dev/null; exit 3') expect(await edits(server)).toBe('HOST_SERVER_FORCES');
    },
  );
});

describe('root, whom the server lets in for forced commands alone', () => {
  it('has a forced command by its line, and none can be had for a management key', async (context) => {
    const why = noSshd() ?? (process.getuid?.() === 0 ? undefined : 'only root is root');
    if (why) return context.skip(why);
    const lines = [`command="echo no" ${old.publicKey}`, manager.publicKey];
    const server = await sshd(['PermitRootLogin forced-commands-only'], lines);
    expect(await edits(server)).toBe('HOST_COMMAND_FORCED');
    const managed = { ...reach(at(server)), management: async () => manager.privateKey };
    expect(await codeOf(addKey(managed, old, fresh))).toBe('LOGIN_LIMITED');
  });
});

describe('a login shell', () => {
  let account: MadeAccount | undefined;
  beforeEach((context) => {
    const why = noAccounts();
    if (why) context.skip(why);
  });
  afterEach(async () => {
    await account?.remove();
    account = undefined;
  });

  async function withShell(shell: string, rc?: string): Promise<Sshd> {
    account = await makeAccount(shell);
    const server = await startSshd({ accounts: [account] });
    closing.push(() => server.remove());
    await writeAs(account, server.keysFile(), `${old.publicKey}\n`);
    if (rc !== undefined) await writeAs(account, join(account.home, '.bashrc'), rc);
    return server;
  }
  /** A program that stands in for a shell. */
  async function program(text: string): Promise<string> {
    const file = join('/tmp', `keyvend-shell-${process.pid}-${closing.length}`);
    await writeFile(file, `#!/bin/sh\n${text}\n`);
    await chmod(file, 0o755);
    closing.push(() => rm(file));
    return file;
  }

  it.for(['/usr/sbin/nologin', '/sbin/nologin', '/bin/false', '/usr/bin/false', '/usr/bin/git-shell'])(
    'is seen to run no commands when it is %s',
    async (shell, context) => {
      if (spawnSync('test', ['-x', shell]).status !== 0) return context.skip(`${shell} is not installed`);
      expect(await edits(await withShell(shell))).toBe('HOST_SHELL_UNUSABLE');
    },
  );

  it.each([
    ['asks', 'printf "Choose a menu: "; read answer; exit 1'],
    ['asks on the terminal that it does not have', 'printf "Token: " >&2; read answer </dev/tty; exit 1'],
    ['has its own words for a refusal', 'echo "This account is restricted by rssh."; exit 1'],
    ['finds no program', 'PATH=/nowhere; sh -c true'],
  ])('is seen to run no commands when it %s', async (_what, text) => {
    expect(await edits(await withShell(await program(text)))).toBe('HOST_SHELL_UNUSABLE');
  });

  it('is seen to hang, which is no fault of the connection', async () => {
    const server = await withShell(await program('while kill -0 $PPID; do sleep 0.2; done'));
    expect(await edits(server, { commandMs: 500 })).toBe('HOST_SHELL_SILENT');
  });

  it('is seen to read the input when what it starts with asks something', async (context) => {
    if (!isInstalled('bash')) context.skip('bash is not installed');
    const server = await withShell('/bin/bash', 'read -r -p "Continue? " answer\n');
    expect(await edits(server)).toBe('HOST_SHELL_UNUSABLE');
  });

  it('is seen to lack a program that the edit needs, before the file is touched', async () => {
    const folder = join('/tmp', `keyvend-tools-${process.pid}`);
    await mkdir(folder, { mode: 0o755 });
    closing.push(() => rm(folder, { recursive: true }));
    for (const tool of ['sh', 'cat', 'rm', 'ls', 'cp', 'mv', 'date']) {
      const found = spawnSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).stdout.trim();
      await symlink(found, join(folder, tool));
    }
    const shell = await program(
      `PATH=${folder}; c=$(echo "$2" | /bin/sed "s#PATH=[^;]*;##"); exec ${folder}/sh -c "$c"`,
    );
    expect(await edits(await withShell(shell))).toBe('HOST_TOOL_MISSING');
  });
});

describe('other servers', () => {
  let account: MadeAccount;
  beforeAll(async () => {
    if (noAccounts() === undefined) account = await makeAccount();
  });
  afterAll(() => account?.remove());
  beforeEach((context) => {
    const why = noAccounts();
    if (why) context.skip(why);
  });
  const permit = (...lines: string[]) =>
    writeAs(account, join(account.home, '.ssh', 'authorized_keys'), `${lines.join('\n')}\n`);

  it('take no RSA at all if they are TinySSH, which is told from a key that is not there', async (context) => {
    const why = noServer('tinysshd');
    if (why) return context.skip(why);
    const server = await startTinySsh();
    closing.push(() => server.remove());
    const to = { ...server, user: account.user, hostKeys: [server.hostKey] };
    expect(await codeOf(proveKey(reach(to), rsa))).toBe('HOST_TAKES_NO_RSA');
    expect(await codeOf(proveKey(reach(to), old))).toBe('LOGIN_REFUSED');
  });

  it('go from one key to the next if they are Dropbear, and refuse one that is not there', async (context) => {
    const why = noServer('dropbear');
    if (why) return context.skip(why);
    const server = await startDropbear();
    closing.push(() => server.remove());
    await permit(rsa.publicKey);
    const to = { ...server, user: account.user, hostKeys: [server.hostKey] };
    expect(await codeOf(proveKey(reach(to), manager))).toBe('LOGIN_REFUSED');
    await addKey(reach(to), rsa, fresh);
    await removeKey(reach(to), rsa, fresh);
    expect(await codeOf(proveKey(reach(to), rsa))).toBe('LOGIN_REFUSED');
  });

  it('are taken for ones whose key forces the command if they are Dropbear and run another', async (context) => {
    const why = noServer('dropbear');
    if (why) return context.skip(why);
    const server = await startDropbear(['-c', 'echo no']);
    closing.push(() => server.remove());
    await permit(old.publicKey);
    const to = { ...server, user: account.user, hostKeys: [server.hostKey] };
    expect(await codeOf(addKey(reach(to), old, fresh))).toBe('HOST_COMMAND_FORCED');
  });
});
