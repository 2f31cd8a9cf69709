// Distance on one machine: a port that passes bytes on to another one, each way after half a round trip. The first bytes of a
// connection wait a whole round trip more, which is what TCP's own handshake takes: on loopback a connection is open at once.
import net from 'node:net';

export interface Relay {
  readonly port: number;
  close(): void;
}

/** @param roundTripMs 0 and more */
export async function startRelay(to: number, roundTripMs: number): Promise<Relay> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: false, noDelay: true }, (near) => {
    const far = net.connect({ host: '127.0.0.1', port: to, noDelay: true });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    }
    const openedMs = performance.now() + roundTripMs;
    pass(near, far, () => Math.max(performance.now(), openedMs) + roundTripMs / 2);
    pass(far, near, () => performance.now() + roundTripMs / 2);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as net.AddressInfo).port,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** @param dueMs when bytes that come now arrive; never before those that came earlier */
function pass(from: net.Socket, to: net.Socket, dueMs: () => number): void {
  const at = (act: () => void) => {
    const waitMs = dueMs() - performance.now();
    if (waitMs <= 0) act();
    else setTimeout(act, waitMs);
  };
  from.on('data', (bytes) => at(() => void to.write(bytes)));
  from.on('end', () => at(() => to.end()));
  from.on('error', () => to.destroy());
  from.on('close', () => at(() => to.destroy()));
}
