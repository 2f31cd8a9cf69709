// From a request to what the stand-in does: who asks, whether a policy permits it, and which rule of the engine it is.
// Source: OpenBao API docs, "KV version 2", "Token", "HTTP API".
import { isAscii } from 'node:buffer';
import type { KvAuth } from './kv-auth.ts';
import { type Answer, type KvEngine, refusal } from './kv-engine.ts';
import { type Capability, permits, type Rule } from './policy.ts';

export interface KvCall {
  readonly id: string;
  readonly method: string;
  /** Below `/v1/`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly token: string;
  readonly namespace: string;
  /** What it needed, once that is known. */
  capability?: Capability;
}

interface Around {
  readonly auth: KvAuth;
  /** By namespace and mount. */
  readonly engines: ReadonlyMap<string, KvEngine>;
  readonly policies: ReadonlyMap<string, readonly Rule[]>;
  readonly calls: KvCall[];
}
type Body = Readonly<Record<string, unknown>>;

export function routed(call: KvCall, bytes: Buffer, { auth, engines, policies, calls }: Around): Answer {
  const { path, token, namespace } = call;
  const body = bodyOf(bytes);
  if (body === undefined) return refusal(400, 'error parsing JSON');
  // Source: OpenBao 2.5.3 refuses such paths.
  if (!isAscii(Buffer.from(path)) || path.split('/').some((word) => word === '.' || word === '..'))
    return refusal(400, 'path contains relative or unprintable parts');
  const [, mount] = /^auth\/(.+)\/login$/.exec(path) ?? [];
  if (mount !== undefined) return auth.logIn(namespace, mount, body);
  const names = auth.policiesOf(token, namespace);
  if (names === undefined) return refusal(403, 'permission denied', 'invalid token');
  const [engine, kind, rest] = found(engines, namespace, path);
  const needed = capabilityOf(call, engine, kind, rest);
  const isRoot = names.includes('root');
  if (needed === undefined) return refusal(405, 'unsupported operation');
  // A path that is listed has a slash at its end when policies are asked.
  const asked = needed === 'list' ? path.replace(/\/?$/, '/') : path;
  if (
    !isRoot &&
    !permits(
      names.flatMap((name) => policies.get(name) ?? []),
      asked,
      needed,
    )
  )
    return refusal(403, '1 error occurred:\n\t* permission denied\n\n');
  calls.push({ ...call, path: asked, capability: needed });
  if (path === 'auth/token/lookup-self') return auth.lookUp(token);
  if (path === 'auth/token/renew-self') return auth.renew(token);
  if (path === 'auth/token/revoke-self') return auth.revoke(token);
  if (engine === undefined) return refusal(404, `no handler for route "${path}". route entry not found.`);
  return onEngine(call, engine, kind, rest, body);
}

function onEngine({ method, query }: KvCall, engine: KvEngine, kind: string, path: string, body: Body): Answer {
  const numbers = (Array.isArray(body.versions) ? body.versions : []).map(Number);
  const isWrite = method === 'POST' || method === 'PUT';
  if (kind === 'data' && method === 'GET') return engine.read(path, Number(query.get('version') ?? 0));
  if (kind === 'data' && isWrite) return engine.write(path, body);
  if (kind === 'data' && method === 'DELETE') return engine.softDelete(path, [engine.paths.get(path)?.current ?? 0]);
  if (kind === 'metadata' && isList(method, query))
    return engine.list(path, query.get('after') ?? '', Number(query.get('limit') ?? 0));
  if (kind === 'metadata' && method === 'GET') return engine.readMetadata(path);
  if (kind === 'metadata' && isWrite) return engine.writeMetadata(path, body);
  if (kind === 'metadata' && method === 'DELETE') return engine.deleteAll(path);
  if (numbers.length === 0) return refusal(400, 'No version number provided');
  if (kind === 'delete' && isWrite) return engine.softDelete(path, numbers);
  if (kind === 'undelete' && isWrite) return engine.undelete(path, numbers);
  return kind === 'destroy' && isWrite ? engine.destroy(path, numbers) : refusal(405, 'unsupported operation');
}

const isList = (method: string, query: URLSearchParams): boolean =>
  method === 'LIST' || (method === 'GET' && /^(true|1)$/.test(query.get('list') ?? ''));

/** The engine that is mounted there, which of its routes it is, and the path in it. */
function found(
  engines: Around['engines'],
  namespace: string,
  path: string,
): [engine: KvEngine | undefined, kind: string, rest: string] {
  for (const [name, engine] of engines) {
    const mount = `${name.slice(namespace.length + 1)}/`;
    if (!name.startsWith(`${namespace}/`) || !path.startsWith(mount)) continue;
    const [kind = '', ...rest] = path.slice(mount.length).split('/');
    return [engine, kind, rest.join('/')];
  }
  return [undefined, '', ''];
}

/** A write creates where there is nothing yet, by the path's metadata; routes that know no such difference update. */
function capabilityOf(
  { method, query }: KvCall,
  engine: KvEngine | undefined,
  kind: string,
  rest: string,
): Capability | undefined {
  if (isList(method, query)) return 'list';
  if (method === 'GET') return 'read';
  if (method === 'DELETE') return 'delete';
  if (method !== 'POST' && method !== 'PUT') return undefined;
  return (kind === 'data' || kind === 'metadata') && !engine?.has(rest) ? 'create' : 'update';
}

function bodyOf(bytes: Buffer): Body | undefined {
  try {
    const body: unknown = bytes.length === 0 ? {} : JSON.parse(bytes.toString('utf8'));
    return typeof body === 'object' && body !== null ? (body as Body) : undefined;
  } catch {
    return undefined;
  }
}
