// Throw-away accounts of this machine, for hosts whose file belongs to someone who is not root.
import { spawnSync } from 'node:child_process';
import { chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Account, nameOfUser, sshdProgram } from '../../local/sshd.ts';
import { isInstalled } from '../moto.ts';

const programs = { make: 'useradd', remove: 'userdel' };

/** Why tests with a real server cannot run here, or undefined when they can. */
export function noSshd(): string | undefined {
  if (nameOfUser() === undefined) return 'the user who runs this has no name, and sshd lets in nobody without one';
  return sshdProgram() ? undefined : 'sshd is not installed';
}

/** Why there can be no throw-away accounts, or undefined when there can. */
export function noAccounts(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root can make accounts';
  if (!Object.values(programs).every(isInstalled)) return 'useradd is not installed';
  return noSshd();
}

export interface MadeAccount extends Account {
  readonly uid: number;
  readonly gid: number;
  remove(): Promise<void>;
}

/**
 * An account that only keys open, with an empty `.ssh`. Its processes must have ended when it is removed.
 * @param named makes its name of one that nobody else has
 */
export async function makeAccount(
  shell = '/bin/sh',
  named: (plain: string) => string = (plain) => plain,
): Promise<MadeAccount> {
  const home = await mkdtemp(join(tmpdir(), 'keyvend-home-'));
  const user = named(`kv${home.slice(-6).toLowerCase()}${process.pid % 10_000}`);
  const odd = /^[a-z0-9]{1,32}$/.test(user) && !/^\d/.test(user) ? [] : ['--badname']; // Debian's; not everywhere
  // `*` is no password; the `!` that useradd puts by itself locks an account for sshd without PAM.
  await manage(programs.make, '-M', '-d', home, '-s', shell, '-p', '*', '-K', 'MAIL_DIR=/dev/null', ...odd, user);
  const remover = () => void spawnSync(programs.remove, ['-f', user]);
  process.once('exit', remover);
  const [uid, gid] = ['-u', '-g'].map((id) => Number(spawnSync('id', [id, user], { encoding: 'utf8' }).stdout));
  await mkdir(join(home, '.ssh'), { mode: 0o700 });
  for (const path of [home, join(home, '.ssh')]) await chown(path, uid!, gid!);
  return {
    user,
    home,
    uid: uid!,
    gid: gid!,
    async remove() {
      await manage(programs.remove, '-f', user);
      process.off('exit', remover);
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** Writes a file that belongs to the account. */
export async function writeAs({ uid, gid }: MadeAccount, file: string, text: string, mode = 0o600): Promise<void> {
  await writeFile(file, text, { encoding: 'latin1', mode });
  await chown(file, uid, gid);
}

/** One program at a time may change the list of accounts, and the others fail instead of waiting. */
async function manage(program: string, ...args: string[]): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
    if (status === 0) return;
    if (tries === 100 || !/lock/.test(stderr)) throw new Error(`${program}: ${stderr.trim()}`);
    await wait(100);
  }
}
