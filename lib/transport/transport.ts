// How our requests reach a cloud. The SDKs' own transports lose what custody needs: they cannot be aborted, throw a bare
// SyntaxError for an HTML answer, quote URLs in messages, and do not say whether anything was sent.
import type { ClientRequest, IncomingMessage } from 'node:http';
import { type Clock, leftMs } from '../clock.ts';
import { agentFor, bare, type Protocol } from './agent.ts';
import { openings, type Target } from './openings.ts';
import { isLoopback } from './proxy.ts';
import {
  type CallLimits,
  NoAnswer,
  type NoAnswerReason,
  type Transport,
  type WireAnswer,
  type WireRequest,
} from './wire.ts';

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
  const kept = { keepAlive: true, ...(options.ca === undefined ? {} : { ca: options.ca }) };
  const agents = { 'https:': agentFor('https:', kept), 'http:': agentFor('http:', kept) };
  const { isFresh, markFresh, ...opened } = openings(clock, agents, maxIdleMs);

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
        const opening = opened.take(target, request);
        const { request: on } = opening;
        outgoing = on;
        over.signal.addEventListener('abort', () => opening.over.abort('over'));
        opening.onError = (error) => {
          if (over.signal.aborted || outgoing !== on) return;
          // One that was opened early says little about the way there by now, and nothing was written to it.
          if (opening.isEarly && !opening.isOpen) connect();
          else fail('connection', error.code);
        };
        opening.onOpen = (socket) => {
          if (!isFresh(socket)) {
            outgoing = undefined; // nothing was written, so its end means nothing
            on.destroy();
            return connect();
          }
          on.once('response', (incoming) =>
            readAll(incoming, maxAnswerBytes, fail, (body) => {
              markFresh(socket, request.maxIdleMs);
              finish(() => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body }));
            }),
          );
          signAndWrite(on);
        };
        if (opening.isOpen) opening.onOpen(on.socket!);
      };
      connect();
    });
  }

  return {
    send,
    connectEarly(to, count) {
      try {
        opened.connectEarly(whereTo({ ...to, path: '/' }), to, count);
      } catch {
        // Where nothing may be sent: whoever sends hears of it.
      }
    },
    close() {
      opened.close();
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

/** Anyone who reads a signed request can act with it for a quarter of an hour, so it leaves this machine over TLS only. */
function whereTo({ origin, path, method = 'POST' }: Pick<WireRequest, 'origin' | 'path' | 'method'>): Target {
  const { protocol, hostname, port } = new URL(origin);
  if (protocol !== 'https:' && !(protocol === 'http:' && isLoopback(hostname))) {
    throw new TypeError('a cloud endpoint needs https, unless it is on loopback');
  }
  return {
    protocol: protocol as Protocol,
    host: bare(hostname),
    ...(port && { port }),
    path,
    method,
  };
}

/** Reads an answer to its end. @param fail called for one that is larger, or that breaks off; it may go on being called */
export function readAll(
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
