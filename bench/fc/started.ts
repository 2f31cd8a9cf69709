// One start of a function: from the process to its first answer.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../../tests/doubles/postgres-server.ts';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  /** A status. */
  readonly expects: number;
}

/** As the platform does, which connects as soon as somebody listens. @returns milliseconds @throws {Error} for another answer */
export async function started(
  [program = '', ...words]: readonly string[],
  environment: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>>,
  asked: Asked,
): Promise<number> {
  const port = await freePort();
  const PATH = `${dirname(process.execPath)}:/bin:/usr/bin`;
  const env = { ...environment, PATH, KEYVEND_FC_PORT: String(port) };
  const began = performance.now();
  const child = spawn(program, words, { env, stdio: 'ignore' });
  const gone = once(child, 'exit');
  try {
    for (;;) {
      const answer = await ask(port, headers, asked);
      if (answer !== undefined) {
        const ms = performance.now() - began;
        if (answer.status === asked.expects) return ms;
        throw new Error(`${program} ${words.join(' ')} answers ${answer.status} ${answer.text}`);
      }
      await wait(1);
    }
  } finally {
    child.kill('SIGKILL');
    await gone;
  }
}

/** @returns undefined while nobody listens */
const ask = (
  port: number,
  headers: Readonly<Record<string, string>>,
  { method, path, body }: Asked,
): Promise<{ readonly status: number; readonly text: string } | undefined> =>
  new Promise((resolve) => {
    const asked = request({ host: '127.0.0.1', port, method, path, headers }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    asked.on('error', () => resolve(undefined));
    asked.end(body);
  });
