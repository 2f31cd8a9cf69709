// A TCP proxy that keeps what clients sent, and a raw socket to send it again.
import { type AddressInfo, connect, createServer } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Recorder {
  readonly port: number;
  /** The bytes of every connection, in the order they were opened. */
  sent(): readonly Buffer[];
}

export async function recorder(target: number): Promise<Recorder> {
  const recorded: Buffer[][] = [];
  const server = createServer((client) => {
    const chunks: Buffer[] = [];
    recorded.push(chunks);
    const upstream = connect(target, '127.0.0.1');
    client.on('data', (chunk) => chunks.push(chunk));
    client.pipe(upstream).pipe(client);
    for (const socket of [client, upstream]) socket.on('error', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, sent: () => recorded.map((chunks) => Buffer.concat(chunks)) };
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
