// One process that vends twice, and once more after it was idle.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Handler } from '../cold-start/handlers.ts';
import type { StandIn } from '../cold-start/stand-in/start.ts';

export interface Times {
  /** Loading, and the first answer. */
  readonly coldMs: number;
  readonly warmMs: number;
  readonly afterIdleMs?: number;
}

export interface Asked {
  readonly file: string;
  readonly exported: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly idleMs?: number;
  /** Given the process as soon as there is one. */
  readonly started?: (child: ChildProcess) => void;
}

const program = fileURLToPath(new URL('./child.cjs', import.meta.url));

/** @throws {Error} with all it printed, when a pair was not made */
export async function ask({ token }: StandIn, { event, expected }: Handler, asked: Asked): Promise<Times> {
  const { file, exported, variables, idleMs, started } = asked;
  const named = () => event({ name: `far_${randomBytes(6).toString('hex')}`, token });
  const events = Array.from({ length: idleMs === undefined ? 2 : 3 }, named);
  const words = [program, file, exported, JSON.stringify(events), String(idleMs ?? 0)];
  const running = spawn(process.execPath, words, { env: variables, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  started?.(running);
  const [printed, told, said] = await Promise.all([
    text(running.stdout!),
    text(running.stderr!),
    text(running.stdio[3] as NodeJS.ReadableStream),
    once(running, 'close'),
  ]);
  const { answers = [], ...times } = said === '' ? {} : JSON.parse(said);
  const { statusCode } = expected as { statusCode?: number };
  if (
    answers.length === events.length &&
    answers.every((one: { statusCode?: number }) => one.statusCode === statusCode)
  )
    return times as Times;
  throw new Error(`${file} ${exported}: ${JSON.stringify(answers)}\n${`${printed}${told}`.slice(0, 2_000)}`);
}
