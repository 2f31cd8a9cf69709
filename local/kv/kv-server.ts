// A STAND-IN for OpenBao on loopback: KV version 2 over HTTP, tokens, policies, namespaces, seal and standby, and faults on demand. Not
// OpenBao, and no proof of what it does beyond its pages and its source.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../lib/clock.ts';
import { guardedServer } from '../guard.ts';
import { KvAuth } from './kv-auth.ts';
import { type Answer, KvEngine, refusal } from './kv-engine.ts';
import { type KvCall, routed } from './kv-routes.ts';
import { type Rule, rulesOf } from './policy.ts';

/** What happens to the next call that it is for: it waits, is dropped or given an answer; `after`: it is carried out first. */
export interface Fault {
  readonly on: (call: KvCall) => boolean;
  readonly after?: true;
  /** Without it, and without `until`, the connection is dropped. */
  readonly answer?: Answer & { readonly headers?: Readonly<Record<string, string>>; readonly text?: string };
  /** It is carried out when this comes to pass, whether anybody still waits for it or not. */
  readonly until?: Promise<unknown>;
}

export interface KvStandIn {
  readonly origin: string;
  readonly auth: KvAuth;
  readonly faults: Fault[];
  /** What arrived and was permitted, in order. */
  readonly calls: KvCall[];
  /** Where it is sealed or a standby, it says so and does nothing else. */
  mode: 'active' | 'sealed' | { readonly standbyOf: string };
  /** Enables KV version 2 there. */
  mount(name: string, namespace?: string): KvEngine;
  policy(name: string, text: string): void;
  /** How many requests are waiting for a fault's `until`. */
  held(): number;
  stop(): Promise<void>;
}

/** @param port 0 for any free one */
export async function startKvStandIn(clock: Clock, port = 0): Promise<KvStandIn> {
  const auth = new KvAuth(() => clock.wallMs() / 1_000);
  const engines = new Map<string, KvEngine>();
  const policies = new Map<string, readonly Rule[]>();
  const [faults, calls]: [Fault[], KvCall[]] = [[], []];
  let held = 0;

  const carriedOut = (call: KvCall, body: Buffer): Answer => {
    if (call.path === 'sys/health') return health(standIn.mode);
    if (standIn.mode === 'sealed') return refusal(503, 'Vault is sealed');
    return routed(call, body, { auth, engines, policies, calls });
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const call = callOf(request);
    if (typeof standIn.mode === 'object' && call.path !== 'sys/health')
      return void response.writeHead(307, { location: `${standIn.mode.standbyOf}${request.url}` }).end();
    const index = faults.findIndex((fault) => fault.on(call));
    const [fault] = index === -1 ? [] : faults.splice(index, 1);
    if (fault?.until !== undefined) {
      held += 1;
      await fault.until;
      held -= 1;
    }
    const isCut = fault !== undefined && fault.until === undefined;
    const result = isCut && !fault.after ? undefined : carriedOut(call, Buffer.concat(chunks));
    if (isCut && fault.answer === undefined) return void request.socket.destroy();
    send(response, isCut ? fault.answer! : result!);
  }

  const server = await guardedServer(
    (request, response) => void answer(request, response).catch(() => request.socket.destroy()),
    port,
    // Nothing but a login is done without X-Vault-Token, and a page that adds that has to ask first, as for a bearer token.
    { isSigned: (target) => !/\/login$/.test(target) },
  );
  const standIn: KvStandIn = {
    ...{ origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, auth, faults, calls, mode: 'active' },
    mount(name, namespace = '') {
      const engine = new KvEngine(() => clock.wallMs());
      engines.set(`${namespace}/${name}`, engine);
      return engine;
    },
    policy: (name, text) => void policies.set(name, rulesOf(text)),
    held: () => held,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return standIn;
}

function callOf({ method = '', url = '', headers }: IncomingMessage): KvCall {
  const { pathname, searchParams } = new URL(url, 'http://127.0.0.1');
  return {
    ...{ id: randomUUID(), method, path: decodeURIComponent(pathname).replace(/^\/v1\//, ''), query: searchParams },
    token: String(headers['x-vault-token'] ?? ''),
    namespace: String(headers['x-vault-namespace'] ?? '').replace(/\/$/, ''),
  };
}

function health(mode: KvStandIn['mode']): Answer {
  const [sealed, standby] = [mode === 'sealed', typeof mode === 'object'];
  return { status: sealed ? 503 : standby ? 429 : 200, body: { initialized: true, sealed, standby } };
}

function send(response: ServerResponse, { status, body, ...more }: NonNullable<Fault['answer']>): void {
  const text = more.text ?? (body === undefined ? '' : JSON.stringify({ request_id: randomUUID(), ...body }));
  const type = more.text === undefined ? 'application/json' : 'text/html';
  response.writeHead(status, { ...(text !== '' && { 'content-type': type }), ...more.headers }).end(text);
}
