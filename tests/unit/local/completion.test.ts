// Completion, as a list of candidates and in the shells that are installed.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { candidates } from '../../../local/commands/complete.ts';
import { scripts } from '../../../local/commands/completion-scripts.ts';
import { commands } from '../../../local/commands/table.ts';
import { patiently } from '../../hosts/keys.ts';
import { isInstalled } from '../../moto.ts';

const words = (line: string) => candidates(commands, line).map(({ word }) => word);

describe('what may come next', () => {
  it.each([
    ['keyvend rot', ['rotate', 'rotation']],
    ['keyvend rotation ', ['show', 'wait', 'cancel', 'waive']],
    ['keyvend rotation w', ['wait', 'waive']],
    ['keyvend ledger ', ['confirm']],
    ['keyvend show ', ['ens', 'ecs', 'cvm']],
    ['keyvend show ecs ', []],
    ['keyvend show ecs web:prod --re', ['--region']],
    ['keyvend show --region cn-hangzhou e', ['ens', 'ecs']],
    ['keyvend show ens web --json --j', []],
    ['keyvend rotation waive ens web --host a@b:1 --ho', ['--host']],
    ['keyvend rotation wait ens web --until p', ['promoted', 'purged']],
    ['keyvend list --provider c', ['cvm']],
    ['keyvend key ens web --format p', ['pem', 'pkcs8', 'ppk']],
    ['keyvend show ens web --public-key --format ', ['openssh', 'rfc4716', 'spki', 'jwk']],
    ['keyvend policy set ens web ', [':files']],
    ['keyvend serve --config key', [':files']],
    ['keyvend help rotation ca', ['cancel']],
    ['keyvend he', ['help']],
    ['keyvend completion ', ['bash', 'zsh', 'fish']],
    ['keyvend ssh web -- ro', []],
    ['keyvend nothing ', []],
  ])('after %j', (line, expected) => expect(words(line)).toEqual(expected));

  it('says what each is', () => {
    expect(candidates(commands, 'keyvend doc')).toEqual([
      { word: 'doctor', says: 'try the configuration of a server on the real parts' },
    ]);
  });
});

describe('in a shell', () => {
  let folder: string;
  let env: NodeJS.ProcessEnv;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'keyvend-completion-'));
    const program = `#!/bin/sh\nexec '${process.execPath}' '${resolve('local/keyvend.ts')}' "$@"\n`;
    writeFileSync(join(folder, 'keyvend'), program, { mode: 0o755 });
    for (const [shell, script] of Object.entries(scripts)) writeFileSync(join(folder, `script.${shell}`), script);
    env = { ...process.env, PATH: `${folder}:${process.env.PATH}`, HOME: folder, TERM: 'dumb' };
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** A terminal with that shell in it. @returns what is on it after the line and the key were typed, once it has `until` */
  async function typed(shell: string, setUp: string, line: string, until: string): Promise<void> {
    const child: ChildProcess = spawn('script', ['-qfc', shell, '/dev/null'], { cwd: folder, env });
    let shown = '';
    child.stdout!.on('data', (bytes) => {
      shown += bytes;
    });
    const ended = once(child, 'exit');
    try {
      child.stdin!.write(`${setUp}; echo rea''dy\n`);
      await expect.poll(() => shown, patiently).toMatch(/^ready/m);
      shown = '';
      child.stdin!.write(`${line}\t`);
      await expect.poll(() => shown.replaceAll('\u0007', ''), patiently).toContain(until); // without its bells
    } finally {
      child.kill();
      await ended;
    }
  }

  it.each([
    ['keyvend rotation canc', 'keyvend rotation cancel '],
    ['keyvend show ecs web:prod --reg', 'keyvend show ecs web:prod --region '],
    ['keyvend policy set ens web scri', 'script.'],
  ])('bash completes %j, without the package bash-completion', { timeout: 60_000 }, async (line, until) => {
    await typed('bash --norc --noprofile -i', "bind 'set enable-bracketed-paste off'; source script.bash", line, until);
  });

  it.for([
    ['keyvend rotation canc', 'keyvend rotation cancel '],
    ['keyvend show ecs web:prod --reg', 'keyvend show ecs web:prod --region '],
  ] as const)('zsh completes %j', { timeout: 60_000 }, async ([line, until], context) => {
    if (!isInstalled('zsh')) return context.skip('zsh is not installed');
    const setUp = 'unsetopt zle_bracketed_paste; autoload -Uz compinit; compinit -u -D; source script.zsh';
    await typed('zsh -f -i', setUp, line, until);
  });

  it('fish completes it', { timeout: 60_000 }, (context) => {
    if (!isInstalled('fish')) return context.skip('fish is not installed');
    const asked = (line: string) =>
      execFileSync('fish', ['--no-config', '-c', `source script.fish; complete -C '${line}'`], {
        cwd: folder,
        env,
        encoding: 'utf8',
      });
    expect(asked('keyvend rotation canc')).toBe('cancel\ttake a rotation back before it is promoted\n');
    expect(asked('keyvend show ecs web:prod --reg')).toMatch(/^--region\t/);
    expect(asked('keyvend policy set ens web scri')).toContain('script.fish');
  });
});
