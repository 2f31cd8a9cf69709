// One port for plain HTTP and TLS: the first byte of a TLS connection is 0x16 (RFC 8446 section 5.1, "handshake"), and
// no HTTP method begins with it.
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, createServer as createTcp, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { type GuardOptions, refusalOf, refuse } from '../../guard.ts';
import type { Certificate } from './certificate.ts';

const tlsHandshake = 0x16;
/** How long close() waits for clients that do not take their answers. */
const graceMs = 5000;
/** Twenty tags of 128 characters in three bytes each, percent-encoded in the target, are beyond Node's 16 KiB. */
const manners = { keepAliveTimeout: 60_000, requestTimeout: 0, maxHeaderSize: 128 * 1024 };

/** @param connection counted from 1, by first requests; @param nth which request of that connection this is, from 1 */
export type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
  connection: number,
  nth: number,
) => Promise<void>;

export interface Port {
  readonly number: number;
  /** Takes no more requests, lets those in flight finish, then ends every connection. */
  close(): Promise<void>;
}

/** Listens on 127.0.0.1 and nowhere else. @throws what `listen` throws, such as EADDRINUSE */
export async function openPort(
  port: number,
  certificate: Certificate,
  handle: Handler,
  guard: GuardOptions,
): Promise<Port> {
  const sockets = new Set<Socket>();
  const known = new WeakMap<Socket, { readonly number: number; requests: number }>();
  const inFlight = new Set<Promise<void>>();
  let count = 0;
  let closing = false;

  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const refusal = refusalOf(request, guard);
    if (refusal !== undefined) {
      refuse(response, refusal);
      return;
    }
    let connection = known.get(request.socket);
    if (!connection) {
      count += 1;
      connection = { number: count, requests: 0 };
      known.set(request.socket, connection);
    }
    connection.requests += 1;
    if (closing) response.setHeader('connection', 'close');
    const running = handle(request, response, connection.number, connection.requests).finally(() => {
      inFlight.delete(running);
    });
    inFlight.add(running);
  };
  const plain = createHttp(manners, onRequest);
  const secure = createHttps({ ...manners, key: certificate.key, cert: certificate.cert }, onRequest);

  const tcp = createTcp({ noDelay: true, allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy()); // a client may reset at any time
    socket.once('readable', () => {
      const first: Buffer | null = socket.read(1);
      if (!first) {
        socket.destroy();
        return;
      }
      socket.unshift(first);
      const isTls = first[0] === tlsHandshake;
      // As the two kinds of server expect: an HTTP client may end its side right after the request, a TLS client may not.
      socket.allowHalfOpen = !isTls;
      (isTls ? secure : plain).emit('connection', socket);
    });
  });

  await new Promise<void>((resolve, reject) => {
    tcp.once('error', reject);
    tcp.listen({ port, host: '127.0.0.1' }, () => resolve());
  });
  return {
    number: (tcp.address() as AddressInfo).port,
    async close() {
      closing = true;
      const closed = new Promise<void>((resolve) => tcp.close(() => resolve()));
      const grace = new AbortController();
      await Promise.race([
        Promise.all(inFlight),
        wait(graceMs, undefined, { signal: grace.signal }).catch(() => undefined),
      ]);
      grace.abort();
      for (const socket of sockets) socket.end(() => socket.destroy());
      await closed;
    },
  };
}
