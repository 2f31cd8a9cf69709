// The same runs, shared out among several processes. Which process plays a run makes no difference to it.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bothReached, type Reached } from './reached.ts';

/** Of several processes, which one this is: it plays every run whose number, divided by `of`, leaves `part`. */
export interface Share {
  readonly part: number;
  readonly of: number;
}

export interface Figures {
  readonly runs: number;
  readonly portCalls: number;
  readonly rotated: number;
  readonly violations: number;
  readonly reached: Reached;
  /** By family of cases: how many there are, and how many were played. */
  readonly counted: Readonly<Record<string, { readonly all: number; readonly run: number }>>;
}

/** @throws {TypeError} for text that is no share */
export function shareOf(text: string): Share {
  const [part, of] = text.split('/').map(Number);
  if (!Number.isSafeInteger(part) || !Number.isSafeInteger(of) || part! < 0 || part! >= of!)
    throw new TypeError('--part takes a part of several, such as 0/2');
  return { part: part!, of: of! };
}

/** @param print gets what the processes print, but for the figures, which are summed up */
export async function atOnce(
  processes: number,
  args: readonly string[],
  print: (text: string) => void,
): Promise<Figures> {
  const folder = await mkdtemp(join(tmpdir(), 'keyvend-simulation-'));
  try {
    const parts = await Promise.all(
      Array.from({ length: processes }, async (_, part) => {
        const file = join(folder, `${part}.json`);
        const own = ['--part', `${part}/${processes}`, '--json', file];
        const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args, ...own], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        let said = '';
        child.stdout.on('data', (text: Buffer) => {
          said += text.toString();
        });
        const code = await new Promise((end) => child.once('close', end));
        if (code !== 0) print(said.trimEnd());
        return JSON.parse(await readFile(file, 'utf8')) as Figures;
      }),
    );
    return parts.reduce(sum);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const sum = (one: Figures, other: Figures): Figures => ({
  runs: one.runs + other.runs,
  portCalls: one.portCalls + other.portCalls,
  rotated: one.rotated + other.rotated,
  violations: one.violations + other.violations,
  reached: bothReached(one.reached, other.reached),
  counted: Object.fromEntries(
    Object.entries(one.counted).map(([name, { all, run }]) => [
      name,
      { all, run: run + (other.counted[name]?.run ?? 0) },
    ]),
  ),
});
