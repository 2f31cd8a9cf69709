// `keyvend ssh`: the user's own ssh with a stored key, which is in no file and in no agent but one that ends with the connection.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { type Identity, identityKey } from '../../lib/identity.ts';
import type { Secret } from '../../lib/secret.ts';
import { parsePrivateKey } from '../../lib/ssh/private-key.ts';
import { addToAgent } from './add-to-agent.ts';
import { privateAgent } from './private-agent.ts';

/** Long enough for a person to look at a host key that is new. The connection itself does not need the key any more. */
const LIFETIME_S = 300;

const passed = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/**
 * @param words for ssh: a host, a command, options of its own
 * @returns ssh's exit code; 128 and the signal's number where one ended it
 */
export async function connect(identity: Identity, key: Secret, words: readonly string[]): Promise<number> {
  const agent = await privateAgent();
  try {
    await addToAgent(agent.socket, key, `keyvend ${identityKey(identity)}`, LIFETIME_S);
    const publicFile = join(agent.folder, 'key.pub');
    await writeFile(publicFile, `${parsePrivateKey(key).publicKey}\n`, { mode: 0o600 });
    return await ended(spawn('ssh', [...optionsFor(agent.socket, publicFile), ...words], { stdio: 'inherit' }));
  } finally {
    await agent.end();
  }
}

/** Before what the user's own configuration says: ssh takes the first value that it finds. */
const optionsFor = (socket: string, publicFile: string): string[] =>
  [
    ...[`IdentityAgent=${path(socket)}`, `IdentityFile=${path(publicFile)}`, 'IdentitiesOnly=yes'],
    // A connection that is shared would go on with another key, or leave this one open behind it.
    ...['ControlMaster=no', 'ControlPath=none', 'AddKeysToAgent=no', 'ForwardAgent=no'],
  ].flatMap((option) => ['-o', option]);

/** `%` begins what ssh puts in itself. */
const path = (file: string): string => `"${file.replaceAll('%', '%%').replaceAll(/["\\]/g, '\\$&')}"`;

async function ended(ssh: ChildProcess): Promise<number> {
  let told: NodeJS.Signals | undefined;
  const pass = (signal: NodeJS.Signals) => {
    told = signal;
    ssh.kill(signal);
  };
  for (const signal of passed) process.on(signal, pass);
  try {
    const [code, signal] = (await once(ssh, 'exit').catch(() => {
      throw new TypeError('ssh did not start; install OpenSSH');
    })) as [number | null, NodeJS.Signals | null];
    const by = told ?? signal;
    return by === null ? code! : 128 + constants.signals[by];
  } finally {
    for (const signal of passed) process.off(signal, pass);
  }
}
