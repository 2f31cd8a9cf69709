// Starts a packaged function and calls it.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unzipped } from './zip.ts';

const runtime = fileURLToPath(new URL('./runtime.cjs', import.meta.url));

export interface Shipped {
  /** As serverless.yml calls it. */
  readonly name: string;
  /** What `npm run package` made. */
  readonly zip: string;
  /** `functions/ecs.http` */
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
}

export interface Running {
  /** @param setAheadMs how far its clocks are ahead @throws {Error} with the name and message of what the function threw */
  call(event: object, timeoutMs: number, setAheadMs: number): Promise<unknown>;
  /** @param signal SIGKILL ends it as a machine that goes away does */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

interface Told {
  readonly id: number;
  readonly answer?: unknown;
  readonly error?: { readonly name: string; readonly message: string; readonly code?: string };
}

/** @param folder where it is unpacked; no package.json above it may say of what kind its modules are @param over beside its environment, and instead of it */
export async function runFunction(
  { name, zip, handler, environment }: Shipped,
  folder: string,
  over: Readonly<Record<string, string>>,
): Promise<Running> {
  const home = join(folder, name);
  for (const [path, bytes] of unzipped(readFileSync(zip))) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), bytes);
  }
  return startFunction({ name, handler, environment: { ...environment, ...over } }, home);
}

/** @param home where its files are */
export async function startFunction(
  { name, handler, environment }: Omit<Shipped, 'zip'>,
  home: string,
): Promise<Running> {
  const [module = '', exported = ''] = handler.split('.');
  const child = fork(runtime, [join(home, `${module}.js`), exported], {
    cwd: home,
    env: { LAMBDA_TASK_ROOT: home, ...environment },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let said = '';
  child.stderr!.on('data', (text: Buffer) => {
    said = (said + text).slice(-1_000);
  });
  const gone = once(child, 'close');
  const [first] = await Promise.race([once(child, 'message'), gone]);
  if (first !== 'ready') throw new Error(`${name} did not start: ${said}`);
  let calls = 0;
  return {
    async call(event, timeoutMs, setAheadMs) {
      calls += 1;
      const id = calls;
      const told = new Promise<Told>((resolve, reject) => {
        const hear = (message: Told) => {
          if (message.id !== id) return;
          child.off('message', hear);
          resolve(message);
        };
        child.on('message', hear);
        void gone.then(() => reject(new Error(`${name} has ended`)));
      });
      child.send({ id, event, timeoutMs, setAheadMs });
      const { answer, error } = await told;
      if (error !== undefined) throw Object.assign(new Error(error.message), error);
      return answer;
    },
    async stop(signal) {
      child.kill(signal);
      await gone;
    },
  };
}
