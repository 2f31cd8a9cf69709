// The real `ssh`, with a key as a reader gets it.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Secret } from '../../lib/secret.ts';
import type { Account } from './machines.ts';

const options = ['BatchMode=yes', 'IdentitiesOnly=yes', 'StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null'];

export interface SshClient {
  logsIn(account: Account, key: Secret): Promise<boolean>;
}

/** @param folder where keys are for as long as a login takes */
export function sshClient(folder: string): SshClient {
  mkdirSync(folder, { mode: 0o700 });
  return {
    async logsIn({ host: { host, port, user } }, key) {
      const file = join(folder, randomUUID());
      writeFileSync(file, key.reveal(), { mode: 0o600 });
      const words = ['-F', 'none', '-i', file, '-p', String(port), ...options.flatMap((option) => ['-o', option])];
      const child = spawn('ssh', [...words, `${user}@${host}`, 'echo in'], { stdio: ['ignore', 'pipe', 'ignore'] });
      let text = '';
      child.stdout.on('data', (part) => {
        text += part;
      });
      const code = await new Promise<number | null>((resolve, reject) =>
        child.once('error', reject).once('close', resolve),
      );
      rmSync(file);
      return code === 0 && text === 'in\n';
    },
  };
}
