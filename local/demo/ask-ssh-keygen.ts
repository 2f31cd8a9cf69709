// What the real ssh-keygen says of a stored key; and whether it is the key that it refuses, or whether it can do nothing here at all.
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';

export interface Said {
  /** One line to print. */
  readonly line: string;
  readonly refused: boolean;
}

/** @param file with a private key */
export function saidOf(file: string): Said {
  const { status, stdout, error } = ask(file);
  if (error) return { line: 'not installed here', refused: false };
  if (status === 0) return { line: stdout.trim(), refused: false };
  const failure = failureAtAny(`${file}-of-its-own`);
  return failure === undefined
    ? { line: 'refuses the stored key', refused: true }
    : { line: `fails here at any key: ${failure}`, refused: false };
}

const ask = (file: string) => spawnSync('ssh-keygen', ['-l', '-E', 'md5', '-f', file], { encoding: 'utf8' });

/**
 * Where a user has no name (a container with a uid of its own), it refuses to work.
 * @returns what it says of a key that nothing can be wrong with, or undefined when it takes that one
 */
function failureAtAny(file: string): string | undefined {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(file, privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 });
  const { status, stderr } = ask(file);
  rmSync(file);
  return status === 0 ? undefined : stderr.trim().split(/\r?\n/).at(-1) || `it ended with ${status}`;
}
