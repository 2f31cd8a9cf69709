// An instance of a function: a process of its own that is started by `bootstrap`, called over HTTP, and frozen whenever no call is under way.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request as ask, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { FcCall } from './fc-call.ts';

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}
/** What the platform says in the place of an instance that did not answer. */
export type Failure = 'Function time out' | 'Process exited unexpectedly';

export interface InstanceOptions {
  /** The packaged code. */
  readonly folder: string;
  /** On Function Compute each instance has 9000 to itself; here many share a machine. */
  readonly port: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Is given all that the process prints. */
  print(bytes: Buffer): void;
}

export interface Instance {
  readonly pid: number;
  readonly inHand: number;
  readonly isOver: boolean;
  readonly isFrozen: boolean;
  /** @param over when it resolves, the time is up: the instance is ended, whatever it is doing */
  call(call: FcCall, headers: Readonly<Record<string, string>>, over: Promise<unknown>): Promise<Answered | Failure>;
  kill(): Promise<void>;
}

/** How long the platform waits for the port, in steps of so many milliseconds. */
const [START_STEPS, STEP_MS] = [1_200, 25];

export async function startInstance({ folder, port, environment, print }: InstanceOptions): Promise<Instance> {
  const path = `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`;
  const env = { ...environment, PATH: path, HOME: '/tmp', KEYVEND_FC_PORT: String(port) };
  const child = spawn(join(folder, 'bootstrap'), [], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.on('data', print);
  child.stderr.on('data', print);
  const agent = new Agent({ keepAlive: true, maxSockets: 100 });
  const state = { inHand: 0, isFrozen: false };
  const isOver = () => child.exitCode !== null || child.signalCode !== null;
  const ended = once(child, 'exit');
  ended.catch(() => {});
  await listening(child, port);
  const freeze = (isFrozen: boolean) => {
    if (isOver() || state.isFrozen === isFrozen) return;
    child.kill(isFrozen ? 'SIGSTOP' : 'SIGCONT');
    state.isFrozen = isFrozen;
  };
  freeze(true);

  async function kill(): Promise<void> {
    agent.destroy();
    if (isOver()) return;
    child.kill('SIGKILL');
    await ended;
  }

  return {
    pid: child.pid!,
    get inHand() {
      return state.inHand;
    },
    get isOver() {
      return isOver();
    },
    get isFrozen() {
      return state.isFrozen;
    },
    async call({ method, path, headers, body }, own, over) {
      state.inHand += 1;
      freeze(false);
      try {
        const sent = { ...headers, ...own, 'content-length': String(body.length) };
        const said = sentTo({ port, agent, method, path, headers: sent }, body).catch(
          (): Failure => 'Process exited unexpectedly',
        );
        const late = over.then((): Failure => 'Function time out');
        const first = await Promise.race([said, late]);
        if (typeof first === 'string') await kill();
        return first;
      } finally {
        state.inHand -= 1;
        if (state.inHand === 0) freeze(true);
      }
    },
    kill,
  };
}

function sentTo(to: object, body: Buffer): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const request = ask({ host: '127.0.0.1', ...to }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** @throws {Error} where the process ends instead, or listens on no address but its own */
async function listening(child: ChildProcess, port: number): Promise<void> {
  for (let step = 0; step < START_STEPS; step += 1) {
    if (child.exitCode !== null || child.signalCode !== null) break;
    const isThere = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (isThere) return;
    await pause(STEP_MS);
  }
  child.kill('SIGKILL');
  throw new Error('FunctionNotStarted: nothing listens on its port');
}
