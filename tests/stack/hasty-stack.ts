// The stack of `npm start` in this process, with short windows, so that a rotation comes to its end while a test waits.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shortWindows } from '../../local/stack/short-windows.ts';
import type { Stack, StackOptions } from '../../local/stack/stack.ts';

export interface HastyStack {
  readonly home: string;
  readonly stack: Stack;
  ask(method: string, path: string, body?: object): Promise<{ status: number; body: Record<string, unknown> }>;
  stop(): Promise<void>;
}

/** @param over further environment variables; all are read when the stack is loaded, once in a process */
export async function startHastyStack(
  over: Readonly<Record<string, string>> = {},
  options: Pick<StackOptions, 'portal'> = {},
): Promise<HastyStack> {
  Object.assign(process.env, { POWERTOOLS_LOG_LEVEL: 'SILENT', ...shortWindows, ...over });
  const home = await mkdtemp(join(tmpdir(), 'keyvend-stack-'));
  const { startStack } = await import('../../local/stack/stack.ts');
  const stack = await startStack({ port: 0, cloudsPort: 0, home, recoverEveryMs: 200, ...options });
  return {
    ...{ home, stack },
    async ask(method, path, body) {
      const answer = await fetch(`${stack.endpoint}${path}`, {
        method,
        headers: { authorization: `Bearer ${stack.token}`, ...(body && { 'content-type': 'application/json' }) },
        ...(body && { body: JSON.stringify(body) }),
      });
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    },
    async stop() {
      await stack.stop();
      await rm(home, { recursive: true });
    },
  };
}
