// What the demos of rotation share: a stack, a host with a real sshd, and a key pair whose public line lets somebody in there. Every
// request that they make is printed with its answer.
import { spawnSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { readersStore } from '../../lib/platforms/readers-store.ts';
import { fail } from '../fail.ts';
import { configPath, nameOfUser, sshdProgram, startSshd } from '../sshd.ts';
import { startStack } from '../stack/stack.ts';
import { fetchHere } from './fetch-here.ts';
import { passingFolder } from './passing-folder.ts';

export const say = (line = '') => process.stdout.write(`${line}\n`);
const identity = { provider: 'ecs', account: 'default', region: 'cn-hangzhou', name: 'web:prod' } as const;
const query = `?region=${identity.region}`;

interface Pair {
  readonly versions: readonly { readonly id: string; readonly keyPairId: string; readonly publicKey: string }[];
  readonly lingering?: readonly { readonly id: string }[];
  readonly ownName?: { readonly current: boolean; readonly code?: string };
}
export interface Rotation {
  readonly id: string;
  readonly state: string;
  readonly successor?: { readonly keyPairName: string; readonly keyPairId: string };
}

export async function demoScene() {
  if (sshdProgram() === undefined) fail('sshd is not installed here (Debian: apt-get install openssh-server)', 1);
  if (spawnSync('ssh', ['-V']).error) fail('ssh is not installed here (Debian: apt-get install openssh-client)', 1);
  if (nameOfUser() === undefined)
    fail(
      `ssh and sshd do not work for a user without a name: that of uid ${process.getuid?.()} is missing in /etc/passwd`,
      1,
    );
  const home = passingFolder();
  const [stack, host] = await Promise.all([
    startStack({ port: 0, cloudsPort: 0, home, recoverEveryMs: 1_000 }),
    startSshd(),
  ]);
  say(`keyvend at ${stack.endpoint}, a host at ${host.user}@${host.host}:${host.port}`);

  /** @param below the key pair's path */
  const pathOf = (below = '') => `/v1/ecs/key-pairs/${encodeURIComponent(identity.name)}${below}${query}`;

  async function ask(method: string, to: string, body?: object): Promise<unknown> {
    const text = body === undefined ? {} : { body: JSON.stringify(body) };
    const headers = { authorization: `Bearer ${stack.token}`, ...(body && { 'content-type': 'application/json' }) };
    const answer = await fetchHere(`${stack.endpoint}${to}`, { method, headers, ...text });
    const said = await answer.text();
    say(`\n${method} ${to}${body === undefined ? '' : ` ${text.body}`}`);
    say(`  ${answer.status} ${said}`);
    if (!answer.ok) throw new Error(`${method} ${to} was answered ${answer.status}`);
    return JSON.parse(said);
  }

  async function read(to: string): Promise<unknown> {
    const answer = await fetchHere(`${stack.endpoint}${to}`, { headers: { authorization: `Bearer ${stack.token}` } });
    return answer.json();
  }

  async function until<T>(to: string, isThere: (seen: T) => boolean): Promise<T> {
    for (let tries = 0; tries < 600; tries += 1) {
      const seen = (await read(to)) as T;
      if (isThere(seen)) return seen;
      await wait(100);
    }
    throw new Error(`what was waited for did not come: ${to}`);
  }

  return {
    stack,
    host,
    identity,
    pathOf,
    ask,
    keyPair: async () => (await read(pathOf())) as Pair,
    untilKeyPair: (isThere: (pair: Pair) => boolean) => until<Pair>(pathOf(), isThere),
    reaches: (id: string, state: string) =>
      until<Rotation>(
        pathOf(`/rotations/${id}`),
        (rotation) => rotation.state === state || rotation.state === 'purged',
      ),

    async vendAndPermit(): Promise<void> {
      const { region, name } = identity;
      await ask('POST', '/v1/ecs/key-pairs', { name, region });
      const { versions } = (await read(pathOf())) as Pair;
      await host.permit([`${versions[0]!.publicKey} deploy`]);
      say(`\nhost: its public line is put into ${host.user}'s authorized_keys`);
    },

    /** Lists the host, with an overlap of some seconds. */
    listHost: (overlapS: number, more: object = {}) =>
      ask('PUT', pathOf('/policy'), {
        overlapDays: overlapS / 86_400,
        ...more,
        hosts: [{ host: host.host, port: host.port, user: host.user, hostKeys: host.hostKeys.fingerprints }],
      }),

    /** What a reader gets, as `npx keyvend key` does. */
    async stored(): Promise<string> {
      const store = await readersStore({ KEYVEND_HOME: home });
      const key = await store.reveal(identity);
      await store.close();
      return key?.reveal() ?? '';
    },

    /** @param expected whether the host should let it in */
    async tryLogin(what: string, key: string, expected = true): Promise<void> {
      const file = join(home, 'key');
      await writeFile(file, key, { mode: 0o600 });
      const options = [
        'BatchMode=yes',
        'IdentitiesOnly=yes',
        'StrictHostKeyChecking=no',
        'UserKnownHostsFile=/dev/null',
      ];
      const words = [
        ...['-F', 'none', '-p', String(host.port)],
        ...[...options, 'LogLevel=ERROR', `IdentityFile=${configPath(file)}`].flatMap((option) => ['-o', option]),
        ...[`${host.user}@${host.host}`, 'true'],
      ];
      const { status, stderr } = spawnSync('ssh', words, { encoding: 'utf8' });
      await rm(file);
      // 255 is ssh's own: of a refusal, and of whatever else it could not do.
      const failed = status !== 0 && !stderr.includes('Permission denied');
      say(`  ssh with ${what}: ${status === 0 ? 'in' : failed ? `fails: ${stderr.trim()}` : 'refused'}`);
      if (failed || (status === 0) !== expected) process.exitCode = 1;
    },

    async close(): Promise<void> {
      await stack.stop();
      await host.remove();
    },
  };
}
