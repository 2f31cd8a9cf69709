// The calls to a mount of KV version 2. A path holds numbered documents; a write names the number that it replaces (check-and-set), so a
// request that arrives late, after its attempt was settled, is refused: a token does not age as a signature does.
// Source: OpenBao API docs, "KV secrets engine, version 2"; openbao/openbao, builtin/logical/kv/path_data.go and path_metadata.go.
import type { Deadline } from '../../clock.ts';
import { VendingError } from '../../errors.ts';
import { asObject } from '../../transport/json.ts';
import { type Fields, type KvAnswer, type KvHttp, type KvRequest, refused } from './kv-http.ts';
import type { Tokens } from './kv-login.ts';

/** What is on a path. */
export interface KvDocument {
  /** Its number; 0 where nothing ever was. */
  readonly version: number;
  /** Absent where nothing ever was, or where it was deleted or destroyed. */
  readonly data?: Fields;
}
export type Written = { readonly version: number } | { readonly standing: KvDocument };

export interface Kv {
  read(path: string): Promise<KvDocument>;
  /** @param cas the number of what is replaced; 0 for nothing @returns what is there instead, where that is another one */
  write(path: string, data: Fields, cas: number): Promise<Written>;
  /** Recoverable. Quiet about numbers that are not there, or are deleted. */
  softDelete(path: string, below: number): Promise<void>;
  /** For good. Quiet about numbers that are not there. */
  destroy(path: string, below: number): Promise<void>;
  /** The names right below a folder that come after one of them; those of folders end in a slash. */
  list(folder: string, after: string): Promise<readonly string[]>;
  pause(tried: number): Promise<void>;
  /** The same client, which sends nothing after that moment. */
  signingBefore(moment: Deadline | undefined): Kv;
}

/** So many are asked for at once; a server that knows no pages gives all. */
const LISTED = 200;
/** How often a write that was refused for no reason to be seen is looked at again: a standby may lag behind. */
const LOOKS = 3;
/** As many of a path's documents as are named in one call, the newest; what is older is gone by then, or was named before. */
const NAMED = 64;

export function kvCalls(mount: string, http: KvHttp, tokens: Tokens, signBefore?: Deadline): Kv {
  async function ask(request: Omit<KvRequest, 'token'>): Promise<KvAnswer> {
    const token = await tokens.token();
    const answer = await http.ask({ ...request, signBefore, token });
    if (answer.status !== 403 || !(await tokens.another(token))) return answer;
    const once = await http.ask({ ...request, signBefore, token: await tokens.token() });
    return { ...once, unsure: answer.unsure || once.unsure };
  }
  const drop = async (how: 'delete' | 'destroy', path: string, below: number) => {
    const first = Math.max(1, below - NAMED);
    const versions = Array.from({ length: below - first }, (_, i) => first + i);
    if (versions.length === 0) return;
    const what = `${how} old versions`;
    const answer = await ask({ what, path: `${mount}/${how}/${path}`, body: { versions }, changes: true });
    if (answer.status !== 204 && answer.status !== 200) throw refused(what, answer);
  };

  const read: Kv['read'] = async (path) => {
    const what = 'read a version';
    const answer = await ask({ what, method: 'GET', path: `${mount}/data/${path}` });
    const { metadata, data } = asObject(answer.fields?.data) ?? {};
    const version = asObject(metadata)?.version;
    if (answer.status === 404 && isAbsent(answer)) return { version: 0 };
    if (answer.status !== 200 && answer.status !== 404) throw refused(what, answer);
    const document = asObject(data);
    if (!isNumber(version) || (document === undefined) !== (answer.status === 404)) throw notKv(what, answer);
    return { version, ...(document && { data: document }) };
  };

  return {
    read,
    pause: http.pause,
    signingBefore: (moment) => kvCalls(mount, http, tokens, moment),

    async write(path, data, cas) {
      const what = 'write a version';
      const body = { options: { cas }, data };
      const answer = await ask({ what, path: `${mount}/data/${path}`, body, changes: true });
      if (answer.status === 400) {
        // It says why in words alone. What is on the path tells it for certain.
        for (let looked = 0; looked < LOOKS; looked += 1) {
          await http.pause(looked);
          const standing = await read(path);
          if (standing.version !== cas) return { standing };
        }
        throw unexplained(answer);
      }
      if (answer.status !== 200) throw refused(what, answer);
      const { version, deletion_time: ends } = asObject(answer.fields?.data) ?? {};
      if (!isNumber(version) || version !== cas + 1) throw notKv(what, answer);
      if (ends !== '') throw mortal();
      return { version };
    },

    softDelete: (path, below) => drop('delete', path, below),
    destroy: (path, below) => drop('destroy', path, below),

    async list(folder, after) {
      const what = 'list a folder';
      const names = new Set<string>();
      for (let from = after; ; ) {
        const query = `list=true&limit=${LISTED}${from && `&after=${encodeURIComponent(from)}`}`;
        const answer = await ask({ what, method: 'GET', path: `${mount}/metadata/${folder}/?${query}` });
        const keys = asObject(answer.fields?.data)?.keys;
        if (answer.status === 404 && isAbsent(answer)) break;
        if (answer.status !== 200) throw refused(what, answer);
        if (!Array.isArray(keys)) throw notKv(what, answer);
        const later = keys.map(String).filter((name) => name > from);
        for (const name of later) names.add(name);
        // Fewer are the last ones; more come from a server that has given all of them.
        if (keys.length !== LISTED || later.length === 0) break;
        from = later.sort().at(-1)!;
      }
      return [...names].sort();
    },
  };
}

const isNumber = (value: unknown): value is number => Number.isInteger(value) && Number(value) > 0;

/** No such path. Where there is no such mount, it says so in `errors`. */
const isAbsent = ({ fields }: KvAnswer): boolean =>
  fields?.data === undefined &&
  (fields?.errors === undefined || (Array.isArray(fields.errors) && !fields.errors.length));

/** For a success that lacks what its documentation promises: version 1 of the same engine answers like that. */
const notKv = (what: string, answer: KvAnswer): VendingError =>
  refused(what, answer, 'it answers otherwise than KV version 2 does; see KEYVEND_KV_MOUNT');

/** Whoever answers reads may lag behind whoever refused the write, so this may pass. */
const unexplained = ({ unsure }: KvAnswer): VendingError =>
  new VendingError('STORE_UNAVAILABLE', 'The secret store refused a write and shows no reason yet (HTTP 400)', {
    effect: unsure ? 'unknown' : 'none',
    upstreamCode: '400',
  });

/** The mount, or the path, has a `delete_version_after`. What is written there goes by itself, and a key must not. */
const mortal = (): VendingError =>
  new VendingError(
    'STORE_REFUSED',
    'The mount deletes by itself what is written to it: set its delete_version_after to 0',
    { effect: 'unknown' },
  );
