// Everything here listens on 127.0.0.1 and nowhere else. A container may be without it (IPv6 alone, or an interface that is down),
// which is told before anything is opened.
import { connect, createServer, type Server } from 'node:net';

/** @throws {Error} with a sentence, where nothing can listen there, or what listens cannot be connected to */
export async function assertLoopback(): Promise<void> {
  const server = createServer((socket) => socket.end());
  try {
    await listening(server);
    await connected((server.address() as { port: number }).port);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(`127.0.0.1 cannot be used on this machine (${code}), and all of this runs there; ${remedy}`);
  } finally {
    server.close();
  }
}

const remedy = 'as root: ip link set lo up; ip addr add 127.0.0.1/8 dev lo';

const listening = (server: Server) =>
  new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));

const connected = (port: number) =>
  new Promise<void>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });
