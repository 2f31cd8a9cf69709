// The HTTP of a server of one's own, for a port that anybody may reach: sizes and times are limited, and what is refused before a route is
// known is refused in the words of every other refusal.
import { randomUUID } from 'node:crypto';
import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import type { Server } from 'node:https';
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { readableBy } from '../../application/cors.ts';
import type { HttpResponse } from '../../application/http.ts';
import { type Clock, deadlineIn, leftMs } from '../../clock.ts';
import { VendingError } from '../../errors.ts';
import { logged } from '../log-context.ts';
import type { Portal } from '../portal.ts';
import { refusal } from '../refusal.ts';
import type { Route } from '../routed.ts';
import { hostAndPort } from './address.ts';
import type { ServedRequest } from './http.ts';
import type { Look } from './readiness.ts';

export interface ServerOptions {
  readonly listen: string;
  readonly basePath: string;
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
  readonly mostRequests: number;
  /** Of web pages that may read its answers. */
  readonly origins: ReadonlySet<string>;
  readonly clock: Clock;
  readonly route: Route;
  /** People's page; none without it. */
  readonly portal?: Portal;
  /** Asked for `GET /ready`, which is no part of the contract: it is for whoever spreads requests over processes. */
  ready(): Promise<Look>;
  /** Called with what is refused before a route is known. */
  refusedEarly(status: number, code: string): void;
  /** Whether new certificates were taken, or why not. */
  tlsRead(failed?: unknown): void;
}

export interface RunningServer {
  readonly url: string;
  /** Takes no new connection, and returns once every request has its answer. */
  stop(): Promise<void>;
}

/** More than any request may have; lib/application/http.ts has the limit of each. A policy, which is put, may have much more than the rest. */
const [LONGEST_BODY, LONGEST_PUT] = [64 * 1024, 1024 * 1024 + 1];
/** Whoever holds connections without asking anything holds no more than so many for each request that is answered at a time. */
const CONNECTIONS = 8;
/** For all of a request to arrive, so that nobody holds a connection by sending slowly. */
const ARRIVAL_MS = 15_000;
/** Longer than a load balancer keeps an idle connection, which is 60 s by custom: so it is not this end that closes one in use. */
const IDLE_MS = 75_000;
/** Until then there is an answer, or nobody waits for it any more. */
const ANSWER_MS = 29_500;
const SWEEP_MS = 20;
const LONGEST_HEADERS = 16 * 1024;

export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const app = fastify({
    ...(options.tls && { https: { ...certificate(options.tls), minVersion: 'TLSv1.2' as const } }),
    bodyLimit: LONGEST_BODY,
    requestTimeout: ARRIVAL_MS,
    keepAliveTimeout: IDLE_MS,
    http: { maxHeaderSize: LONGEST_HEADERS, headersTimeout: ARRIVAL_MS },
    forceCloseConnections: 'idle',
    return503OnClosing: false, // what has come in by then is answered
    exposeHeadRoutes: false,
    genReqId: () => randomUUID(),
    routerOptions: { maxParamLength: LONGEST_HEADERS },
  }) as unknown as FastifyInstance;
  answerAll(app, options);
  app.server.maxConnections = CONNECTIONS * options.mostRequests;
  const watched = options.tls && followCertificate(app.server as Server, options.tls, options.tlsRead);
  const url = await app.listen(hostAndPort(options.listen));
  return {
    url,
    async stop() {
      watched?.();
      // Those that carry a request now are idle when it is answered, and kept alive: the server would wait for each.
      const sweep = setInterval(() => app.server.closeIdleConnections(), SWEEP_MS);
      await app.close().finally(() => clearInterval(sweep));
    },
  };
}

function answerAll(app: FastifyInstance, options: ServerOptions): void {
  const { route, refusedEarly, basePath, mostRequests, clock, origins } = options;
  let inHand = 0;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

  async function answer(request: FastifyRequest): Promise<HttpResponse> {
    const deadline = deadlineIn(clock, ANSWER_MS);
    const served = servedRequest(request, basePath);
    const { operation, answer } = route(served);
    inHand += 1;
    try {
      if (inHand > mostRequests)
        return early(
          new VendingError('OVERLOADED', 'Too many requests are being answered', { retryAfterMs: 1_000 }),
          request,
        );
      return await logged({ request: request.id, operation }, () =>
        answer(served, { leftMs: () => leftMs(clock, deadline) }),
      );
    } finally {
      inHand -= 1;
    }
  }

  /** Before anything of it is looked at. */
  function early(error: VendingError, request: FastifyRequest): HttpResponse {
    const said = refusal(error);
    refusedEarly(said.status, error.code);
    return readableBy(origins, headersOf(request), said);
  }

  app.get('/ready', async (_request, reply) => {
    const look = await options.ready();
    return reply
      .code(look.ready ? 200 : 503)
      .header('cache-control', 'no-store')
      .send(look);
  });
  const all = async (request: FastifyRequest, reply: FastifyReply) => send(reply, request.id, await answer(request));
  const { portal } = options;
  if (portal)
    app.get('/portal*', async (request, reply) => {
      const file = portal(new URL(request.raw.url ?? '/', 'http://server').pathname);
      if (file === undefined) return all(request, reply); // `/portals`, for one
      return reply.code(file.status).headers(file.headers).send(file.body);
    });
  app.put('/*', { bodyLimit: LONGEST_PUT }, all);
  app.route({ method: app.supportedMethods.filter((method) => method !== 'PUT'), url: '/*', handler: all });
  app.setNotFoundHandler(all);
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    return send(reply, request.id, early(beforeRoute(error), request));
  });
}

const send = (reply: FastifyReply, id: string, { status, headers, body }: HttpResponse) =>
  reply
    .code(status)
    .headers({ ...headers, 'x-request-id': id })
    .send(Buffer.from(body)); // as bytes: a text would be given a charset, which JSON does not have

const headersOf = ({ raw }: FastifyRequest): ReadonlyMap<string, string> =>
  new Map(Object.entries(raw.headers).map(([name, value]) => [name, String(value)] as const));

function servedRequest(request: FastifyRequest, base: string): ServedRequest {
  const url = new URL(request.raw.url ?? '/', 'http://server');
  return {
    method: request.method,
    path: url.pathname,
    base,
    headers: headersOf(request),
    query: url.searchParams,
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
    id: request.id,
  };
}

/** What the framework refuses by itself: a body that is too long, or does not come as it was announced. */
function beforeRoute({ statusCode = 500 }: FastifyError): VendingError {
  if (statusCode === 413) return new VendingError('TOO_LARGE', 'The request is too large');
  if (statusCode < 500) return new VendingError('INVALID_REQUEST', 'The request cannot be read');
  return new VendingError('INTERNAL', 'Something went wrong here');
}

const certificate = ({ certFile, keyFile }: NonNullable<ServerOptions['tls']>) => ({
  cert: readFileSync(certFile, 'utf8'),
  key: readFileSync(keyFile, 'utf8'),
});

/** Whoever renews a certificate writes two files, one after the other: until both fit, the one before it stays. */
function followCertificate(
  server: Server,
  files: NonNullable<ServerOptions['tls']>,
  read: ServerOptions['tlsRead'],
): () => void {
  const renew = () => {
    try {
      server.setSecureContext({ ...certificate(files), minVersion: 'TLSv1.2' });
      read();
    } catch (error) {
      read(error);
    }
  };
  const names = [files.certFile, files.keyFile];
  for (const name of names) watchFile(name, { interval: 5_000, persistent: false }, renew); // by looking: mounts of secrets are links
  return () => {
    for (const name of names) unwatchFile(name, renew);
  };
}
