// Pairs, what uses them, and credentials in one file, so that a restart keeps them. No private key is ever in it.
import { randomUUID } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Credential } from '../accounts/credentials.ts';
import type { Instance, LaunchConfiguration, LaunchTemplate } from './fleet.ts';
import type { Pair } from './registry.ts';

export interface State {
  readonly credentials: readonly Credential[];
  readonly pairs: readonly Pair[];
  readonly instances: readonly Instance[];
  readonly templates: readonly LaunchTemplate[];
  readonly configurations: readonly LaunchConfiguration[];
}
const format = 'keyvend local clouds 1';

/**
 * @returns undefined when there is no such file yet
 * @throws {TypeError} when it is not a state file: it is left as it is
 */
export async function readState(path: string): Promise<State | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    const { format: found, credentials, pairs, ...rest } = JSON.parse(text);
    if (found === format && Array.isArray(credentials) && Array.isArray(pairs)) {
      // A file from before there were instances has none of these.
      const { instances = [], templates = [], configurations = [] } = rest;
      return { credentials, pairs, instances, templates, configurations };
    }
  } catch {
    // Not JSON: the same as JSON of something else.
  }
  throw new TypeError(`${path} is not a state file of the local clouds`);
}

/** Writes whole states, one at a time; callers that ask during a write share the next one. */
export class StateFile {
  readonly #path: string;
  readonly #state: () => State;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(path: string, state: () => State) {
    this.#path = resolve(path);
    this.#state = state;
  }

  /** Resolves once everything that was true at the call is on disk. */
  save(): Promise<void> {
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        this.#running = this.#write();
        return this.#running;
      });
    return this.#next;
  }

  /** A reader sees the old file or the new one, even after a power cut: new file, fsync, rename, fsync the folder. */
  async #write(): Promise<void> {
    const fresh = join(dirname(this.#path), `.${randomUUID()}.tmp`);
    try {
      const file = await open(fresh, 'wx', 0o600);
      try {
        await file.writeFile(JSON.stringify({ format, ...this.#state() }));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(fresh, this.#path);
    } catch (error) {
      await rm(fresh, { force: true });
      throw error;
    }
    const folder = await open(dirname(this.#path), 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }
}
