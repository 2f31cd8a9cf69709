// What is lost when keyvend and somebody else edit the same authorized_keys at once, by how the other one edits. Each adds lines,
// one after the other; what was reported as written and is not there at the end is lost. Both run on this machine, in `sh`.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type RemoteCommand, readCommand, replaceCommand } from '../lib/hosts/remote-edit.ts';

const { values } = parseArgs({ options: { edits: { type: 'string', default: '100' } } });
/** Between two edits of somebody else's: without it keyvend, which begins again whenever the file has changed, would wait for all. */
const PAUSE_MS = 150;
const edits = Number(values.edits);

/** Reads the file, takes 50 ms over it, and writes it, as an editor or a configuration tool does. `$1` is the line. */
const slow = 'cp "$k" "$k.mine"; sleep 0.05; echo "$1" >>"$k.mine"';
const inPlace = `${slow}; cat "$k.mine" >"$k"; rm "$k.mine"`;
const byRename = `${slow}; mv "$k.mine" "$k"`;
const ways: readonly [how: string, script: string, keyvendHasFlock: boolean][] = [
  ['appends a line, without a lock', 'echo "$1" >>"$k"', true],
  ['reads, waits, writes into the file, without a lock', inPlace, true],
  ['reads, waits, renames a new file, without a lock', byRename, true],
  ['appends a line, under `flock ~/.ssh`', 'exec 9<"$d"; flock 9; echo "$1" >>"$k"', true],
  ['reads, waits, writes, under `flock ~/.ssh`', `exec 9<"$d"; flock 9; ${inPlace}`, true],
  ['reads, waits, renames, under `flock ~/.ssh`', `exec 9<"$d"; flock 9; ${byRename}`, true],
  [
    'reads, waits, writes, with `mkdir ~/.ssh/.keyvend.lock`, on a host without flock',
    `until mkdir "$d/.keyvend.lock" 2>/dev/null; do sleep 0.01; done; ${inPlace}; rmdir "$d/.keyvend.lock"`,
    false,
  ],
];

function run(home: string, script: string, words: readonly string[], input?: Uint8Array): Promise<string> {
  const env = { ...process.env, HOME: home, d: join(home, '.ssh'), k: join(home, '.ssh', 'authorized_keys') };
  const child = spawn('sh', ['-c', script, 'sh', ...words], { env, stdio: ['pipe', 'pipe', 'ignore'] });
  let text = '';
  child.stdout.setEncoding('latin1').on('data', (part: string) => {
    text += part;
  });
  child.stdin.on('error', () => {}); // a command may end without having read it
  child.stdin.end(input ?? '');
  return new Promise((resolve, reject) => child.once('close', () => resolve(text)).once('error', reject));
}

async function lost(script: string, keyvendHasFlock: boolean): Promise<{ theirs: number; ours: number }> {
  const home = await mkdtemp(join(tmpdir(), 'keyvend-editors-'));
  const file = join(home, '.ssh', 'authorized_keys');
  await mkdir(join(home, '.ssh'), { mode: 0o700 });
  await writeFile(file, '', { mode: 0o600 });
  const ask = async <T>(command: RemoteCommand<T>): Promise<T> => {
    const words = keyvendHasFlock ? command.command : command.command.replace('command -v flock', 'false');
    return command.answer({ text: await run(home, words, [], command.input), lost: false });
  };
  const theirs = async () => {
    for (let line = 0; line < edits; line += 1) {
      await run(home, script, [`theirs-${line}`]);
      await wait(PAUSE_MS);
    }
  };
  const ours = async () => {
    for (let line = 0; line < edits; line += 1) {
      for (let answer = ''; answer !== 'replaced'; ) {
        const { text, digest } = await ask(readCommand());
        answer = await ask(replaceCommand(digest, `${text}ours-${line}\n`, 60_000));
      }
    }
  };
  await Promise.all([theirs(), ours()]);
  const found = new Set((await readFile(file, 'latin1')).split('\n'));
  const absent = (name: string) =>
    Array.from({ length: edits }, (_, line) => `${name}-${line}`).filter((line) => !found.has(line)).length;
  await rm(home, { recursive: true });
  return { theirs: absent('theirs'), ours: absent('ours') };
}

const rows = [`| somebody else | their lines lost, of ${edits} | keyvend's lines lost, of ${edits} |`, '|---|---|---|'];
for (const [how, script, keyvendHasFlock] of ways) {
  const { theirs, ours } = await lost(script, keyvendHasFlock);
  rows.push(`| ${how} | ${theirs} | ${ours} |`);
}
process.stdout.write(`${rows.join('\n')}\n`);
