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
  /** Which requests of pages elsewhere on this machine, on another port, come in all the same. Default: none. */
  readonly mayVisit?: (visit: Visit) => boolean;
  /** Which paths take a form, of this server's own pages or of a program. Default: none. */
  readonly takesForm?: (path: string) => boolean;
}

/** A request that a page elsewhere made, by what its browser says. */
export interface Visit {
  readonly method: string;
  readonly path: string;
  /** Of the page, which a request has that is no plain navigation; always one on loopback. */
  readonly origin?: string;
  readonly site: string;
  /** Whether it takes the whole window elsewhere, as a link does: then the page that was there reads nothing of the answer. */
  readonly isNavigation: boolean;
}

/** @returns undefined for a request that may come in */
export function refusalOf(request: IncomingMessage, options: GuardOptions = {}): Refusal | undefined {
  const { method = '', url: target = '' } = request;
  const [host = '', ...moreHosts] = valuesOf(request, 'host');
  if (moreHosts.length > 0 || !hostForm.test(host) || !target.startsWith('/')) return refusals.malformed;
  const { encrypted, localPort } = request.socket as TLSSocket;
  const port = /:\d+$/.test(host) ? '' : `:${encrypted ? 443 : 80}`;
  if (!ownNames.some((name) => `${name}:${localPort}` === `${host}${port}`)) return refusals.foreign;
  const own = `${encrypted ? 'https' : 'http'}://${host}`;
  const isLetIn = isOfPageLetIn(request, own, options);
  if (!isLetIn && !isOfOwnPage(request, own) && !isVisit(request, options)) return refusals.page;
  if (isLetIn && method === 'OPTIONS' && request.headers.upgrade === undefined) return undefined;
  if (request.headers.upgrade !== undefined || !methods.has(method)) return refusals.method;
  if (method === 'GET' || method === 'HEAD' || options.isSigned?.(target)) return undefined;
  if (isForm(request) && options.takesForm?.(pathOf(target))) return undefined;
  return needsPermission(request) ? undefined : refusals.type;
}

function isOfPageLetIn(request: IncomingMessage, own: string, { origins }: GuardOptions): boolean {
  const pages = valuesOf(request, 'origin').filter((origin) => origin !== own);
  return pages.length === 1 && origins?.has(pages[0]!) === true;
}

/** Of a page of this server, or of no page: programs say neither. */
const isOfOwnPage = (request: IncomingMessage, own: string): boolean =>
  valuesOf(request, 'origin').every((origin) => origin === own) &&
  valuesOf(request, 'sec-fetch-site').every((site) => site === 'none' || site === 'same-origin');

function isVisit(request: IncomingMessage, { mayVisit }: GuardOptions): boolean {
  const [origins, sites] = [valuesOf(request, 'origin'), valuesOf(request, 'sec-fetch-site')];
  if (mayVisit === undefined || origins.length > 1 || sites.length > 1) return false;
  const [origin] = origins;
  if (origin !== undefined && !/^http:\/\/127\.0\.0\.1:\d{1,5}$/.test(origin)) return false;
  const { method = '', url = '', headers } = request;
  const isNavigation = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  return mayVisit({ method, path: pathOf(url), ...(origin && { origin }), site: sites[0] ?? '', isNavigation });
}

const pathOf = (target: string): string => target.split('?', 1)[0]!;

const isForm = ({ headers }: IncomingMessage): boolean =>
  /^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(headers['content-type'] ?? '');

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
