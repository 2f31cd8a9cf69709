// In front of everything that listens on this machine. Loopback keeps other machines out, but not the web pages that are open on
// this one: a page can post a form to any port, and can have a name of its own point to 127.0.0.1 (DNS rebinding).
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';

export interface GuardOptions {
  /**
   * Whether a target takes nothing but requests that are signed as a whole with a key no page has. There the clouds' own clients
   * send forms, and change things by GET. Default: none.
   */
  readonly isSigned?: (target: string) => boolean;
  /** Of web pages that are let in besides those of its own origin, each with its preflights. Default: none. */
  readonly origins?: ReadonlySet<string>;
}

/** @returns undefined for a request that may come in */
export function refusalOf(request: IncomingMessage, { isSigned, origins }: GuardOptions = {}): Refusal | undefined {
  const { method = '', url: target = '' } = request;
  const [host = '', ...moreHosts] = valuesOf(request, 'host');
  if (moreHosts.length > 0 || !hostForm.test(host) || !target.startsWith('/')) return refusals.malformed;
  const { encrypted, localPort } = request.socket as TLSSocket;
  const port = /:\d+$/.test(host) ? '' : `:${encrypted ? 443 : 80}`;
  if (!ownNames.some((name) => `${name}:${localPort}` === `${host}${port}`)) return refusals.foreign;
  const own = `${encrypted ? 'https' : 'http'}://${host}`;
  const pages = valuesOf(request, 'origin').filter((origin) => origin !== own);
  const isLetIn = pages.length === 1 && origins?.has(pages[0]!) === true;
  if (!isLetIn && pages.length > 0) return refusals.page;
  if (!isLetIn && !valuesOf(request, 'sec-fetch-site').every((site) => site === 'none' || site === 'same-origin'))
    return refusals.page;
  if (isLetIn && method === 'OPTIONS' && request.headers.upgrade === undefined) return undefined;
  if (request.headers.upgrade !== undefined || !methods.has(method)) return refusals.method;
  if (method === 'GET' || method === 'HEAD' || isSigned?.(target)) return undefined;
  return needsPermission(request) ? undefined : refusals.type;
}

/** @param handle is given what may come in, and nothing else */
export const guarded =
  (handle: RequestListener, options: GuardOptions = {}): RequestListener =>
  (request, response) => {
    const refusal = refusalOf(request, options);
    if (refusal === undefined) handle(request, response);
    else refuse(response, refusal);
  };

/** @param port 0 for any free one @returns a server on 127.0.0.1 that is up */
export async function guardedServer(handle: RequestListener, port = 0, options: GuardOptions = {}): Promise<Server> {
  const server = createServer(guarded(handle, options));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

interface Refusal {
  readonly status: number;
  readonly message: string;
}

export const refuse = (response: ServerResponse, { status, message }: Refusal): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ message }));

const refusals = {
  malformed: { status: 400, message: 'One Host header is needed, with a name and a port and nothing else' },
  foreign: { status: 421, message: 'This is 127.0.0.1, localhost or [::1], with its port, and goes by no other name' },
  page: { status: 403, message: 'Web pages of other origins are refused' },
  method: { status: 403, message: 'Preflights, upgrades and methods that no route has are refused' },
  type: { status: 415, message: 'Send JSON, as application/json' },
} as const satisfies Record<string, Refusal>;

const ownNames = ['127.0.0.1', 'localhost', '[::1]'];
/** A name or an address, and perhaps a port: no user, no dot at the end, no second name. */
const hostForm = /^(?:\[[0-9a-f:]+\]|(?:[a-z0-9-]+\.)*[a-z0-9-]+)(?::\d{1,5})?$/;
const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);

/**
 * Whether a browser asks first (a preflight, which is refused) before it lets a page send this: JSON in any of its types is
 * none of the three that a form can have, and no page can add a bearer token to a form. Source: Fetch Standard, "CORS-safelisted".
 */
const needsPermission = (request: IncomingMessage): boolean =>
  /^application\/(?:json|[a-z0-9.-]+\+json|x-amz-json-1\.[01])\s*(?:;|$)/i.test(
    request.headers['content-type'] ?? '',
  ) || /^bearer /i.test(request.headers.authorization ?? '');

/** Node's own `headers` hides that a header came twice. */
const valuesOf = ({ rawHeaders }: IncomingMessage, name: string): string[] =>
  rawHeaders.flatMap((one, i) => (i % 2 === 0 && one.toLowerCase() === name ? [rawHeaders[i + 1] ?? ''] : []));
