// The backup of one machine, and its restore, by the commands of docs/on-call.md as they stand there: a machine is lost while its
// clouds go on, and another one takes its place.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Clouds, startClouds } from '../../local/clouds/clouds.ts';
import { shellWord } from '../../local/shell-word.ts';
import { shortWindows } from '../../local/stack/short-windows.ts';
import { isInstalled } from '../moto.ts';
import { type Answered, type Running, start } from './process.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const ecs = { region: 'cn-hangzhou' } as const;
const cvm = { region: 'ap-tokyo', projectId: 0 } as const;

/** The commands between `<!-- run:NAME -->` and `<!-- /run:NAME -->`. */
async function documented(name: string): Promise<string> {
  const page = await readFile(join(root, 'docs/on-call.md'), 'utf8');
  const [, commands] =
    new RegExp(`<!-- run:${name} -->\\n\`\`\`sh\\n([^]*?)\`\`\`\\n<!-- /run:${name} -->`).exec(page) ?? [];
  if (commands === undefined) throw new TypeError(`docs/on-call.md has no commands called ${name}`);
  return commands;
}

let folder: string;
let clouds: Clouds;
let running: Running | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyvend-backup-'));
  clouds = await startClouds();
  await writeFile(join(folder, 'ca.pem'), clouds.ca);
  const { endpoint, credentials } = clouds;
  await writeFile(join(folder, 'access.json'), JSON.stringify({ endpoint, ...credentials }));
});
afterEach(async () => {
  await running?.end('SIGTERM');
  await clouds.close();
  await rm(folder, { recursive: true });
});

const started = async (home: string): Promise<Running> => {
  running = await start(home, {
    KEYVEND_CLOUDS: join(folder, 'access.json'),
    KEYVEND_CLOUDS_CA: join(folder, 'ca.pem'),
    KEYVEND_RECOVERY_MS: '300',
    ...shortWindows,
  });
  return running;
};

/** As somebody types it who stops at the first command that fails. Not in this thread's way: the clouds are here. */
async function types(commands: string, variables: Record<string, string>) {
  const PATH = `${join(root, 'node_modules/.bin')}:${process.env.PATH}`;
  // Without what this process has of vitest's own.
  const env = { PATH, HOME: folder, ...variables };
  const shell = spawn('bash', ['-e', '-c', commands], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, [status]] = await Promise.all([text(shell.stdout), text(shell.stderr), once(shell, 'exit')]);
  return { stdout, stderr, status: status as number | null };
}

/** With a lease this short, a request now and then has too little time left; asked again, it has. */
async function vended(one: Running, provider: string, body: object): Promise<Answered> {
  for (let tries = 1; ; tries += 1) {
    const answer = await one.post(provider, body);
    if (answer.status < 400 || tries === 10) return answer;
    await wait(500);
  }
}

/** The pair is there at once; its key comes later. */
const SLOW = { kind: 'delay', delayMs: 2_500, delayWhen: 'after-commit' } as const;
/** Longer than the lease of these windows. */
const PAUSE = '5';
const removals = () => clouds.admin.requests().filter(({ action }) => action === 'DeleteKeyPairs').length;
const publicKeyOf = (id: unknown): string =>
  clouds.admin
    .pairs()
    .find((pair) => pair.id === id)!
    .publicKey.split(' ')
    .slice(0, 2)
    .join(' ');

