// A cable to a server on loopback that can be cut after so many bytes, or led to another server.
import { createServer, connect as dial, type Socket } from 'node:net';

export interface Cable {
  readonly port: number;
  /** From now on, after so many more bytes to the server, both ends of every connection are reset. */
  cutAfter(bytes: number): void;
  /** New connections go to another server, as behind an address that fails over. */
  leadTo(port: number): void;
  /** Nothing more is read from either end, and nobody is told. */
  freeze(): void;
  /** How many bytes went to the server since the last `cutAfter`. */
  carried(): number;
  close(): Promise<void>;
}

export async function cable(toPort: number): Promise<Cable> {
  let left = Number.POSITIVE_INFINITY;
  let carried = 0;
  let behind = toPort;
  const ends = new Set<Socket>();
  const cut = () => {
    for (const end of ends) end.resetAndDestroy();
  };
  const server = createServer((near) => {
    const far = dial(behind, '127.0.0.1');
    for (const end of [near, far]) {
      ends.add(end);
      end.on('error', () => {});
      end.once('close', () => {
        ends.delete(end);
        near.destroy();
        far.destroy();
      });
    }
    far.on('data', (data) => near.write(data));
    near.on('data', (data) => {
      carried += data.length;
      far.write(data.subarray(0, Math.max(0, left)), () => left <= 0 && cut());
      left -= data.length;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as { port: number }).port,
    cutAfter(bytes) {
      left = bytes;
      carried = 0;
    },
    leadTo(port) {
      behind = port;
    },
    freeze() {
      for (const end of ends) end.pause();
    },
    carried: () => carried,
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
