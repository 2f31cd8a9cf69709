// A checkout, a home and a folder for temporary files whose paths have blanks, quotes, signs of the shell and letters beyond ASCII:
// everything runs there, and what is printed to be pasted works when it is pasted.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shellWord } from '../../local/shell-word.ts';
import { noSshd } from '../hosts/accounts.ts';
import { isInstalled } from '../moto.ts';

const odd = "kéy ve'nd $HOME 100%41 (1)";
const outer = realpathSync(mkdtempSync(join(tmpdir(), 'keyvend-odd-')));
const root = join(outer, odd);
const temporary = join(outer, `tmp ${odd}`);
const home = 'my höme';

beforeAll(() => {
  mkdirSync(temporary);
  mkdirSync(root);
  // Copied: Node goes by where a file really is.
  for (const part of [
    'access',
    'functions',
    'lib',
    'local',
    'deploy',
    'client',
    'portal',
    'package.json',
    'tsconfig.json',
    'serverless.yml',
  ])
    cpSync(part, join(root, part), { recursive: true, filter: (path) => !path.startsWith('portal/dist') });
  symlinkSync(realpathSync('node_modules'), join(root, 'node_modules'));
});
afterAll(() => rmSync(outer, { recursive: true }));

const env = { ...process.env, TMPDIR: temporary, KEYVEND_HOME: home, PORT: '0', KEYVEND_CLOUDS_PORT: '0' };
const run = (...words: string[]) => spawnSync(process.execPath, words, { cwd: root, env, encoding: 'utf8' });

/** `npm start` there, while it is asked something. @param use is given what was printed */
async function whileItRuns(use: (printed: string) => void): Promise<void> {
  const child = spawn(process.execPath, ['local/start.ts'], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  let printed = '';
  const ready = new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (bytes) => {
      printed += bytes;
    });
    child.stdout.on('data', (bytes) => {
      printed += bytes;
      if (/^hosts: /m.test(printed)) resolve();
    });
    child.once('exit', () => reject(new Error(`it ended: ${printed}`)));
  });
  try {
    await ready;
    use(printed);
  } finally {
    child.kill('SIGTERM');
    await gone;
  }
}

describe('in a folder with an odd name', { timeout: 180_000 }, () => {
  it('npm start vends by the very command that it prints', async (context) => {
    if (!isInstalled('curl')) return context.skip('curl is not installed');
    await whileItRuns((printed) => {
      expect(printed).toMatch(/^portal: http/m);
      const command = /^curl [\s\S]*?\n\n/m.exec(printed)?.[0] ?? '';
      const pasted = spawnSync('sh', ['-c', command], { cwd: outer, encoding: 'utf8' });
      expect(JSON.parse(pasted.stdout)).toMatchObject({ keyPairId: expect.stringMatching(/^ssh-/) });
      // A command finds the same home, and puts the key where it is told to.
      const out = join(temporary, 'my key.pem');
      const key = run('local/keyvend.ts', 'key', 'ens', 'my-first-key', '--out', out);
      expect(`${key.status} ${key.stderr}`).toBe('0 ');
      if (isInstalled('ssh-keygen'))
        expect(spawnSync('ssh-keygen', ['-y', '-f', out], { encoding: 'utf8' }).stdout).toMatch(/^ssh-rsa /);
    });
  });

  it.each([
    ['local/keyvend.ts', '--help'],
    ['local/start.ts', '--check'],
    ['local/clouds/main.ts', '--help'],
  ])('%s %s says what it says elsewhere', (...words) => {
    const there = run(...words);
    const here = spawnSync(process.execPath, words, { env, encoding: 'utf8' });
    expect(there).toMatchObject({ status: 0, stderr: '' });
    expect(there.stdout.replaceAll(root, '')).toBe(here.stdout.replaceAll(process.cwd(), ''));
  });

  it('the demo finds every key in order', (context) => {
    if (!isInstalled('ssh-keygen')) return context.skip('ssh-keygen is not installed');
    const { status, stdout, stderr } = run('local/demo.ts');
    expect(stdout.match(/ssh-keygen -l: 2048 MD5:/g), stderr).toHaveLength(4);
    expect(status).toBe(0);
  });

  it('the demo of a rotation logs in with the real ssh', (context) => {
    const why = noSshd() ?? (isInstalled('ssh') ? undefined : 'ssh is not installed');
    if (why) return context.skip(why);
    const { status, stdout, stderr } = run('local/demo.ts', '--rotate');
    expect(stdout.match(/ssh with .*: \w+/g), stderr).toEqual([
      'ssh with the key: in',
      'ssh with the new key: in',
      'ssh with the old key, in its overlap: in',
      'ssh with the new key: in',
      'ssh with the old key: refused',
    ]);
    expect(status).toBe(0);
  });
});

describe('a word of a printed command', () => {
  it.each([
    'plain',
    '/a/b-c.d',
    'a b',
    "it's",
    '$HOME',
    '`id`',
    '"',
    '\\',
    'é',
    '*',
    '~',
    '!',
    '',
    'a\nb',
    '#',
    '%41',
    ';',
    '(1)',
  ])('is one word to a shell, inside of "$(...)" as well: %j', (word) => {
    const shown = (command: string) => spawnSync('sh', ['-c', command], { encoding: 'utf8' }).stdout;
    expect(shown(`printf '[%s]' ${shellWord(word)}`)).toBe(`[${word}]`);
    expect(shown(`printf '[%s]' "$(printf '<%s>' ${shellWord(word)})"`)).toBe(`[<${word}>]`);
  });

  it('stays as it is where nothing is special', () => {
    expect(shellWord('/home/me/keyvend/.keyvend/token')).toBe('/home/me/keyvend/.keyvend/token');
  });
});
