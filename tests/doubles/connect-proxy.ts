// A proxy on loopback that leads every tunnel to one server on this machine, whatever name it is asked for.
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo, type Socket } from 'node:net';

export interface ConnectProxy {
  readonly port: number;
  readonly seen: {
    /** What was asked for: `host:port`, each time. */
    readonly asked: string[];
    readonly credentials: (string | undefined)[];
    /** Other requests than for a tunnel. */
    others: number;
    /** What went through the tunnels to the server. */
    carried: string;
    open: number;
  };
  close(): void;
}

export interface ProxyOptions {
  /** In place of a tunnel. */
  readonly behave?: (socket: Socket) => void;
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly host?: string;
}

export async function connectProxy(toPort: number, options: ProxyOptions = {}): Promise<ConnectProxy> {
  const seen: ConnectProxy['seen'] = { asked: [], credentials: [], others: 0, carried: '', open: 0 };
  const sockets = new Set<Socket>();
  const other: http.RequestListener = (_, response) => {
    seen.others += 1;
    response.writeHead(500).end();
  };
  const server = options.tls ? https.createServer(options.tls, other) : http.createServer(other);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    seen.open += 1;
    socket.on('error', () => {});
    socket.once('close', () => {
      seen.open -= 1;
    });
  });
  server.on('connect', (request: http.IncomingMessage, near: Socket) => {
    seen.asked.push(request.url ?? '');
    seen.credentials.push(request.headers['proxy-authorization']);
    near.on('error', () => {});
    if (options.behave) {
      near.on('end', () => near.end()).resume();
      return options.behave(near);
    }
    const far = net.connect(toPort, '127.0.0.1', () => near.write('HTTP/1.1 200 Connection established\r\n\r\n'));
    sockets.add(far);
    near.on('data', (bytes) => {
      seen.carried += bytes.toString('latin1');
    });
    near.pipe(far).pipe(near);
    far.on('error', () => near.destroy());
    near.once('close', () => far.destroy());
  });
  server.listen(0, options.host ?? '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
