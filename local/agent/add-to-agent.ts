// Hands a private key to an ssh-agent, by its socket. No program is started for it, so the key is in no argument and no file.
import { once } from 'node:events';
import { createConnection } from 'node:net';
import type { Secret } from '../../lib/secret.ts';
import { addKeyMessage } from '../../lib/ssh/agent-key.ts';

const SUCCESS = 6;

/** @param socket as in SSH_AUTH_SOCK @throws {TypeError} where there is no agent, or it does not take the key */
export async function addToAgent(socket: string, key: Secret, comment: string, lifetimeS: number): Promise<void> {
  const connection = createConnection(socket);
  try {
    await once(connection, 'connect').catch(() => {
      throw new TypeError('no ssh-agent answers at SSH_AUTH_SOCK');
    });
    const message = addKeyMessage(key, comment, lifetimeS);
    connection.write(message, () => message.fill(0));
    let answer = Buffer.alloc(0);
    for await (const bytes of connection) {
      answer = Buffer.concat([answer, bytes]);
      if (answer.length >= 5) break;
    }
    if (answer[4] !== SUCCESS) throw new TypeError('the ssh-agent does not take the key; is it locked?');
  } finally {
    connection.destroy();
  }
}
