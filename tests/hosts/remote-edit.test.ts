// The remote commands, given to the shells of this machine as sshd would give them to an account's.
import { type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Printed, type RemoteCommand, readCommand, replaceCommand } from '../../lib/hosts/remote-edit.ts';
import { isInstalled } from '../moto.ts';
import { codeOf } from './keys.ts';

const isRoot = process.getuid?.() === 0;
const nobody = 65_534;
const chattr = 'chattr';
let home: string;
let file: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'keyvend-home-'));
  file = join(home, '.ssh', 'authorized_keys');
  await mkdir(join(home, '.ssh'), { mode: 0o700 });
});
afterEach(() => rm(home, { recursive: true, force: true }));

const put = (text: string, mode = 0o600) => writeFile(file, text, { encoding: 'latin1', mode });
const content = () => readFile(file, 'latin1');
const others = async () => (await readdir(join(home, '.ssh'))).filter((name) => name !== 'authorized_keys');

interface How extends SpawnOptions {
  readonly shell?: string;
  readonly change?: (command: string) => string;
  readonly input?: (whole: Buffer) => Buffer;
}

async function printed<T>(command: RemoteCommand<T>, how: How = {}): Promise<Printed> {
  const { shell = 'sh', change = (same) => same, input = (whole) => whole, ...options } = how;
  const env = { ...process.env, HOME: home, ...options.env };
  const child = spawn(shell, ['-c', change(command.command)], { ...options, env, stdio: ['pipe', 'pipe', 'pipe'] });
  const parts: Buffer[] = [];
  child.stdout!.on('data', (part: Buffer) => parts.push(part));
  child.stderr!.resume();
  child.stdin!.on('error', () => {}); // a command may end without having read it
  child.stdin!.end(input(command.input));
  await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject));
  return { text: Buffer.concat(parts).toString('latin1'), lost: false };
}

const run = async <T>(command: RemoteCommand<T>, how?: How): Promise<T> => command.answer(await printed(command, how));
const read = (how?: How) => run(readCommand(), how);
const replace = (digest: string, text: string, how?: How) => run(replaceCommand(digest, text, 60_000), how);

const everything = Array.from({ length: 256 }, (_, octet) => String.fromCharCode(octet)).join('');

describe.each(['sh', 'dash', 'bash', 'rbash', 'zsh', 'ksh', 'mksh', 'csh', 'tcsh', 'fish'])(
  'the commands given to %s',
  (shell) => {
    beforeEach((context) => {
      if (!isInstalled(shell)) context.skip(`${shell} is not installed`);
    });

    it('read every byte, replace every byte, and keep the mode', async () => {
      await put(everything, 0o640);
      const before = await read({ shell });
      expect(before.text).toBe(everything);
      expect(await replace(before.digest, `${everything}\r\nnew`, { shell })).toBe('replaced');
      expect(await content()).toBe(`${everything}\r\nnew`);
      expect((await stat(file)).mode & 0o777).toBe(0o640);
      expect(await others()).toEqual([]);
    });

    it('write nothing when the file is not the expected one any more', async () => {
      await put('one');
      const { digest } = await read({ shell });
      await put('two');
      expect(await replace(digest, 'three', { shell })).toBe('changed');
      expect(await content()).toBe('two');
      expect(await others()).toEqual([]);
    });
  },
);

