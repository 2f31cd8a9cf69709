// A combination that does not work, at the very start of a process of that platform.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Cell, variablesFor } from './cells.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const LIMIT_MS = 60_000;

/** What Node is started with. */
const entries: Readonly<Record<Cell['platform'], readonly string[]>> = {
  aws: ['--input-type=module', '--eval', "await import('./functions/catalog.ts')"],
  local: ['local/start.ts'],
  serve: ['local/keyvend.ts', 'serve'],
  fc: ['functions/fc/catalog.ts'],
};

/** @returns the sentence that it ends with @throws {Error} where it does not end, or names neither of the two that do not fit */
export async function refusedAtStart(cell: Cell): Promise<string> {
  const { status, printed } = await started(cell);
  const sentence = printed.split('\n').find((line) => line.includes('choose another')) ?? '';
  const named = Object.entries(variablesFor(cell)).filter(([name, value]) => sentence.includes(`${name}=${value}`));
  if (status !== 0 && named.length === 2) return sentence.replace(/^.*?(?=KEYVEND_)/, '');
  throw new Error(`it ended with ${status} and named ${named.length} of its variables: ${printed.slice(-300)}`);
}

const started = (cell: Cell) =>
  new Promise<{ readonly status: number | string; readonly printed: string }>((resolve) => {
    const env = { PATH: process.env.PATH, HOME: ROOT, ...variablesFor(cell) };
    const options = { cwd: ROOT, env, timeout: LIMIT_MS, killSignal: 'SIGKILL' } as const;
    const child = execFile(process.execPath, [...entries[cell.platform]], options, (_error, stdout, stderr) =>
      resolve({ status: child.exitCode ?? `a kill after ${LIMIT_MS / 1_000} s`, printed: stdout + stderr }),
    );
  });
