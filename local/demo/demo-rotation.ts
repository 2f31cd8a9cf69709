// `npm run demo -- --rotate`: a key pair vended, let in by a real sshd, and rotated: logins with the real ssh before, in the overlap
// and after it. Leaves nothing behind.
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { readersStore } from '../../lib/platforms/readers-store.ts';
import { fail } from '../fail.ts';
import { sshdProgram, startSshd } from '../sshd.ts';
import { startStack } from '../stack/stack.ts';

const say = (line = '') => process.stdout.write(`${line}\n`);
if (sshdProgram() === undefined) fail('sshd is not installed here (Debian: apt-get install openssh-server)', 1);
if (spawnSync('ssh', ['-V']).error) fail('ssh is not installed here (Debian: apt-get install openssh-client)', 1);

const OVERLAP_S = 5;
const identity = { provider: 'ecs', account: 'default', region: 'cn-hangzhou', name: 'web:prod' } as const;
const home = await mkdtemp(join(tmpdir(), 'keyvend-demo-'));
const [stack, host] = await Promise.all([
  startStack({ port: 0, cloudsPort: 0, home, recoverEveryMs: 1_000 }),
  startSshd(),
]);
const login = `${host.user}@${host.host}:${host.port}`;
say(`keyvend at ${stack.endpoint}, a host at ${login}`);

interface Pair {
  readonly versions: readonly { readonly id: string; readonly keyPairId: string; readonly publicKey: string }[];
}
interface Rotation {
  readonly id: string;
  readonly state: string;
  readonly successor?: { readonly keyPairName: string; readonly keyPairId: string };
  readonly hosts: readonly object[];
  readonly lastError?: object;
}
const path = `/v1/ecs/key-pairs/${encodeURIComponent(identity.name)}`;
const query = `?region=${identity.region}`;

try {
  await vendAndPermit();
  await rotate();
} finally {
  await stack.stop();
  await host.remove();
  await rm(home, { recursive: true });
}

async function vendAndPermit(): Promise<void> {
  const { region, name } = identity;
  await ask('POST', '/v1/ecs/key-pairs', { name, region });
  const { versions } = (await read(`${path}${query}`)) as Pair;
  await host.permit([`${versions[0]!.publicKey} deploy`]);
  say(`\nhost: its public line is put into ${host.user}'s authorized_keys`);
}

async function rotate(): Promise<void> {
  const old = (await stored())!;
  await tryLogin('the key', old);
  const listed = { host: host.host, port: host.port, user: host.user, hostKeys: host.hostKeys.fingerprints };
  await ask('PUT', `${path}/policy${query}`, { overlapDays: OVERLAP_S / 86_400, hosts: [listed] });
  const { id } = (await ask('POST', `${path}/rotations${query}`)) as Rotation;

  const { successor } = await reaches(id, 'promoted');
  say(`\npromoted: readers get ${successor?.keyPairId}, which the cloud calls ${successor?.keyPairName}`);
  await tryLogin('the new key', (await stored())!);
  await tryLogin('the old key, in its overlap', old);

  await reaches(id, 'old-key-removed');
  say(`\nold key removed: the overlap of ${OVERLAP_S} s is over, a week by default`);
  await tryLogin('the new key', (await stored())!);
  await tryLogin('the old key', old, false);
  say(
    '\nthe old pair and its key are purged once nothing that was signed for them can arrive any more, here in 20 minutes',
  );
}

async function ask(method: string, to: string, body?: object): Promise<unknown> {
  const text = body === undefined ? {} : { body: JSON.stringify(body) };
  const headers = { authorization: `Bearer ${stack.token}`, ...(body && { 'content-type': 'application/json' }) };
  const answer = await fetch(`${stack.endpoint}${to}`, { method, headers, ...text });
  const said = await answer.text();
  say(`\n${method} ${to}${body === undefined ? '' : ` ${text.body}`}`);
  say(`  ${answer.status} ${said}`);
  if (!answer.ok) throw new Error(`${method} ${to} was answered ${answer.status}`);
  return JSON.parse(said);
}

async function read(to: string): Promise<unknown> {
  const answer = await fetch(`${stack.endpoint}${to}`, { headers: { authorization: `Bearer ${stack.token}` } });
  return answer.json();
}

/** What a reader gets, as `npx keyvend key` does. */
async function stored(): Promise<string | undefined> {
  const store = await readersStore({ KEYVEND_HOME: home });
  const key = await store.reveal(identity);
  await store.close();
  return key?.reveal();
}

/** @param expected whether the host should let it in */
async function tryLogin(what: string, key: string, expected = true): Promise<void> {
  const file = join(home, 'key');
  await writeFile(file, key, { mode: 0o600 });
  const options = ['BatchMode=yes', 'IdentitiesOnly=yes', 'StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null'];
  const { status } = spawnSync('ssh', [
    ...['-F', 'none', '-q', '-i', file, '-p', String(host.port)],
    ...options.flatMap((option) => ['-o', option]),
    ...[`${host.user}@${host.host}`, 'true'],
  ]);
  await rm(file);
  say(`  ssh with ${what}: ${status === 0 ? 'in' : 'refused'}`);
  if ((status === 0) !== expected) process.exitCode = 1;
}

async function reaches(id: string, state: string): Promise<Rotation> {
  for (let tries = 0; tries < 600; tries += 1) {
    const rotation = (await read(`${path}/rotations/${id}${query}`)) as Rotation;
    if (rotation.state === state || rotation.state === 'purged') return rotation;
    await wait(100);
  }
  throw new Error(`the rotation did not become ${state}`);
}