describe('editing with few tools', () => {
  const withoutMorePath = (command: string) => command.replace('PATH=$PATH:/usr/local/bin:/usr/bin:/bin;', '');

  /** Hosts have what they have: here a shell and these programs. */
  async function only(...programs: readonly string[]): Promise<How> {
    const folder = join(home, 'bin');
    await mkdir(folder);
    for (const name of ['sh', ...programs]) {
      const { stdout } = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
      await symlink(stdout.trim(), join(folder, name));
    }
    return { shell: join(folder, 'sh'), env: { PATH: folder }, change: withoutMorePath };
  }
  const plain = 'cat wc rm mv cp ln ls dd date mkdir rmdir find sleep readlink'.split(' ');

  it.for([
    ['sha256sum', 'sha256:'],
    ['shasum', 'sha256:'],
    ['openssl', 'sha256:'],
    ['cksum', 'cksum:'],
  ] as const)('works by the digests of %s, and with a directory as the lock', async ([tool, kind], context) => {
    if (!isInstalled(tool)) context.skip(`${tool} is not installed`);
    const how = await only(...plain, tool, ...(tool === 'shasum' ? ['perl'] : []));
    await put('one');
    const { text, digest } = await read(how);
    expect([text, digest.startsWith(kind)]).toEqual(['one', true]);
    expect(await replace(digest, 'two', how)).toBe('replaced');
    expect(await replace(digest, 'three', how)).toBe('changed');
    expect(await content()).toBe('two');
    expect(await others()).toEqual([]);
  });

  it.each(['cat', 'cp', 'mv', 'rm', 'ls', 'date', 'cksum', 'readlink', 'mkdir', 'rmdir', 'sleep'])(
    'is refused before anything is written where there is no %s, and that is said',
    async (absent) => {
      await put('one');
      const { digest } = await read({ change: (command) => command.replace('sum /dev/null', 'false') });
      await rename(file, join(home, 'keys'));
      await symlink(join(home, 'keys'), file);
      const how = await only(...plain, 'cksum');
      await rm(join(home, 'bin', absent));
      const error = await replace(digest, 'two', how).catch((thrown: Error) => thrown);
      expect(error).toMatchObject({ code: 'HOST_TOOL_MISSING' });
      expect((error as Error).message).toMatch(absent === 'cksum' ? 'digest' : `lacks ${absent}`);
      expect(await readFile(join(home, 'keys'), 'latin1')).toBe('one');
      if (absent === 'cksum') expect(await codeOf(read(how))).toBe('HOST_TOOL_MISSING');
    },
  );

  it('is done by another digest where the first tool is there and does not run', async () => {
    const how = await only(...plain, 'cksum');
    await writeFile(join(home, 'bin', 'shasum'), '#!/usr/bin/no-perl\n', { mode: 0o755 });
    await put('one');
    const { digest } = await read(how);
    expect(digest).toMatch(/^cksum:/);
    expect(await replace(digest, 'two', how)).toBe('replaced');
  });

  it("works with busybox's own tools", async (context) => {
    if (!isInstalled('busybox')) context.skip('busybox is not installed');
    const folder = join(home, 'bin');
    await mkdir(folder);
    const { stdout: busybox } = spawnSync('sh', ['-c', 'command -v busybox'], { encoding: 'utf8' });
    const { stdout: names } = spawnSync(busybox.trim(), ['--list'], { encoding: 'utf8' });
    for (const name of names.trim().split('\n')) await symlink(busybox.trim(), join(folder, name));
    const how: How = { shell: join(folder, 'sh'), env: { PATH: folder }, change: withoutMorePath };
    await put(everything, 0o640);
    const { digest } = await read(how);
    expect(await replace(digest, 'two', how)).toBe('replaced');
    expect(await replace(digest, 'three', how)).toBe('changed');
    expect([await content(), (await stat(file)).mode & 0o777]).toEqual(['two', 0o640]);
    expect(await others()).toEqual([]);
  });

  it('waits for the lock, and clears away one that was left behind', async () => {
    const how = await only(...plain, 'cksum');
    await put('one');
    const { digest } = await read(how);
    const lock = join(home, '.ssh', '.keyvend.lock');
    await mkdir(lock);
    const quick: How = { ...how, change: (command) => how.change!(command).replace('-lt 12', '-lt 2') };
    expect(await replace(digest, 'two', quick)).toBe('changed');
    expect(await content()).toBe('one');
    const before = new Date(Date.now() - 3_600_000);
    await utimes(lock, before, before);
    expect(await replace(digest, 'two', quick)).toBe('replaced');
    expect(await content()).toBe('two');
    expect(await others()).toEqual([]);
  });
});

