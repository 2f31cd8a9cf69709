// The queue server as a child process.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { QueueKey } from './queue-signature.ts';

export const ACCOUNT = '000000000000';
export const REGION = 'us-east-1';

export interface QueueServer {
  readonly endpoint: string;
  /** What calls are signed with; another one at every start. */
  readonly key: QueueKey;
  url(queue: string): string;
  stop(): Promise<void>;
}

const freshKey = (): QueueKey => ({
  ...{ accessKeyId: 'keyvend', secretAccessKey: randomBytes(32).toString('base64url') },
});

/** @param queues names; each gets a dead-letter queue beside it, except those that end in `!` */
export async function startQueues(
  dataDir: string,
  queues: readonly string[],
  key: QueueKey = freshKey(),
): Promise<QueueServer> {
  const wanted = queues.flatMap((queue) =>
    queue.endsWith('!') ? [queue.slice(0, -1)] : [`${queue}-dead-letters`, `${queue}>${queue}-dead-letters`],
  );
  const script = fileURLToPath(new URL('./queue-server.ts', import.meta.url));
  // With an IPC channel: if this process is killed, the child notices and ends. The key is in no argument: anyone can list those.
  const child = spawn(process.execPath, [script, dataDir, ...wanted], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: { ...process.env, KEYVEND_QUEUE_KEY: queueKeyOf(key) },
  });
  const lines = createInterface({ input: child.stdout! });
  const [port] = (await Promise.race([
    once(lines, 'line'),
    once(child, 'exit').then(() => Promise.reject(new Error('the queue server did not start'))),
  ])) as [string];
  const endpoint = `http://127.0.0.1:${port}`;
  return {
    endpoint,
    key,
    url: (queue) => `${endpoint}/${ACCOUNT}/${queue}`,
    async stop() {
      if (child.exitCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    },
  };
}

/** As the environment has it: `<id>:<secret>`. */
export const queueKeyOf = ({ accessKeyId, secretAccessKey }: QueueKey): string => `${accessKeyId}:${secretAccessKey}`;
