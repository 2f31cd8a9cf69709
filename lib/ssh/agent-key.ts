// A private key as it is handed to an ssh-agent. Source: draft-ietf-sshm-ssh-agent, sections 3.2 and 3.2.7.1.
import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import type { Secret } from '../secret.ts';
import { toNumber } from './bytes.ts';
import { privateKeyObject } from './private-key.ts';
import { mpint, string, uint32 } from './wire.ts';

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
    ...(object.asymmetricKeyType === 'rsa' ? rsa(object) : ed25519(object)),
    string(comment),
    Buffer.from([LIFETIME]),
    uint32(lifetimeS),
  ];
  const body = Buffer.concat(parts);
  const message = string(body);
  for (const part of [...parts, body]) part.fill(0);
  return message;
}

function rsa(key: KeyObject): Buffer[] {
  const numbers = key.export({ format: 'jwk' });
  const number = (name: keyof JsonWebKey) => mpint(toNumber(Buffer.from(String(numbers[name]), 'base64url')));
  return [string('ssh-rsa'), number('n'), number('e'), number('d'), number('qi'), number('p'), number('q')];
}

function ed25519(key: KeyObject): Buffer[] {
  const seed = key.export({ type: 'pkcs8', format: 'der' }).subarray(-32);
  const half = createPublicKey(key).export({ type: 'spki', format: 'der' }).subarray(-32);
  return [string('ssh-ed25519'), string(half), string(Buffer.concat([seed, half]))];
}