describe('the file', () => {
  it('may be absent, which counts as empty', async () => {
    const { text, digest } = await read();
    expect(text).toBe('');
    expect(await replace(digest, 'new\n')).toBe('replaced');
    expect(await content()).toBe('new\n');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('may be a chain of links, which stay; the file they lead to is replaced where it is', async () => {
    const elsewhere = join(home, 'else where');
    await mkdir(elsewhere);
    await writeFile(join(elsewhere, 'keys'), 'one');
    await symlink('../else where/middle', file);
    await symlink(join(elsewhere, 'keys'), join(elsewhere, 'middle'));
    const { text, digest } = await read();
    expect(text).toBe('one');
    expect(await replace(digest, 'two')).toBe('replaced');
    expect((await lstat(file)).isSymbolicLink()).toBe(true);
    expect(await readFile(join(elsewhere, 'keys'), 'utf8')).toBe('two');
    expect((await readdir(elsewhere)).sort()).toEqual(['keys', 'middle']);
  });

  it('is refused when it is a ring of links or a directory', async () => {
    await symlink('authorized_keys', file);
    expect(await codeOf(read())).toBe('HOST_FILE_UNUSABLE');
    await rm(file);
    await mkdir(file);
    expect(await codeOf(read())).toBe('HOST_FILE_UNUSABLE');
  });

  it('keeps its owner and group when root edits', async (context) => {
    if (!isRoot) context.skip('only root can give files away');
    await put('one');
    await chown(file, nobody, 12_345);
    expect(await replace((await read()).digest, 'two')).toBe('replaced');
    expect(await stat(file)).toMatchObject({ uid: nobody, gid: 12_345 });
  });

  describe('with extended attributes of users', () => {
    const attributes = { 'user.origin': 'image 7 = "x"', 'user.empty.not': '\xff\0\n', 'user.note': 'caf\xe9' };
    const python = (...lines: string[]) =>
      spawnSync('python3', ['-c', ['import os,sys', ...lines].join('\n'), file], { encoding: 'latin1' });
    const setAll = () =>
      Object.entries(attributes).every(([name, value]) => {
        const bytes = `bytes.fromhex("${Buffer.from(value, 'latin1').toString('hex')}")`;
        return python(`os.setxattr(sys.argv[1], "${name}", ${bytes})`).status === 0;
      });
    const all = () =>
      Object.fromEntries(
        python('for n in os.listxattr(sys.argv[1]):', '  print(n, os.getxattr(sys.argv[1], n).hex())')
          .stdout.trim()
          .split('\n')
          .map((line) => line.split(' '))
          .map(([name, hex = '']) => [name, Buffer.from(hex, 'hex').toString('latin1')]),
      );
    beforeEach(async (context) => {
      await put('one', 0o640);
      if (!isInstalled('python3')) context.skip('python3 is not installed');
      if (!setAll()) context.skip('the file system has no such attributes');
    });

    it('keeps them where cp copies them', async (context) => {
      const { stdout } = spawnSync('cp', ['--help'], { encoding: 'utf8' });
      if (!/xattr/.test(stdout)) context.skip('cp does not copy them');
      expect(await replace((await read()).digest, 'two')).toBe('replaced');
      expect([await content(), (await stat(file)).mode & 0o777, all()]).toEqual(['two', 0o640, attributes]);
    });

    it('keeps them where there are tools for them', async (context) => {
      if (!isInstalled('getfattr') || !isInstalled('setfattr')) context.skip('getfattr is not installed');
      const without = { change: (command: string) => command.replace('cp -p --preserve=xattr', 'false') };
      expect(await replace((await read()).digest, 'two', without)).toBe('replaced');
      expect([await content(), (await stat(file)).mode & 0o777, all()]).toEqual(['two', 0o640, attributes]);
    });

    it('is replaced all the same where there is neither', async () => {
      const change = (command: string) =>
        command.replace('cp -p --preserve=xattr', 'false').replace('getfattr', 'no-getfattr');
      expect(await replace((await read()).digest, 'two', { change })).toBe('replaced');
      expect([await content(), (await stat(file)).mode & 0o777]).toEqual(['two', 0o640]);
    });
  });

  it('is not touched when the new one arrives in part, or too late', async () => {
    await put('one');
    const { digest } = await read();
    expect(await codeOf(replace(digest, 'two', { input: (all) => all.subarray(0, 2) }))).toBe('HOST_UNREACHABLE');
    const late = (command: string) => command.replace(/-le \d+/, '-le -1');
    expect(await codeOf(replace(digest, 'two', { change: late }))).toBe('HOST_UNREACHABLE');
    expect(await content()).toBe('one');
    expect(await others()).toEqual([]);
  });

  it('is not even touched when it has changed, and is not replaced when it changes at the last moment', async () => {
    await put('one');
    const { digest } = await read();
    await put('two');
    const { ctimeMs } = await stat(file);
    expect(await replace(digest, 'three')).toBe('changed');
    expect((await stat(file)).ctimeMs).toBe(ctimeMs);
    const meanwhile = 'echo theirs >"$HOME/theirs"; mv "$HOME/theirs" "$f"; dd if=';
    const change = (command: string) => command.replace('dd if=', meanwhile);
    expect(await replace((await read()).digest, 'three', { change })).toBe('changed');
    expect(await content()).toBe('theirs\n');
  });

  it('gets back the line that someone appended without the lock while it was replaced', async () => {
    await put('one\n');
    const { digest } = await read();
    const meanwhile = (command: string) => command.replace('mv -f', 'echo theirs >>"$f"; mv -f');
    expect(await replace(digest, 'two\n', { change: meanwhile })).toBe('changed');
    expect(await content()).toBe('one\ntheirs\n');
    expect(await others()).toEqual([]);
  });

  it('is rid of what killed edits left beside it, once that is old', async () => {
    await put('one');
    const { digest } = await read();
    const left = ['aa.new', 'bb.was'].map((name) => join(home, '.ssh', `.keyvend.${name}`));
    for (const path of left) await writeFile(path, 'x');
    const long = new Date(Date.now() - 3_600_000);
    await utimes(left[1]!, long, long);
    expect(await replace(digest, 'two')).toBe('replaced');
    expect(await others()).toEqual(['.keyvend.aa.new']);
  });

  it('is not replaced by an edit that was killed half-way, which is not taken for a forced command', async () => {
    await put('one');
    const { digest } = await read();
    const killed = (command: string) => command.replace('mv -f', () => 'kill -9 $$; mv -f');
    expect(await codeOf(replace(digest, 'two', { change: killed }))).toBe('HOST_UNREACHABLE');
    expect(await content()).toBe('one');
    expect(await replace(digest, 'two')).toBe('replaced');
  });

  it('is readable by nobody else while the new one is on its way', async () => {
    await put('one', 0o644);
    const { digest } = await read();
    const look = 'ls -la "$d" >"$HOME/seen"; dd if=';
    const change = (command: string) => command.replace('exec', 'umask 000; exec').replace('dd if=', look);
    expect(await replace(digest, 'two', { change })).toBe('replaced');
    const seen = await readFile(join(home, 'seen'), 'utf8');
    expect(seen).toMatch(/^-rw-------.*\.new$/m);
  });
});

describe('an edit that needs rights', () => {
  const asNobody: How = { uid: nobody, gid: nobody };
  beforeEach(async (context) => {
    if (!isRoot) context.skip('only root can act as others');
    await put('one');
    for (const path of [home, join(home, '.ssh'), file]) await chown(path, nobody, nobody);
  });
  const refused = async (how: How = asNobody): Promise<string> => {
    const { digest } = await read();
    const error = await replace(digest, 'two', how).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ code: 'HOST_FILE_UNUSABLE' });
    expect(await content()).toBe('one');
    expect(await others()).toEqual([]);
    return (error as Error).message;
  };

  it('succeeds for a user who owns the file and its directory', async () => {
    expect(await replace((await read(asNobody)).digest, 'two', asNobody)).toBe('replaced');
    expect(await stat(file)).toMatchObject({ uid: nobody, gid: nobody });
  });

  it('is refused when the directory cannot be written', async () => {
    await chmod(join(home, '.ssh'), 0o500);
    expect(await refused()).toMatch('directory');
  });

  it('is refused when the file cannot be read', async () => {
    await chmod(file, 0o000);
    expect(await codeOf(read(asNobody))).toBe('HOST_FILE_UNUSABLE');
  });

  it.each([[asNobody], [{}]])('is refused when the file is read-only, even to root (as %j)', async (how) => {
    await chmod(file, 0o400);
    expect(await refused(how)).toMatch('its owner');
  });

  it('is refused when the file could not keep its owner', async () => {
    await chown(file, 0, 0);
    await chmod(file, 0o644);
    expect(await refused()).toMatch('owner');
  });

  it('is refused when the file is immutable', async (context) => {
    if (spawnSync(chattr, ['+i', file]).status !== 0) context.skip('chattr does not work here');
    try {
      expect(await refused({})).toMatch('immutable');
    } finally {
      spawnSync(chattr, ['-i', file]);
    }
  });
});

