// All of it on real OpenSSH servers: a key is added and proved, and the one before it is removed; and the real client
// sees the same.
import { execFile } from 'node:child_process';
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deadlineIn, systemClock } from '../../lib/clock.ts';
import type { Hosts } from '../../lib/hosts/hosts.ts';
import { addKey, type HostAccess, type KeyHalves, proveKey, removeKey } from '../../lib/hosts/keys-on-host.ts';
import { sshHosts } from '../../lib/hosts/ssh.ts';
import { type Sshd, startSshd } from '../../local/sshd.ts';
import { isInstalled } from '../moto.ts';
import { type MadeAccount, makeAccount, noAccounts, noSshd, writeAs } from './accounts.ts';
import { cable } from './cable.ts';
import { codeOf, makeKey, patiently } from './keys.ts';
import { thisMachine } from './rules.ts';

const [old, fresh, other, manager] = [makeKey(), makeKey(), makeKey(), makeKey()];
const hosts = sshHosts({ rules: thisMachine });
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyvend-'));
});
afterAll(() => rm(folder, { recursive: true }));

const reach = (sshd: Sshd, more: Partial<HostAccess> = {}): HostAccess => ({
  hosts,
  host: { host: sshd.host, port: sshd.port, user: sshd.user, hostKeys: sshd.hostKeys.lines },
  options: { until: deadlineIn(systemClock, 120_000) },
  ...more,
});
const shownBy = (sshd: Sshd) => ({ hostKey: sshd.hostKeys.fingerprints[0] });

/** Whether the real client gets in with exactly this key, to exactly this host. */
async function ssh(sshd: Sshd, key: KeyHalves): Promise<boolean> {
  if (!isInstalled('ssh')) return codeOf(proveKey(reach(sshd), key)).then((code) => code === 'fulfilled');
  const [identity, known] = [join(folder, 'key'), join(folder, 'known_hosts')];
  await rm(identity, { force: true });
  await writeFile(identity, key.privateKey.reveal(), { mode: 0o600 });
  await writeFile(known, sshd.hostKeys.lines.map((line) => `[${sshd.host}]:${sshd.port} ${line}\n`).join(''));
  const options = ['BatchMode=yes', 'IdentitiesOnly=yes', 'IdentityAgent=none', `UserKnownHostsFile="${known}"`];
  const flags = [...options, 'StrictHostKeyChecking=yes'].flatMap((option) => ['-o', option]);
  const args = ['-F', '/dev/null', '-i', identity, ...flags, '-p', `${sshd.port}`, `${sshd.user}@${sshd.host}`, 'true'];
  return new Promise((resolve) => execFile('ssh', args, (error) => resolve(!error)));
}
const letIn = async (sshd: Sshd) => ({ old: await ssh(sshd, old), fresh: await ssh(sshd, fresh) });
const content = (sshd: Sshd) => readFile(sshd.keysFile(), 'latin1');
const clutter = async (sshd: Sshd) =>
  (await readdir(join(sshd.homeOf(), '.ssh'))).filter((name) => name.startsWith('.keyvend'));

/** Adds, proves and removes, with a real login of both keys in between. */
async function cycle(sshd: Sshd, by: HostAccess = reach(sshd)): Promise<void> {
  expect(await letIn(sshd)).toEqual({ old: true, fresh: false });
  expect(await addKey(by, old, fresh)).toEqual(shownBy(sshd));
  expect(await letIn(sshd)).toEqual({ old: true, fresh: true });
  expect(await proveKey(by, fresh)).toEqual(shownBy(sshd));
  expect(await removeKey(by, old, fresh)).toEqual(shownBy(sshd));
  expect(await letIn(sshd)).toEqual({ old: false, fresh: true });
  expect(await codeOf(proveKey(by, old))).toBe('LOGIN_REFUSED');
  expect(await clutter(sshd)).toEqual([]);
}

