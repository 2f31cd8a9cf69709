// `npm start` as a user runs it: a process of its own, a folder of its own, everything it prints kept.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SQSClient } from '@aws-sdk/client-sqs';
import { queueKeyIn } from '../../local/stack/queue-signature.ts';

export interface Running {
  readonly endpoint: string;
  /** The URL of a queue by its name. */
  queue(name: string): string;
  /** With the key that the queues take. */
  queueClient(): SQSClient;
  readonly child: ChildProcess;
  /** Everything printed so far. */
  printed(): string;
  token(): Promise<string>;
  post(provider: string, body: object, headers?: Record<string, string>): Promise<Answered>;
  get(path: string): Promise<Answered>;
  ask(method: string, path: string, body?: object, headers?: Record<string, string>): Promise<Answered>;
  /** @returns the exit code */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
}
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export async function start(home: string, environment: Record<string, string> = {}): Promise<Running> {
  const child = spawn(process.execPath, ['local/start.ts'], {
    env: { ...process.env, KEYVEND_HOME: home, PORT: '0', KEYVEND_CLOUDS_PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  const ready = new Promise<string>((resolve, reject) => {
    const read = (bytes: Buffer) => {
      printed += bytes;
      const endpoint = /^ready (http:\/\/127\.0\.0\.1:\d+)$/m.exec(printed)?.[1];
      if (endpoint !== undefined && printed.includes('clouds: ')) resolve(endpoint);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', () => reject(new Error(`it ended: ${printed}`)));
  });
  const endpoint = await ready;
  const token = async () => (await readFile(join(home, 'token'), 'utf8')).trim();
  const call = async (path: string, init: RequestInit): Promise<Answered> => {
    const answer = await fetch(`${endpoint}${path}`, init);
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Record<string, unknown> };
  };
  const queue = (name: string) => `${/(http:\/\/[^ ]*\/)keyvend-ens/.exec(printed)?.[1]}${name}`;
  return {
    endpoint,
    queue,
    queueClient: () =>
      new SQSClient({
        endpoint: new URL(queue('x')).origin,
        region: 'us-east-1',
        credentials: queueKeyIn(readFileSync(join(home, 'queue-credentials'), 'utf8')),
      }),
    child,
    printed: () => printed,
    token,
    async post(provider, body, headers = {}) {
      const authorization = `Bearer ${await token()}`;
      const all = { authorization, 'content-type': 'application/json', ...headers };
      return call(`/v1/${provider}/key-pairs`, { method: 'POST', headers: all, body: JSON.stringify(body) });
    },
    async ask(method, path, body, headers = {}) {
      const all = { authorization: `Bearer ${await token()}`, 'content-type': 'application/json', ...headers };
      return call(path, { method, headers: all, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    },
    get: async (path) => call(path, { headers: { authorization: `Bearer ${await token()}` } }),
    async end(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const gone = once(child, 'exit');
      child.kill(signal);
      const [code] = (await gone) as [number | null];
      return code;
    },
  };
}
