// Starts one process, waits for what it says, and ends it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';

/** What is started. */
export interface Started {
  /** A module, by its whole path. */
  readonly file: string;
  readonly exported: string;
  readonly event: object;
  /** What its answer must contain. */
  readonly expected: object;
  readonly environment: Readonly<Record<string, string>>;
  /** Whether all of it runs on one core. */
  readonly pinned: boolean;
}

export interface Sample {
  /** From the spawn to the result on the pipe. */
  readonly wallMs: number;
  /** `require` or `import`. */
  readonly loadMs: number;
  /** From the call to the answer. */
  readonly firstMs: number;
  readonly cpuMs: number;
  readonly rssBytes: number;
  /** Modules of Node's own that were not there before. */
  readonly builtins: number;
  /** Whether Node's fetch was loaded. */
  readonly undici: boolean;
}

const child = fileURLToPath(new URL('./child.cjs', import.meta.url));
const LONGEST_MS = 30_000;

/** @throws {Error} with all it printed, when the handler did not do what it was asked for */
export async function sample({ file, exported, event, expected, environment, pinned }: Started): Promise<Sample> {
  const node = [process.execPath, child, file, exported, JSON.stringify(event)];
  const [command = '', ...words] = pinned ? ['taskset', '--cpu-list', '0', ...node] : node;
  const beganMs = performance.now();
  const running = spawn(command, words, {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    timeout: LONGEST_MS,
  });
  const gone = once(running, 'close');
  const printed = Promise.all([text(running.stdout!), text(running.stderr!)]);
  const pipe = running.stdio[3] as NodeJS.ReadableStream;
  let [said, wallMs] = ['', 0];
  pipe.on('data', (chunk: Buffer) => {
    wallMs ||= performance.now() - beganMs;
    said += chunk;
  });
  await gone;
  const { answer, ...rest } = said === '' ? {} : JSON.parse(said);
  const wanted = Array.isArray(expected) ? expected : { ...answer, ...expected };
  if (isDeepStrictEqual(wanted, answer)) return { wallMs, ...rest };
  const lines = (await printed).join('\n').split('\n');
  // Node quotes the line that threw, which in a bundle is the bundle.
  throw new Error(
    [`${file} ${exported}: ${JSON.stringify(answer)}`, ...lines.map((line) => line.slice(0, 300))].join('\n'),
  );
}