describe('an account of an ordinary user, whose server trusts no file that others may write', () => {
  let account: MadeAccount;
  let sshd: Sshd;
  beforeAll(async () => {
    if (noAccounts()) return;
    account = await makeAccount();
    sshd = await startSshd({ accounts: [account], hostKeyTypes: ['ed25519', 'rsa'] });
  });
  afterAll(async () => {
    await sshd?.remove();
    await account?.remove();
  });
  beforeEach(async (context) => {
    const why = noAccounts();
    if (why) return context.skip(why);
    await chmod(join(account.home, '.ssh'), 0o700);
    await rm(sshd.keysFile(), { force: true });
  });
  const put = (text: string, mode?: number) => writeAs(account, sshd.keysFile(), text, mode);

  it.each([
    ['LF', '\n', '\n'],
    ['CRLF and no final line end', '\r\n', ''],
  ])('goes from one key to the next in a file with %s, and nothing else in it changes', async (_name, end, last) => {
    const foreign = `# caf\xe9 \xff\x01${end}${end}  no-pty ${other.publicKey} x${end}not a key at all${end}`;
    const mine = (key: KeyHalves) => `from="127.0.0.1,::1",no-pty ${key.publicKey} me & "you"`;
    await put(`${foreign}${mine(old)}${last}`);
    await cycle(sshd);
    expect(await content(sshd)).toBe(`${foreign}${mine(fresh)}${last}`);
  });

  it('keeps the owner, the group and the mode of its file', async () => {
    await put(`${old.publicKey}\n`, 0o640);
    await cycle(sshd);
    const { uid, gid, mode } = await stat(sshd.keysFile());
    expect([uid, gid, mode & 0o777]).toEqual([account.uid, account.gid, 0o640]);
  });

  it('keeps a symbolic link and changes the file it leads to', async () => {
    await put(`${old.publicKey}\n`);
    await rename(sshd.keysFile(), join(account.home, '.ssh', 'shared'));
    await symlink('shared', sshd.keysFile());
    await cycle(sshd);
    expect((await lstat(sshd.keysFile())).isSymbolicLink()).toBe(true);
    expect(await content(sshd)).toBe(`${fresh.publicKey}\n`);
  });

  it.each([
    ['the file is read-only', () => chmod(sshd.keysFile(), 0o400)],
    ['its directory is read-only', () => chmod(join(account.home, '.ssh'), 0o500)],
  ])('is left alone when %s', async (_why, make) => {
    await put(`${old.publicKey}\n`);
    await make();
    expect(await codeOf(addKey(reach(sshd), old, fresh))).toBe('HOST_FILE_UNUSABLE');
    expect(await content(sshd)).toBe(`${old.publicKey}\n`);
    expect(await letIn(sshd)).toEqual({ old: true, fresh: false });
    expect(await clutter(sshd)).toEqual([]);
  });

  it('is edited by a management key alone when its line forces a command', async () => {
    const forced = (key: KeyHalves) => `command="echo %s",no-pty ${key.publicKey} me\n`;
    const file = `${forced(old)}${manager.publicKey}\n`;
    await put(file);
    expect(await codeOf(addKey(reach(sshd), old, fresh))).toBe('HOST_COMMAND_FORCED');
    expect(await content(sshd)).toBe(file);
    await cycle(sshd, reach(sshd, { management: async () => manager.privateKey }));
    expect(await content(sshd)).toBe(`${forced(fresh)}${manager.publicKey}\n`);
  });

  it('is not edited through a forced command either, even if that passes ours on', async () => {
    const file = `command="eval $SSH_ORIGINAL_COMMAND" ${old.publicKey}\n`;
    await put(file);
    expect(await codeOf(addKey(reach(sshd), old, fresh))).toBe('HOST_COMMAND_FORCED');
    expect(await content(sshd)).toBe(file);
  });

  it('cannot be edited when the server itself forces a command', async () => {
    const strict = await startSshd({ accounts: [account], settings: ['ForceCommand echo no'] });
    try {
      await put(`${old.publicKey}\n`);
      expect(await codeOf(addKey(reach(strict), old, fresh))).toBe('HOST_SERVER_FORCES');
      await proveKey(reach(strict), old);
      expect(await content(strict)).toBe(`${old.publicKey}\n`);
    } finally {
      await strict.remove();
    }
  });

  it('can still be proved, but is not edited, when its server forbids sessions', async () => {
    const strict = await startSshd({ accounts: [account], settings: ['MaxSessions 0'] });
    try {
      await put(`${old.publicKey}\n`);
      expect(await codeOf(addKey(reach(strict), old, fresh))).toBe('HOST_SESSION_REFUSED');
      expect(await proveKey(reach(strict), old)).toEqual(shownBy(strict));
    } finally {
      await strict.remove();
    }
  });

  it('is reported to lack the line when its key is accepted from another file', async () => {
    const two = await startSshd({
      accounts: [account],
      settings: [`AuthorizedKeysCommand /bin/echo ${old.publicKey}`, 'AuthorizedKeysCommandUser root'],
    });
    try {
      await put(`${other.publicKey}\n`);
      expect(await codeOf(addKey(reach(two), old, fresh))).toBe('HOST_LINE_ABSENT');
      expect(await content(two)).toBe(`${other.publicKey}\n`);
    } finally {
      await two.remove();
    }
  });

  it('gets the old line back when the new key fails to log in without it', async () => {
    const file = `# before\r\nno-pty ${old.publicKey} me\n${fresh.publicKey}`;
    await put(file);
    let logins = 0;
    const failing: Hosts = {
      login: (...args) => hosts.login(args[0], ++logins === 2 ? makeKey().privateKey : args[1], args[2]),
    };
    expect(await codeOf(removeKey(reach(sshd, { hosts: failing }), old, fresh))).toBe('LOGIN_LOST');
    expect(await content(sshd)).toBe(file);
    expect(await letIn(sshd)).toEqual({ old: true, fresh: true });
  });

  it('loses no line of anyone when two rotations and a stranger edit at once', async () => {
    const pairs = Array.from({ length: 2 }, () => [makeKey(), makeKey()] as const);
    await put(`${pairs.map(([a]) => `${a.publicKey}\n`).join('')}${other.publicKey} edits\n`);
    const rotate = async ([a, b]: readonly [KeyHalves, KeyHalves]) => {
      const again = async (act: () => Promise<unknown>) => {
        while ((await codeOf(act())) === 'HOST_FILE_CHANGING');
      };
      for (let round = 0; round < 4; round += 1) {
        await again(() => addKey(reach(sshd), a, b));
        await again(() => removeKey(reach(sshd), a, b));
        await again(() => addKey(reach(sshd), b, a));
        await again(() => removeKey(reach(sshd), b, a));
      }
    };
    const session = await hosts.login(reach(sshd).host, other.privateKey, reach(sshd).options);
    const append = async () => {
      for (let line = 0; line < 10; line += 1) {
        let answer: string | undefined;
        while (answer !== 'replaced') {
          const { text, digest } = await session.read();
          answer = await session.replace(digest, `${text}# ${line}\n`);
        }
      }
      await session.close();
    };
    await Promise.all([...pairs.map(rotate), append()]);
    const lines = (await content(sshd)).trimEnd().split('\n');
    const expected = [...pairs.map(([a]) => a.publicKey), `${other.publicKey} edits`];
    expect(lines.toSorted()).toEqual([...expected, ...Array.from({ length: 10 }, (_, line) => `# ${line}`)].toSorted());
    expect(await clutter(sshd)).toEqual([]);
  });

  it('has either the old file or the new one wherever the connection is cut, and goes on from there', async () => {
    const line = await cable(sshd.port);
    const padding = `# ${'x'.repeat(100)}\n`.repeat(400);
    const through: HostAccess = { ...reach(sshd), host: { ...reach(sshd).host, port: line.port } };
    try {
      const before = `${padding}${old.publicKey}\n`;
      const after = `${before}${fresh.publicKey}\n`;
      await put(before);
      line.cutAfter(Number.POSITIVE_INFINITY);
      await addKey(through, old, fresh);
      const whole = line.carried();
      expect(whole).toBeGreaterThan(padding.length);
      // Before the login, in it, in the content, around its last packets.
      const cuts = [
        0,
        500,
        1500,
        2500,
        3500,
        5_000,
        whole >> 1,
        ...Array.from({ length: 9 }, (_, at) => whole - at * 50),
      ];
      for (const cut of cuts) {
        await put(before);
        line.cutAfter(cut);
        const code = await codeOf(addKey(through, old, fresh));
        expect(['HOST_UNREACHABLE', 'fulfilled']).toContain(code);
        await expect.poll(() => clutter(sshd), patiently).toEqual([]);
        expect([before, after]).toContain(await content(sshd));
        line.cutAfter(Number.POSITIVE_INFINITY);
        await addKey(through, old, fresh);
        expect(await content(sshd)).toBe(after);
      }
    } finally {
      await line.close();
    }
  });
});

