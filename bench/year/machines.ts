// The machines of the year: real sshds with two accounts each, where accounts can be made. Lines of several key pairs, and one of
// somebody else's, stand in the file of an account.
import { chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { linesOf, withKeyRemoved } from '../../lib/hosts/authorized-keys.ts';
import type { Host } from '../../lib/hosts/hosts.ts';
import { hostName } from '../../lib/vending/rotation/policy.ts';
import { type Sshd, startSshd } from '../../local/sshd.ts';
import { type MadeAccount, makeAccount, noAccounts } from '../../tests/hosts/accounts.ts';

/** One account on one machine: what a policy lists as a host. */
export interface Account {
  readonly machine: Machine;
  readonly host: Host;
  readonly name: string;
  read(): string;
  write(text: string): void;
}

export interface Machine {
  readonly name: string;
  readonly accounts: readonly Account[];
  readonly isUp: boolean;
  readonly upSinceMs: number;
  down(): Promise<void>;
  up(nowMs: number): Promise<void>;
}

export interface Machines {
  readonly all: readonly Machine[];
  readonly accounts: readonly Account[];
  /** The account that a host of a policy is. */
  of(host: Host): Account;
  remove(): Promise<void>;
}

/** Nobody's key: it must stay where it is. */
const OTHERS = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHNvbWVib2R5IGVsc2Ugd2hvIGlzIG5vdCB1cw== somebody@else\n';
export const hasOthers = (text: string): boolean => text.startsWith(OTHERS);
export const emptied = OTHERS;

/** The file with one key of a key pair, as a person leaves it who puts it there. */
export const withOnly = (text: string, known: readonly string[], publicKey: string): string =>
  `${known.reduce(withKeyRemoved, text)}${publicKey} put by hand\n`;

export const withLine = (text: string, publicKey: string): string =>
  linesOf(text, publicKey).length > 0 ? text : `${text}${publicKey} put by the instance\n`;

export async function startMachines(folder: string, count: number): Promise<Machines> {
  const second = noAccounts() === undefined ? await makeAccount() : undefined;
  process.setMaxListeners(process.getMaxListeners() + count); // each sshd is ended with this process
  const all: (Machine & { readonly sshd: Sshd })[] = [];
  for (let i = 0; i < count; i += 1) all.push(await startMachine(join(folder, `machine-${i + 1}`), second));
  const accounts = all.flatMap((machine) => machine.accounts);
  const byName = new Map(accounts.map((account) => [account.name, account]));
  return {
    all,
    accounts,
    of: (host) => byName.get(hostName(host))!,
    async remove() {
      await Promise.all(all.map(({ sshd }) => sshd.remove()));
      await second?.remove();
    },
  };
}

async function startMachine(folder: string, second: MadeAccount | undefined) {
  const users = [
    { user: userInfo().username, uid: undefined },
    ...(second === undefined ? [] : [{ user: second.user, uid: [second.uid, second.gid] as const }]),
  ];
  const homes = users.map(({ user, uid }) => {
    const home = join(folder, user);
    mkdirSync(join(home, '.ssh'), { recursive: true, mode: 0o755 });
    writeFileSync(join(home, '.ssh', 'authorized_keys'), emptied, { mode: 0o600 });
    const parts = [home, join(home, '.ssh'), join(home, '.ssh', 'authorized_keys')];
    if (uid !== undefined) for (const part of parts) chownSync(part, ...uid);
    return { user, home };
  });
  // Homes lie below a folder that everyone may write to, which sshd would not trust.
  const sshd = await startSshd({ accounts: homes, settings: ['StrictModes no'] });
  let isUp = true;
  let upSinceMs = 0;
  const machine = {
    name: folder.slice(folder.lastIndexOf('/') + 1),
    sshd,
    get isUp() {
      return isUp;
    },
    get upSinceMs() {
      return upSinceMs;
    },
    async down() {
      isUp = false;
      await sshd.stop();
    },
    async up(nowMs: number) {
      await sshd.restart();
      isUp = true;
      upSinceMs = nowMs;
    },
    accounts: [] as Account[],
  };
  for (const { user } of homes) {
    const host: Host = { host: sshd.host, port: sshd.port, user, hostKeys: [sshd.hostKeys.fingerprints[0]!] };
    const file = sshd.keysFile(user);
    machine.accounts.push({
      machine,
      host,
      name: hostName(host),
      read: () => readFileSync(file, 'latin1'),
      write: (text) => writeFileSync(file, text, 'latin1'), // into the file, which keeps its owner and its mode
    });
  }
  return machine;
}