describe('a machine that is lost', () => {
  it.skipIf(!isInstalled('ssh-keygen'))(
    'is restored from a backup that was taken while it worked, and goes on from there once that is confirmed',
    { timeout: 120_000 },
    async () => {
      const variables = {
        KEYVEND_HOME: join(folder, 'home'),
        BACKUP: join(folder, 'backup'),
        KEY: join(folder, 'key'),
        PAUSE,
      };
      const { KEYVEND_HOME: home, BACKUP, KEY } = variables;
      const before = await started(home);
      const early = await vended(before, 'ecs', { name: 'early', ...ecs });
      const other = await vended(before, 'cvm', { name: 'early_too', ...cvm });
      expect([early.status, other.status]).toEqual([201, 201]);

      // In the midst of vending, so that requests are under way when the ledger is copied: on record, and their keys not stored yet.
      clouds.admin.addFault({ match: { service: 'ecs', action: 'CreateKeyPair' }, fault: SLOW });
      const acknowledged = new Map<string, unknown>();
      let copying = true;
      const vending = async (caller: number) => {
        // Fewer than the 500 pairs that an account of ECS has, however fast the machine is.
        for (let i = 0; copying && i < 100; i += 1) {
          const name = `busy_${caller}_${i}`;
          const { status, body } = await vended(before, 'ecs', { name, ...ecs });
          // On a machine that is busy, each try may have had too little time; then nothing was acknowledged.
          if (status < 400) acknowledged.set(name, body.keyPairId);
          await wait(50);
        }
      };
      const load = Promise.all([0, 1, 2, 3].map(vending));
      const taken = await types(await documented('backup'), variables);
      copying = false;
      await load;
      expect(taken).toEqual({ stdout: 'whole\n', stderr: '', status: 0 });
      expect(acknowledged.size).toBeGreaterThan(0);
      expect([...acknowledged.values()].every((id) => typeof id === 'string')).toBe(true);
      expect((await readdir(BACKUP)).sort()).toEqual(['ledger.sqlite', 'secrets.sqlite']);
      for (const file of [join(BACKUP, 'ledger.sqlite'), join(BACKUP, 'secrets.sqlite'), KEY])
        expect((await stat(file)).mode & 0o077).toBe(0);

      const late = await vended(before, 'ecs', { name: 'late', ...ecs });
      expect(late.status).toBe(201);
      await before.end('SIGTERM');
      await rm(home, { recursive: true });

      expect(await types(await documented('restore'), variables)).toMatchObject({ status: 0, stderr: '' });
      const after = await started(home);
      await expect.poll(after.printed, { timeout: 10_000 }).toContain('restored or copied');
      // What is on record is answered; what has to be made, or removed, is not.
      const asked = await after.post('ecs', { name: 'early', ...ecs });
      expect([asked.status, asked.body]).toEqual([200, early.body]);
      const refused = await after.post('ecs', { name: 'late', ...ecs });
      expect([refused.status, refused.body.code]).toEqual([503, 'LEDGER_FENCED']);

      const compared = await types(await documented('compare'), variables);
      expect(compared.status).toBe(1);
      expect(compared.stdout).toContain('restored or copied');
      expect(compared.stdout).toMatch(/unrecorded +late\b/);
      expect(compared.stdout).toMatch(/ecs default cn-hangzhou: matched [1-9]/);
      expect(removals()).toBe(0);

      const confirmed = await types(await documented('confirm'), variables);
      expect(confirmed).toMatchObject({ status: 0 });
      expect(confirmed.stdout).toContain('confirmed: this ledger is gone on with');
      // Recovery settles what was under way when the ledger was copied: by the key that is stored, and removing nothing.
      const kindsNow = async (): Promise<Set<string>> => {
        const { stdout } = await types('npx keyvend reconcile --json', variables);
        const places = JSON.parse(stdout) as { findings: { kind: string }[] }[];
        return new Set(places.flatMap(({ findings }) => findings.map(({ kind }) => kind)));
      };
      await expect.poll(kindsNow, { timeout: 40_000, interval: 1_000 }).toEqual(new Set(['unrecorded']));
      expect(removals()).toBe(0);
      const there = new Set(clouds.admin.pairs().map(({ id }) => id));
      expect([...acknowledged].filter(([, id]) => !there.has(String(id)))).toEqual([]);

      for (const [provider, body, answer] of [
        ['ecs', { name: 'early', ...ecs }, early],
        ['cvm', { name: 'early_too', ...cvm }, other],
      ] as const) {
        const again = await after.post(provider, body);
        expect([again.status, again.body]).toEqual([200, answer.body]);
        const file = join(folder, `${body.name}.pem`);
        const read = await types(
          `npx keyvend key ${provider} ${body.name} --region ${body.region} --out ${shellWord(file)}`,
          variables,
        );
        expect(read).toMatchObject({ status: 0, stderr: '' });
        const proved = spawnSync('ssh-keygen', ['-y', '-f', file], { encoding: 'utf8' });
        expect(proved.stdout.trim().split(' ').slice(0, 2).join(' ')).toBe(publicKeyOf(answer.body.keyPairId));
      }
      // What was vended since is there, and nobody's; its name stays taken.
      expect((await after.post('ecs', { name: 'late', ...ecs })).body.code).toBe('NAME_TAKEN');
      expect(clouds.admin.pairs().map(({ id }) => id)).toContain(late.body.keyPairId);
      expect((await vended(after, 'ecs', { name: 'fresh', ...ecs })).status).toBe(201);
      expect(removals()).toBe(0);
    },
  );

  it('is not restored into a folder in which something is already', { timeout: 30_000 }, async () => {
    const variables = {
      KEYVEND_HOME: join(folder, 'home'),
      BACKUP: join(folder, 'backup'),
      KEY: join(folder, 'key'),
      PAUSE: '0',
    };
    const one = await started(variables.KEYVEND_HOME);
    expect((await vended(one, 'ecs', { name: 'early', ...ecs })).status).toBe(201);
    await types(await documented('backup'), variables);
    const { status, stderr } = await types(await documented('restore'), variables);
    expect(status).not.toBe(0);
    expect(stderr).toContain('exists');
    expect((await one.post('ecs', { name: 'early', ...ecs })).status).toBe(200);
  });

  it('does not start without the key of its store, and says so in one line', { timeout: 30_000 }, async () => {
    const home = join(folder, 'home');
    const one = await started(home);
    expect((await vended(one, 'ecs', { name: 'early', ...ecs })).status).toBe(201);
    await one.end('SIGTERM');
    await rm(join(home, 'secrets.key'));
    const env = { ...process.env, KEYVEND_HOME: home, PORT: '0', KEYVEND_CLOUDS_PORT: '0' };
    const child = spawn(process.execPath, ['local/start.ts'], { cwd: root, env, stdio: ['ignore', 'ignore', 'pipe'] });
    const [said, [status]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    expect(status).toBe(1);
    expect(said).toMatch(/^keyvend: The secret store's key file is missing\. .*\n$/);
    expect(await readdir(home)).not.toContain('secrets.key');
  });
});
