// The processes of a chaos run: the clouds, which stay, and the subject, which is killed and started again and again.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface Child {
  readonly process: ChildProcess;
  /** Everything it printed, for the search for keys. */
  printed(): string;
  /** The first line that fits. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
}

/** @param script a file of the project; runs on the Node that runs this */
export function start(script: string, words: readonly string[], environment: Readonly<Record<string, string>>): Child {
  const child = spawn(process.execPath, [script, ...words], {
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const waiting: { pattern: RegExp; found: (match: RegExpExecArray) => void }[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      text += `${line}\n`;
      for (const one of waiting) {
        const match = one.pattern.exec(line);
        if (match !== null) one.found(match);
      }
    });
  }
  const gone = once(child, 'exit');
  return {
    process: child,
    printed: () => text,
    said: (pattern) =>
      new Promise((found, failed) => {
        waiting.push({ pattern, found });
        gone.then(() => failed(new Error(`${script} ended: ${text.slice(-500)}`)));
      }),
    async kill(signal) {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await gone;
    },
  };
}
