// Keeps what the clients in this process send to a server, and sends it again. Not a proxy: its port would be in the Host header,
// which the server checks and most schemes sign.
import { connect, Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Recorder {
  readonly port: number;
  /** The bytes of every connection, in the order they were opened. */
  sent(): readonly Buffer[];
}

/** @param port the server's */
export function recorder(port: number): Recorder {
  const recorded = new Map<Socket, Buffer[]>();
  const { write } = Socket.prototype;
  Socket.prototype.write = function (this: Socket, ...given: Parameters<Socket['write']>) {
    const [data, encoding] = given as unknown as [string | Uint8Array, BufferEncoding?];
    const bytes = typeof data === 'string' ? Buffer.from(data, encoding) : Buffer.from(data);
    recorded.set(this, [...(recorded.get(this) ?? []), bytes]);
    return Reflect.apply(write, this, given);
  } as Socket['write'];
  const toServer = ({ remotePort }: Socket) => remotePort === port;
  onTestFinished(() => {
    Socket.prototype.write = write;
  });
  return {
    port,
    sent: () => [...recorded].filter(([socket]) => toServer(socket)).map(([, chunks]) => Buffer.concat(chunks)),
  };
}

/** Sends bytes as they are. @returns everything that came back until the answer's body was complete */
export function sendBytes(port: number, bytes: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.setEncoding('utf8').on('data', (text: string) => {
      answer += text;
      const [, length] = /content-length: (\d+)/i.exec(answer) ?? [];
      const body = answer.split('\r\n\r\n')[1];
      if (body !== undefined && Buffer.byteLength(body) >= Number(length)) {
        socket.destroy();
        resolve(answer);
      }
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}