describe('the output of a command', () => {
  it('may come after anything, without a line end in between', async () => {
    await put('one\n');
    const noise = (command: string) => `printf "welcome%s" "${'x'.repeat(5_000)}"; ${command}; echo bye`;
    expect((await read({ change: noise })).text).toBe('one\n');
    const { digest } = await read();
    expect(await replace(digest, 'two', { change: noise })).toBe('replaced');
  });

  it.each([
    ['nothing', () => ''],
    ['the command that was refused', (command: string) => `refused: ${command}\n`],
    ['the words of an answer', () => 'read sha256: 0\n\nend\nreplaced\n'],
  ])('is taken for that of a forced command when it is %s', (_what, text) => {
    for (const command of [readCommand(), replaceCommand(`sha256:${'0'.repeat(64)}`, 'x', 1)]) {
      expect(() => command.answer({ text: text(command.command), lost: false })).toThrowError(
        expect.objectContaining({ code: 'HOST_COMMAND_FORCED' }),
      );
      expect(() => command.answer({ text: text(command.command), lost: true })).toThrowError(
        expect.objectContaining({ code: 'HOST_UNREACHABLE' }),
      );
    }
  });

  it('counts even if the connection is lost after it, and does not when it is cut short', async () => {
    await put('one\ntwo\n');
    const command = readCommand();
    const { text } = await printed(command);
    expect(command.answer({ text, lost: true })).toMatchObject({ text: 'one\ntwo\n' });
    for (let length = 0; length < text.length; length += 1) {
      const cut = { text: text.slice(0, length), lost: true };
      expect(() => command.answer(cut)).toThrowError(expect.objectContaining({ code: 'HOST_UNREACHABLE' }));
    }
  });

  it('never gets the content of the file into an error', async () => {
    await put('very-secret-line');
    const { digest } = await read();
    const errors = [
      await read({ change: (command) => command.replace('&& say end', '') }).catch((thrown: Error) => thrown),
      await replace(digest, 'very-secret-text', { input: () => Buffer.alloc(0) }).catch((thrown: Error) => thrown),
    ];
    for (const error of errors as Error[]) expect(`${error.stack} ${error.cause}`).not.toMatch('secret');
  });
});

