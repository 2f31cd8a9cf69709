// A STAND-IN for a mount of KV version 2: its rules as OpenBao's documentation and source state them, and nothing of OpenBao itself.
// Source: openbao/openbao, builtin/logical/kv (path_data.go, path_delete.go, path_destroy.go, path_metadata.go); API docs, "KV version 2".

/** An answer: a status and what is in its body, if anything. */
export interface Answer {
  readonly status: number;
  readonly body?: object;
}
export const refusal = (status: number, ...errors: string[]): Answer => ({ status, body: { errors } });
const ok = (data: object): Answer => ({ status: 200, body: { data } });
const done: Answer = { status: 204 };

interface Version {
  readonly data: object;
  readonly createdMs: number;
  deletedMs?: number | undefined;
  destroyed?: boolean;
}
interface Path {
  current: number;
  oldest: number;
  maxVersions: number;
  casRequired: boolean;
  readonly versions: Map<number, Version>;
}
/** Of the mount; a path may have its own. */
export interface EngineConfig {
  casRequired: boolean;
  maxVersions: number;
  /** How long a version is there; 0 for ever. */
  deleteVersionAfterMs: number;
  /** Whether LIST knows `after` and `limit`, as OpenBao's does and Vault's does not. */
  pages: boolean;
}

const USUAL_VERSIONS = 10;
// biome-ignore lint/suspicious/noExplicitAny: it is what came over the wire; the rules below look at it
type Input = any;

export class KvEngine {
  readonly config: EngineConfig = { casRequired: false, maxVersions: 0, deleteVersionAfterMs: 0, pages: true };
  readonly paths = new Map<string, Path>();
  readonly #nowMs: () => number;
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  has(path: string): boolean {
    return this.paths.has(path);
  }

  read(path: string, asked?: number): Answer {
    const { current, versions } = this.paths.get(path) ?? {};
    const number = asked || current;
    const version = number === undefined ? undefined : versions?.get(number);
    if (number === undefined || version === undefined) return refusal(404);
    const gone = version.destroyed || this.#isDeleted(version);
    const metadata = { version: number, ...this.#shown(version), custom_metadata: null };
    return { status: gone ? 404 : 200, body: { data: { data: gone ? null : version.data, metadata } } };
  }

  write(path: string, { data, options }: Input): Answer {
    if (typeof data !== 'object' || data === null) return refusal(400, 'no data provided');
    const standing = this.paths.get(path);
    if (options?.cas === undefined && (this.config.casRequired || standing?.casRequired))
      return refusal(400, 'check-and-set parameter required for this call');
    if (options?.cas !== undefined && options.cas !== (standing?.current ?? 0))
      return refusal(400, 'check-and-set parameter did not match the current version');
    const held = standing ?? this.#made(path);
    const nowMs = this.#nowMs();
    const { deleteVersionAfterMs: lifeMs } = this.config;
    const version: Version = { data, createdMs: nowMs, ...(lifeMs > 0 && { deletedMs: nowMs + lifeMs }) };
    held.current += 1;
    held.versions.set(held.current, version);
    this.#dropOldest(held);
    return ok({ version: held.current, ...this.#shown(version), custom_metadata: null });
  }

  /** Of the path's own number and the mount's the larger one holds; what is over goes for good. */
  #dropOldest(held: Path): void {
    const most = Math.max(held.maxVersions, this.config.maxVersions) || USUAL_VERSIONS;
    for (const number of held.versions.keys()) if (number <= held.current - most) held.versions.delete(number);
    held.oldest = Math.min(...held.versions.keys());
  }

  /** Quiet about what is not there. */
  softDelete(path: string, numbers: readonly number[]): Answer {
    const held = this.paths.get(path);
    for (const number of numbers) {
      const version = held?.versions.get(number);
      if (version && !version.destroyed && !this.#isDeleted(version)) version.deletedMs = this.#nowMs();
    }
    return done;
  }

  undelete(path: string, numbers: readonly number[]): Answer {
    for (const number of numbers) {
      const version = this.paths.get(path)?.versions.get(number);
      if (version && !version.destroyed) version.deletedMs = undefined;
    }
    return done;
  }

  destroy(path: string, numbers: readonly number[]): Answer {
    const held = this.paths.get(path);
    for (const number of numbers) {
      const version = held?.versions.get(number);
      if (version) held?.versions.set(number, { data: {}, createdMs: version.createdMs, destroyed: true });
    }
    return done;
  }

  readMetadata(path: string): Answer {
    const held = this.paths.get(path);
    if (held === undefined) return refusal(404);
    const versions = Object.fromEntries([...held.versions].map(([number, version]) => [number, this.#shown(version)]));
    const { current: current_version, oldest: oldest_version, maxVersions: max_versions } = held;
    return ok({ current_version, oldest_version, max_versions, cas_required: held.casRequired, versions });
  }

  writeMetadata(path: string, { max_versions: most, cas_required: cas }: Input): Answer {
    const held = this.paths.get(path) ?? this.#made(path);
    if (most !== undefined) held.maxVersions = most;
    if (cas !== undefined) held.casRequired = cas;
    return done;
  }

  deleteAll(path: string): Answer {
    this.paths.delete(path);
    return done;
  }

  list(folder: string, after: string, limit: number): Answer {
    const prefix = folder === '' ? '' : `${folder.replace(/\/$/, '')}/`;
    const below = [...this.paths.keys()].filter((path) => path.startsWith(prefix));
    const names = below.map((path) => /^[^/]*\/?/.exec(path.slice(prefix.length))![0]);
    const keys = [...new Set(names)].sort();
    const later = this.config.pages ? keys.filter((key) => key > after).slice(0, limit || undefined) : keys;
    return later.length === 0 ? refusal(404) : ok({ keys: later });
  }

  #made(path: string): Path {
    const made: Path = { current: 0, oldest: 0, maxVersions: 0, casRequired: false, versions: new Map() };
    this.paths.set(path, made);
    return made;
  }

  #isDeleted = ({ deletedMs }: Version): boolean => deletedMs !== undefined && deletedMs <= this.#nowMs();

  #shown = ({ createdMs, deletedMs, destroyed = false }: Version) => ({
    created_time: new Date(createdMs).toISOString(),
    deletion_time: deletedMs === undefined ? '' : new Date(deletedMs).toISOString(),
    destroyed,
  });
}
