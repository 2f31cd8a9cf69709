// The command line as somebody types it who knows it a little.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { failures } from '../../../lib/errors.ts';
import { options } from '../../../local/commands/options.ts';
import { commands } from '../../../local/commands/table.ts';
import { exitCodeOf, exitCodes } from '../../../local/exit-codes.ts';

function keyvend(words: readonly string[], ...switches: string[]) {
  const all = [...switches, 'local/keyvend.ts', ...words];
  return spawnSync(process.execPath, all, { encoding: 'utf8', env: { ...process.env, KEYVEND_HOME: '/nowhere' } });
}

describe('keyvend help', () => {
  it.each(commands.map(({ name }) => name))('says what %s does, with an example that can be typed', (name) => {
    const { status, stdout, stderr } = keyvend(['help', ...name.split(' ')]);
    const row = commands.find((one) => one.name === name)!;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.startsWith(`Usage: keyvend ${name} `)).toBe(true);
    expect(stdout).toContain(`  keyvend ${row.examples[0]}`);
    for (const example of row.examples) {
      expect(example.startsWith(name)).toBe(true);
      const flags = [...example.split(' -- ')[0]!.matchAll(/--([a-z-]+)/g)].map(([, flag]) => flag);
      const known = row.options.map((option) => /--([a-z-]+)/.exec(options[option].flags)![1]);
      expect(known).toEqual(expect.arrayContaining(flags));
    }
  });

  it('loads the rows of the commands and nothing that a command needs to run', () => {
    const { stderr, stdout } = keyvend(['--help'], '--import', './tests/doubles/modules-loaded.ts');
    expect(stdout).toContain('Key pairs:');
    const loaded = JSON.parse(stderr) as string[];
    const beside = loaded.filter((path) => !/^(local\/commands\/|node_modules\/commander\/)/.test(path));
    expect(beside.sort()).toEqual(['lib/platforms/switches.ts', 'local/fail.ts', 'local/keyvend.ts']);
  });
});

describe('what is printed', () => {
  it('may be read in part: a pipe that was closed is no failure', async () => {
    const child = spawn(process.execPath, ['local/keyvend.ts', 'help'], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (bytes) => {
      stderr += bytes;
    });
    const [status] = await once(child, 'close');
    expect([status, stderr]).toEqual([0, '']);
  });
});

describe('a line that is not understood', () => {
  it.each([
    [['rotat'], "unknown command 'rotat'. Did you mean rotate? See: keyvend help"],
    [[], 'a command is needed; see: keyvend help'],
    [['rotation', 'wiat', 'ens', 'web'], "unknown command 'wiat'. Did you mean wait? See: keyvend help rotation"],
    [['rotation'], 'rotation takes one of show, wait, cancel, waive; see: keyvend help rotation'],
    [['show', 'ens'], 'name is missing; see: keyvend help show'],
    [['show', 'ens', 'web', '--jsno'], "unknown option '--jsno'. Did you mean --json? See: keyvend help show"],
    [['show', 'ecs', 'web'], '--region is needed for ecs and cvm'],
    [['help', 'rotation', 'wiat'], "unknown command 'wiat'. Did you mean wait? See: keyvend help rotation"],
  ])('is answered with the wrong word and where to read on: %j', (words, said) => {
    const { status, stdout, stderr } = keyvend(words);
    expect({ status, stdout, stderr }).toEqual({ status: 2, stdout: '', stderr: `keyvend: ${said}\n` });
  });
});

describe('the code that a command ends with', () => {
  it('is one that is documented, for every failure there is', () => {
    const codes = Object.keys(failures).map((code) => exitCodeOf(code));
    expect(codes.filter((code) => !(code in exitCodes))).toEqual([]);
  });

  it.each([
    ['KEY_PAIR_ABSENT', 3],
    ['TOKEN_EXPIRED', 4],
    ['FORBIDDEN', 4],
    ['NAME_TAKEN', 5],
    ['QUOTA_REACHED', 6],
    ['RATE_LIMITED', 6],
    ['INVALID_REQUEST', 2],
    ['CLOUD_UNREACHABLE', 1],
  ])('of %s is %i', (code, exit) => expect(exitCodeOf(code)).toBe(exit));

  it('follows the status where a newer server has codes that are not known here', () => {
    expect([exitCodeOf('NEWER', 404), exitCodeOf('NEWER', 409), exitCodeOf('NEWER', 500)]).toEqual([3, 5, 1]);
  });
});
