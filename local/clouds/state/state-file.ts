// Pairs, what uses them, and credentials in one file, so that a restart keeps them. No private key is ever in it. Its first line is all
// that there was when it was opened, or when the file had become long; each further line is what changed: a create costs the same
// among twenty thousand pairs as among ten.
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Credential } from '../accounts/credentials.ts';
import type { Instance, LaunchConfiguration, LaunchTemplate } from './fleet.ts';
import type { Pair, Place } from './registry.ts';

export interface State {
  readonly credentials: readonly Credential[];
  readonly pairs: readonly Pair[];
  readonly instances: readonly Instance[];
  readonly templates: readonly LaunchTemplate[];
  readonly configurations: readonly LaunchConfiguration[];
}
const format = 'keyvend local clouds 1';

const kinds = ['pairs', 'instances', 'templates', 'configurations'] as const;
type Kind = (typeof kinds)[number];
interface Thing extends Place {
  readonly id: string;
}
type Changes = Readonly<Partial<Record<Kind, { readonly put?: readonly Thing[]; readonly gone?: readonly string[] }>>>;

const keyOf = ({ account, service, region, id }: Thing): string => [account, service, region, id].join('/');

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
  const [first = '', ...lines] = text.split('\n');
  lines.pop(); // what was being written when the process ended was promised to nobody
  try {
    const { format: found, credentials, pairs, ...rest } = JSON.parse(first);
    if (found === format && Array.isArray(credentials) && Array.isArray(pairs)) {
      // A file from before there were instances has none of these.
      const { instances = [], templates = [], configurations = [] } = rest;
      const whole: State = { credentials, pairs, instances, templates, configurations };
      return lines.length === 0
        ? whole
        : changed(
            whole,
            lines.map((line) => JSON.parse(line) as Changes),
          );
    }
  } catch {
    // Not JSON: the same as JSON of something else.
  }
  throw new TypeError(`${path} is not a state file of the local clouds`);
}

function changed(whole: State, all: readonly Changes[]): State {
  const now = Object.fromEntries(
    kinds.map((kind) => {
      const things = new Map((whole[kind] as readonly Thing[]).map((thing) => [keyOf(thing), thing]));
      for (const { put = [], gone = [] } of all.map((changes) => changes[kind] ?? {})) {
        for (const key of gone) things.delete(key);
        for (const thing of put) things.set(keyOf(thing), thing);
      }
      return [kind, [...things.values()]];
    }),
  ) as unknown as Omit<State, 'credentials'>;
  return { credentials: whole.credentials, ...now };
}

/** One that is shorter is written anew with each change: it is one JSON text, for whoever looks at it. */
const SHORT_BYTES = 256 * 1024;

/** Writes states, one at a time; callers that ask during a write share the next one. */
export class StateFile {
  readonly #path: string;
  readonly #state: () => State;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  /** What is on disk, thing by thing; undefined while that is not known. */
  #kept: ReadonlyMap<Kind, ReadonlyMap<string, Thing>> | undefined;
  #credentials: readonly Credential[] = [];
  #bytes = { whole: 0, now: 0 };

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

  async #write(): Promise<void> {
    const state = this.#state();
    const kept = this.#kept;
    const now = new Map(kinds.map((kind) => [kind, byKey(state[kind] as readonly Thing[])] as const));
    const { whole, now: bytes } = this.#bytes;
    const isAnew = kept === undefined || whole < SHORT_BYTES || bytes > 2 * whole;
    this.#kept = undefined; // until it is known that it was written
    // Things are replaced and never changed, so what is the very same thing is as it was.
    if (isAnew || !same(this.#credentials, state.credentials)) await this.#writeWhole(state);
    else await this.#append(kept, now);
    this.#kept = now;
    this.#credentials = [...state.credentials];
  }

  async #append(kept: ReadonlyMap<Kind, ReadonlyMap<string, Thing>>, now: typeof kept): Promise<void> {
    const changes: Changes = Object.fromEntries(
      kinds.flatMap((kind) => {
        const [before, after] = [kept.get(kind)!, now.get(kind)!];
        const put = [...after].flatMap(([key, thing]) => (before.get(key) === thing ? [] : [thing]));
        const gone = [...before.keys()].filter((key) => !after.has(key));
        return put.length + gone.length === 0 ? [] : [[kind, { put, gone }]];
      }),
    );
    if (Object.keys(changes).length === 0) return;
    const line = `${JSON.stringify(changes)}\n`;
    const file = await open(this.#path, constants.O_WRONLY | constants.O_APPEND); // one that is gone is not made anew
    try {
      await file.appendFile(line);
      await file.sync();
    } finally {
      await file.close();
    }
    this.#bytes.now += Buffer.byteLength(line);
  }

  /** A reader sees the old file or the new one, even after a power cut: new file, fsync, rename, fsync the folder. */
  async #writeWhole(state: State): Promise<void> {
    const fresh = join(dirname(this.#path), `.${randomUUID()}.tmp`);
    const text = `${JSON.stringify({ format, ...state })}\n`;
    try {
      const file = await open(fresh, 'wx', 0o600);
      try {
        await file.writeFile(text);
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
    const bytes = Buffer.byteLength(text);
    this.#bytes = { whole: bytes, now: bytes };
  }
}

const byKey = (things: readonly Thing[]): ReadonlyMap<string, Thing> =>
  new Map(things.map((thing) => [keyOf(thing), thing]));

const same = <T>(one: readonly T[], other: readonly T[]): boolean =>
  one.length === other.length && one.every((value, i) => value === other[i]);
