// A Function Compute on this machine: it starts packaged folders as the cloud does. Not Function Compute, and no proof of what that does
// beyond its pages. Each instance has a port of its own, by KEYVEND_FC_PORT; in the cloud it is 9000 for all.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { received } from '../clouds/http/received.ts';
import { guardedServer } from '../guard.ts';
import { fcApi } from './fc-api.ts';
import { AsyncCalls } from './fc-async.ts';
import { type Identity, passedOn, type RoleKey } from './fc-call.ts';
import { FcFunction, type FunctionSpec, type Surroundings } from './fc-function.ts';
import { timerEvent } from './fc-triggers.ts';

export interface LocalFcOptions extends Partial<Identity> {
  /** Which path of the custom domain leads to which function: `/v1/ecs/*`. The longest one counts. */
  readonly routes?: Readonly<Record<string, string>>;
  /** The key that the role of a function has at the moment, by the function's name. */
  role?(name: string): RoleKey | undefined;
  /** Default true. */
  readonly controlPath?: boolean;
  /** Of web pages that are let in at the custom domain. Default: none. */
  readonly origins?: ReadonlySet<string>;
  readonly freePort: () => Promise<number>;
  /** Default: the clock on the wall, in milliseconds. */
  nowMs?(): number;
  /** Default: that many milliseconds of it. */
  readonly limit?: Surroundings['limit'];
}

export interface LocalFc {
  /** Of the custom domain. */
  readonly domain: string;
  /** Of the API. */
  readonly api: string;
  readonly asynchronous: AsyncCalls;
  readonly where: Identity;
  deploy(spec: FunctionSpec): FcFunction;
  get(name: string): FcFunction;
  /** What a timer does when its time has come; it waits until `asynchronous.settled()`. */
  timer(name: string, payload: string): void;
  /** All that the instances printed. */
  printed(): string;
  stop(): Promise<void>;
}

export async function startLocalFc(options: LocalFcOptions): Promise<LocalFc> {
  const { account = '1234567890123456', region = 'cn-hangzhou', routes = {}, role = () => undefined } = options;
  const { nowMs = Date.now, controlPath = true, freePort, limit = realLimit, origins = new Set() } = options;
  const where = { account, region };
  const functions = new Map<string, FcFunction>();
  const asynchronous = new AsyncCalls();
  let printed = '';
  const print = (_name: string, bytes: Buffer) => {
    printed += bytes;
  };
  const get = (name: string): FcFunction => {
    const found = functions.get(name);
    if (found === undefined) throw new Error(`there is no function ${name}`);
    return found;
  };

  async function throughDomain(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '' } = request;
    const name = routed(routes, path.split('?', 1)[0]!);
    if (name === undefined) return void response.writeHead(404).end('{"ErrorCode":"DomainRouteNotFound"}');
    const headers = passedOn(request.headers);
    const invoked = await get(name).call({ kind: '/http-invoke', method, path, headers, body: await buffer(request) });
    if ('failure' in invoked)
      return void response.writeHead(502).end(JSON.stringify({ errorMessage: invoked.failure }));
    const { status, headers: said, body } = invoked.answer;
    response.writeHead(status, passedOn(said)).end(body);
  }

  const answer = fcApi({
    keys: () => [...functions.keys()].map(role).filter((key) => key !== undefined),
    ...{ account, nowMs },
    get: (name) => functions.get(name),
    take: (to, body) => asynchronous.add(to, body),
  });
  async function throughApi(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', rawHeaders } = request;
    const { status, headers, body } = await answer(received(method, url, rawHeaders, await buffer(request)));
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  }
  const domain = await listening(throughDomain, origins);
  const api = await listening(throughApi, new Set());

  return {
    ...{ domain: originOf(domain), api: originOf(api), asynchronous, where, get },
    deploy(spec) {
      const made = new FcFunction(spec, { account, region, role, controlPath, freePort, print, limit });
      functions.set(spec.name, made);
      return made;
    },
    timer: (name, payload) => asynchronous.add(get(name), timerEvent('timer', payload, nowMs())),
    printed: () => printed,
    async stop() {
      await Promise.all([...functions.values()].map((one) => one.kill()));
      for (const server of [domain, api]) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}

/** `/v1/ecs/*` for whatever is below, `/health` for itself alone. The longest that fits. */
function routed(routes: Readonly<Record<string, string>>, path: string): string | undefined {
  const fits = (route: string) => (route.endsWith('*') ? path.startsWith(route.slice(0, -1)) : path === route);
  const [longest] = Object.keys(routes)
    .filter(fits)
    .sort((a, b) => b.length - a.length);
  return longest === undefined ? undefined : routes[longest];
}

const listening = (
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  origins: ReadonlySet<string>,
): Promise<Server> =>
  guardedServer((request, response) => void handle(request, response).catch(() => response.destroy()), 0, { origins });

const originOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

function realLimit(ms: number, given: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    given.addEventListener('abort', () => clearTimeout(timer));
  });
}
