// A shell that stays open, for commands that go on with what earlier ones have set.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Ran {
  /** Of its last command. */
  readonly status: number;
  /** What it printed, on either stream. */
  readonly said: string;
}
export interface Terminal {
  run(commands: string): Promise<Ran>;
  close(): Promise<void>;
}

export function openTerminal(cwd: string, env: NodeJS.ProcessEnv): Terminal {
  const shell = spawn('sh', ['-c', 'exec 2>&1; exec sh'], { cwd, env, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(shell, 'close');
  let said = '';
  let heard = () => {};
  shell.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    heard();
  });
  return {
    async run(commands) {
      said = '';
      const end = `--- ${crypto.randomUUID()}`;
      shell.stdin.write(`{\n${commands}\n} </dev/null\necho "${end} $?"\n`);
      const last = new RegExp(`${end} (\\d+)\n`);
      await new Promise<void>((resolve, reject) => {
        heard = () => last.test(said) && resolve();
        ended.then(() => reject(new Error(`the shell ended: ${said}`)));
      });
      const [, status] = last.exec(said)!;
      return { status: Number(status), said: said.replace(last, '') };
    },
    async close() {
      shell.stdin.end();
      await ended;
    },
  };
}
