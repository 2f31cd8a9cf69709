// How our requests reach a cloud. The SDKs' own transports lose what custody needs: they cannot be aborted, throw a bare
// SyntaxError for an HTML answer, quote URLs in messages, and do not say whether anything was sent.
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { type Clock, type Deadline, deadlineIn, leftMs } from '../clock.ts';
import {
  type CallLimits,
  NoAnswer,
  type NoAnswerReason,
  type Transport,
  type WireAnswer,
  type WireRequest,
} from './wire.ts';

// Not imported: an ES module that imports node:http loads undici with it, 25 ms of a cold start (nodejs/node#59686).
const http = process.getBuiltinModule('node:http');
const clients = { 'https:': https, 'http:': http };

export interface TransportOptions {
  readonly clock: Clock;
  /** PEM certificates to trust instead of the system's, for a local cloud. */
  readonly ca?: string;
  /** A larger answer is given up; a key pair's is some 3 KB and a page of a hundred pairs some 60 KB. Default 1 MiB. */
  readonly maxAnswerBytes?: number;
  /** A connection idle for longer is not written to: the cloud may have closed it, and then a create is ambiguous. Default 4000. */
  readonly maxIdleMs?: number;
}

export function createTransport(options: TransportOptions): Transport {
  const { clock, maxAnswerBytes = 1024 * 1024, maxIdleMs = 4_000 } = options;
  const agents = {
    // Said, because the environment decides otherwise (NODE_TLS_REJECT_UNAUTHORIZED).
    'https:': new https.Agent({
      keepAlive: true,
      rejectUnauthorized: true,
      ...(options.ca === undefined ? {} : { ca: options.ca }),
    }),
    'http:': new http.Agent({ keepAlive: true }),
  };
  const freshUntil = new WeakMap<Socket, Deadline>();
  const isFresh = (socket: Socket) => {
    const until = freshUntil.get(socket);
    return until !== undefined && leftMs(clock, until) > 0;
  };
  const markFresh = (socket: Socket, idleMs = maxIdleMs) => void freshUntil.set(socket, deadlineIn(clock, idleMs));

  /** A request on its way to a connection, with nothing written yet. */
  function open(target: Target, { origin, maxIdleMs: idleMs }: Pick<WireRequest, 'origin' | 'maxIdleMs'>): Opening {
    const request = clients[target.protocol].request({ ...target, agent: agents[target.protocol] });
    const opening: Opening = { request, origin, isOpen: false };
    const opened = (socket: Socket, isNew: boolean) => {
      if (isNew) markFresh(socket, idleMs);
      opening.isOpen = true;
      opening.onOpen?.(socket);
    };
    request.once('socket', (socket) => {
      if (opening.onOpen === undefined) socket.unref();
      if (request.reusedSocket) opened(socket, false);
      else socket.once(target.protocol === 'https:' ? 'secureConnect' : 'connect', () => opened(socket, true));
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      early.delete(opening);
      opening.onError?.(error);
    });
    return opening;
  }

  const early = new Set<Opening>();
  const earlyOf = (origin: string) => [...early].filter((one) => one.origin === origin);
  /** One that has become too old to be written to is closed. */
  const isUsable = (one: Opening): boolean => {
    if (!one.isOpen || isFresh(one.request.socket!)) return true;
    early.delete(one);
    one.request.destroy();
    return false;
  };
  const kept = (target: Target) =>
    (agents[target.protocol].freeSockets[agents[target.protocol].getName(target)] ?? []).filter(isFresh).length;

  function connectEarly(to: Pick<WireRequest, 'origin' | 'maxIdleMs'>, count: number): void {
    const target = whereTo({ ...to, path: '/' });
    const there = kept(target) + earlyOf(to.origin).filter(isUsable).length;
    for (let i = there; i < count; i += 1) early.add(open(target, to));
  }

  /** The connection that was opened early, where one was and can still be used. */
  function takeEarly(target: Target, origin: string): Opening | undefined {
    const one = earlyOf(origin).find(isUsable);
    if (one === undefined) return undefined;
    early.delete(one);
    one.request.path = target.path;
    one.request.socket?.ref();
    return one;
  }

  function send(request: WireRequest, call: CallLimits): Promise<WireAnswer> {
    const target = whereTo(request);
    return new Promise((resolve, reject) => {
      let sent = false;
      let outgoing: ClientRequest | undefined;
      const over = new AbortController();
      const finish = (settle: () => void) => {
        if (over.signal.aborted) return;
        over.abort('over'); // a reason of its own: the usual one is an exception that is made each time
        clearTimeout(timer);
        settle();
      };
      const fail = (reason: NoAnswerReason, networkCode?: string) => {
        finish(() => reject(new NoAnswer(reason, sent, networkCode)));
        outgoing?.destroy();
      };
      const timer = setTimeout(() => fail('timeout'), call.timeoutMs);
      if (call.signal?.aborted) return fail('cancelled');
      call.signal?.addEventListener('abort', () => fail('cancelled'), { signal: over.signal });

      const signAndWrite = (on: ClientRequest) => {
        if (over.signal.aborted) return;
        if (call.signBefore !== undefined && leftMs(clock, call.signBefore) <= 0) return fail('deadline');
        try {
          const headers = request.sign(clock.wallMs());
          for (const [name, value] of Object.entries(headers)) on.setHeader(name, value);
          on.setHeader('content-length', request.body.length);
        } catch (error) {
          finish(() => reject(error));
          return on.destroy();
        }
        sent = true;
        on.end(request.body);
        call.onSent?.();
      };

      const connect = () => {
        const opening = takeEarly(target, request.origin) ?? open(target, request);
        const opened = opening.request;
        outgoing = opened;
        opening.onError = (error) => {
          if (outgoing === opened) fail('connection', error.code);
        };
        opening.onOpen = (socket) => {
          if (!isFresh(socket)) {
            outgoing = undefined; // nothing was written, so its end means nothing
            opened.destroy();
            return connect();
          }
          opened.once('response', (incoming) =>
            readAll(incoming, maxAnswerBytes, fail, (body) => {
              markFresh(socket, request.maxIdleMs);
              finish(() => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body }));
            }),
          );
          signAndWrite(opened);
        };
        if (opening.isOpen) opening.onOpen(opened.socket!);
      };
      connect();
    });
  }

  return {
    send,
    connectEarly,
    close() {
      for (const { request } of early) request.destroy();
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

type Target = RequestOptions & { protocol: 'https:' | 'http:'; path: string };

interface Opening {
  readonly request: ClientRequest;
  readonly origin: string;
  isOpen: boolean;
  /** Of whoever sends on it; nobody yet where it was opened early. */
  onOpen?: (socket: Socket) => void;
  onError?: (error: NodeJS.ErrnoException) => void;
}

/** Anyone who reads a signed request can act with it for a quarter of an hour, so it leaves this machine over TLS only. */
function whereTo({ origin, path }: Pick<WireRequest, 'origin' | 'path'>): Target {
  const { protocol, hostname, port } = new URL(origin);
  if (protocol !== 'https:' && !(protocol === 'http:' && isLoopback(hostname))) {
    throw new TypeError('a cloud endpoint needs https, unless it is on loopback');
  }
  return {
    protocol: protocol as Target['protocol'],
    host: hostname.replace(/^\[|\]$/g, ''),
    ...(port && { port }),
    path,
    method: 'POST',
  };
}

export const isLoopback = (hostname: string) => /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);

function readAll(
  incoming: IncomingMessage,
  maxBytes: number,
  fail: (reason: NoAnswerReason, networkCode?: string) => void,
  done: (body: Buffer) => void,
): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  incoming.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxBytes) fail('oversized');
    else chunks.push(chunk);
  });
  incoming.on('error', (error: NodeJS.ErrnoException) => fail('truncated', error.code));
  incoming.on('end', () => done(Buffer.concat(chunks)));
}
