// moto_server on a free port of loopback, where it is installed: the nearest thing to AWS's services that runs offline.
import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Whether a program is on the PATH. */
export function isInstalled(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

export interface Moto {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** @returns undefined where there is none, or where a wrapper of that name leads nowhere */
export async function startMoto(): Promise<Moto | undefined> {
  if (!isInstalled('moto_server')) return undefined;
  const server = spawn('moto_server', ['-H', '127.0.0.1', '-p', '0'], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<void>((resolve) => server.once('close', () => resolve()));
  const endpoint = await Promise.race([endpointOf(server), ended]).catch(() => undefined);
  const stop = async () => {
    server.kill();
    await ended;
  };
  process.once('exit', () => server.kill('SIGKILL'));
  return endpoint ? { endpoint, stop } : undefined;
}

function endpointOf(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = '';
    for (const stream of [server.stdout, server.stderr]) {
      stream?.on('data', (chunk) => {
        printed = (printed + chunk).slice(-4_096); // it logs every request, and would stop if nobody read that
        const [found] = /http:\/\/127\.0\.0\.1:\d+/.exec(printed) ?? [];
        if (found) resolve(found);
      });
    }
    server.once('error', reject);
  });
}
