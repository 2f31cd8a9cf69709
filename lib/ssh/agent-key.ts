// A private key as it is handed to an ssh-agent. Source: draft-ietf-sshm-ssh-agent, sections 3.2 and 3.2.7.1.
import type { Secret } from '../secret.ts';
import { privateFields } from './private-fields.ts';
import { privateKeyObject } from './private-key.ts';
import { typeOf } from './public-key.ts';
import { string, uint32 } from './wire.ts';

const ADD_ID_CONSTRAINED = 25;
const LIFETIME = 1;

/**
 * The message that adds a key which the agent forgets by itself.
 * @param comment what `ssh-add -l` prints of it @returns key material: whoever sends it overwrites it afterwards
 * @throws {VendingError} KEY_UNREADABLE
 */
export function addKeyMessage(key: Secret, comment: string, lifetimeS: number): Buffer {
  const object = privateKeyObject(key);
  const parts = [
    Buffer.from([ADD_ID_CONSTRAINED]),
    string(typeOf(object)),
    ...privateFields(object),
    string(comment),
    Buffer.from([LIFETIME]),
    uint32(lifetimeS),
  ];
  const body = Buffer.concat(parts);
  const message = string(body);
  for (const part of [...parts, body]) part.fill(0);
  return message;
}
