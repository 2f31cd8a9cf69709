// A small API gateway: turns HTTP on loopback into events of payload format 2.0, by the routes of serverless.yml.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { preflightAnswer, readableBy } from '../../lib/application/cors.ts';
import type { HttpResponse } from '../../lib/application/http.ts';
import { PORTAL_PATH, type Portal, type PortalFile } from '../../lib/platforms/portal.ts';
import { guardedServer, type Visit } from '../guard.ts';
import { contextFor, type Handler, handlerOf } from './invoke.ts';
import type { Route } from './routes.ts';

/** API Gateway's own limit for a payload. */
const LONGEST_BODY = 10 * 1024 * 1024;

interface FunctionAnswer {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface Beside {
  /** Of web pages that may call it: it answers their preflights by itself, as the real one does. */
  readonly origins?: ReadonlySet<string>;
  /** The page, which a browser also comes to from the issuer, on another port. */
  readonly portal?: Portal;
}

/** @param port 0 for any free one @returns the server, listening on 127.0.0.1 */
export async function gateway(
  routes: readonly Route[],
  port: number,
  { origins = new Set(), portal = () => undefined }: Beside = {},
): Promise<Server> {
  const handlers = new Map<string, Handler>();
  for (const { handler } of routes) handlers.set(handler, await handlerOf(handler));

  const answerAll: RequestListener = (request, response) => {
    const file = request.method === 'GET' ? pageFor(request, portal) : undefined;
    if (file) return void response.writeHead(file.status, file.headers).end(file.body);
    const headers = headersOf(request);
    const preflight = preflightAnswer(origins, { method: request.method ?? '', headers });
    const sent = ({ statusCode: status, headers: given = {}, body = '' }: FunctionAnswer) =>
      send(response, readableBy(origins, headers, { status, headers: given, body }));
    if (preflight !== undefined) return send(response, preflight);
    answer(request, routes, handlers).then(
      sent,
      () => sent({ statusCode: 500, body: '{"message":"Internal Server Error"}' }), // the gateway's own words
    );
  };
  const mayVisit = ({ method, path, origin, site, isNavigation }: Visit) =>
    method === 'GET' && path === PORTAL_PATH && origin === undefined && site === 'same-site' && isNavigation;
  return guardedServer(answerAll, port, { origins, mayVisit });
}

/** People are sent back from the issuer to 127.0.0.1; on localhost the page would be another origin, and know nothing of its sign-in. */
function pageFor({ url = '/', headers: { host = '' } }: IncomingMessage, portal: Portal): PortalFile | undefined {
  const file = portal(url.split('?', 1)[0]!);
  const port = /:(\d+)$/.exec(host)?.[1];
  if (file === undefined || host.startsWith('127.0.0.1')) return file;
  return { status: 307, headers: { location: `http://127.0.0.1:${port}${url}` }, body: Buffer.alloc(0) };
}

async function answer(
  request: IncomingMessage,
  routes: readonly Route[],
  handlers: ReadonlyMap<string, Handler>,
): Promise<FunctionAnswer> {
  const url = new URL(request.url ?? '/', 'http://gateway');
  const route = routes.find(({ method, pattern }) => method === request.method && pattern.test(url.pathname));
  if (route === undefined) return { statusCode: 404, body: '{"message":"Not Found"}' };
  const body = await wholeBody(request);
  if (body === undefined) return { statusCode: 413, body: '{"message":"Request Too Long"}' };
  const event = {
    version: '2.0',
    routeKey: route.key,
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    pathParameters: route.pattern.exec(url.pathname)?.groups,
    headers: Object.fromEntries(headersOf(request)),
    requestContext: {
      stage: '$default',
      requestId: randomUUID(),
      http: { method: request.method, path: url.pathname, sourceIp: request.socket.remoteAddress },
    },
    // API Gateway sends text as text, and encodes what is not valid UTF-8.
    ...(isText(body)
      ? { body: body.toString('utf8'), isBase64Encoded: false }
      : { body: body.toString('base64'), isBase64Encoded: true }),
  };
  return (await handlers.get(route.handler)!(event, contextFor(route.handler))) as FunctionAnswer;
}

const isText = (body: Buffer): boolean => Buffer.from(body.toString('utf8'), 'utf8').equals(body);

async function wholeBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > LONGEST_BODY) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const headersOf = ({ headers }: IncomingMessage): ReadonlyMap<string, string> =>
  new Map(Object.entries(headers).map(([name, value]) => [name, String(value)] as const));

function send(response: ServerResponse, { status, headers, body }: HttpResponse): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
}
