// Files that the command line keeps between two commands: in the XDG state folder, for their owner alone, and never half written.
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Source: XDG Base Directory Specification, XDG_STATE_HOME. A path that is not absolute is to be ignored. */
export function stateFolder(): string {
  const { XDG_STATE_HOME: said = '' } = process.env;
  return join(said.startsWith('/') ? said : join(homedir(), '.local', 'state'), 'keyvend');
}

/** @returns undefined where there is none that can be read */
export function readState(name: string): unknown {
  try {
    return JSON.parse(readFileSync(join(stateFolder(), name), 'utf8'));
  } catch {
    return undefined;
  }
}

export function writeState(name: string, value: unknown): void {
  const folder = stateFolder();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const fresh = join(folder, `${name}.${randomUUID()}`);
  writeFileSync(fresh, `${JSON.stringify(value)}\n`, { mode: 0o600 });
  renameSync(fresh, join(folder, name));
}

/** @returns whether it was there */
export function removeState(name: string): boolean {
  const was = readState(name) !== undefined;
  rmSync(join(stateFolder(), name), { force: true });
  return was;
}