describe('several edits at once', () => {
  const rounds = 15;

  /** Reads, appends a line, replaces; again when others were faster. */
  async function editor(name: string, how?: How): Promise<void> {
    for (let round = 0; round < rounds; round += 1) {
      let answer: string | undefined;
      while (answer !== 'replaced') {
        const { text, digest } = await read(how);
        answer = await replace(digest, `${text}${name}-${round}\n`, how);
      }
    }
  }

  /** A stranger's edits, with the lock on the directory and without any idea of ours. */
  const appender = async (name: string, lock: string) => {
    for (let round = 0; round < rounds; round += 1) {
      const child = spawn('sh', ['-c', `${lock} sh -c 'echo ${name}-${round} >> "$HOME/.ssh/authorized_keys"'`], {
        env: { ...process.env, HOME: home },
        stdio: 'ignore',
      });
      await new Promise((resolve) => child.once('close', resolve));
    }
  };
  const expected = (...names: string[]) =>
    names.flatMap((name) => Array.from({ length: rounds }, (_, round) => `${name}-${round}`)).sort();
  const lines = async () => (await content()).trim().split('\n').sort();

  it('lose no line of anyone, not even of a stranger who takes the lock', async (context) => {
    if (!isInstalled('flock')) context.skip('flock is not installed');
    await put('');
    await Promise.all([editor('a'), editor('b'), appender('c', 'flock "$HOME/.ssh"')]);
    expect(await lines()).toEqual(expected('a', 'b', 'c'));
    expect(await others()).toEqual([]);
  });

  it('lose no line of anyone where a directory is the lock', async () => {
    const how: How = { change: (command) => command.replace('command -v flock', 'false') };
    await put('');
    await Promise.all([editor('a', how), editor('b', how)]);
    expect(await lines()).toEqual(expected('a', 'b'));
    expect(await others()).toEqual([]);
  });
});
