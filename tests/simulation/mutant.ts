// The simulation on a copy of the code, with or without a deliberate bug, in a process of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Mutation } from './mutations.ts';

const root = resolve(import.meta.dirname, '../..');
const copied = ['package.json', 'lib', 'tests/doubles', 'tests/simulation'];
/** Many times what a search takes; what is ended by then has found nothing. */
const LONGEST_MS = 280_000;
const running = new Set<ChildProcess>();

export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** @param simulate gets what runs `main.ts` there with arguments, and the folder, which is gone when it has ended */
export async function withCopy<T>(
  mutation: Mutation | undefined,
  simulate: (run: (...args: string[]) => Promise<Ended>, folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'keyvend-simulation-'));
  try {
    for (const path of copied) await cp(join(root, path), join(folder, path), { recursive: true });
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    if (mutation !== undefined) await mutate(folder, mutation);
    return await simulate((...args) => run(folder, args), folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Ends what is still running. */
export function endAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

async function mutate(folder: string, { file, find, replace }: Mutation): Promise<void> {
  const before = await codeFor({ file, find }, folder);
  await writeFile(
    join(folder, file),
    before.replace(find, () => replace),
  );
}

/** The file that a bug is put into. @throws {Error} where the place is not there, or not the only one */
export async function codeFor({ file, find }: Pick<Mutation, 'file' | 'find'>, folder = root): Promise<string> {
  const code = await readFile(join(folder, file), 'utf8');
  const found = code.split(find).length - 1;
  if (found !== 1) throw new Error(`${file} has ${found} times: ${find}`);
  return code;
}

async function run(cwd: string, args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, ['tests/simulation/main.ts', ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: LONGEST_MS, // a bug may be that something never ends
    killSignal: 'SIGKILL',
  });
  running.add(child);
  const code = new Promise<number | null>((end) => child.once('close', end));
  const output = await text(child.stdout);
  running.delete(child);
  return { code: await code, output };
}