describe.each(['bash', 'dash', 'zsh', 'ksh', 'tcsh', 'fish'])('an account whose login shell is %s', (shell) => {
  it('goes from one key to the next, whatever its rc files print', async (context) => {
    const why = noAccounts() ?? (isInstalled(shell) ? undefined : `${shell} is not installed`);
    if (why) context.skip(why);
    const account = await makeAccount(join(await folderOf(shell), shell));
    const sshd = await startSshd({ accounts: [account] });
    try {
      for (const rc of ['.bashrc', '.zshenv', '.tcshrc', '.ssh/rc']) {
        await writeAs(account, join(account.home, rc), 'echo welcome; echo more\n');
      }
      await mkdir(join(account.home, '.config', 'fish'), { recursive: true });
      await writeFile(join(account.home, '.config', 'fish', 'config.fish'), 'echo welcome\n');
      await writeAs(account, sshd.keysFile(), `${old.publicKey}\n`);
      await cycle(sshd);
    } finally {
      await sshd.remove();
      await account.remove();
    }
  });
});

describe('the account that runs the tests, with a home of its own', () => {
  it('goes from one key to the next', async (context) => {
    const why = noSshd();
    if (why) context.skip(why);
    const sshd = await startSshd();
    try {
      await sshd.permit([other.publicKey, `${old.publicKey} me`]);
      await cycle(sshd);
      expect(await content(sshd)).toBe(`${other.publicKey}\n${fresh.publicKey} me\n`);
    } finally {
      await sshd.remove();
    }
  });
});

const folderOf = async (program: string): Promise<string> => {
  for (const at of (process.env.PATH ?? '').split(':')) {
    if (await stat(join(at, program)).catch(() => undefined)) return at;
  }
  return '/bin';
};
