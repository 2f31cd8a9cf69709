// Node's HTTP client without a network: whatever our transport sends is answered by a stand-in in this process. All of our
// own code runs, down to the last line before the socket; what Node, TLS and the network cost is not in the figures.
import { EventEmitter } from 'node:events';
import http from 'node:http';
import { atPort } from './turns.ts';

export interface Sent {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly path: string;
  readonly body: string;
}
export interface Answered {
  readonly status: number;
  readonly body: unknown;
}

/**
 * @param answer computed at once
 * @param waitMs how long the service would take for it
 */
export function answerHere(answer: (sent: Sent) => Answered, waitMs: (sent: Sent) => number): void {
  const request = ({ path }: http.RequestOptions) => {
    const headers: Record<string, string> = {};
    const socket = Object.assign(new EventEmitter(), { ref() {}, unref() {} });
    const outgoing = Object.assign(new EventEmitter(), {
      ...{ reusedSocket: false, socket, path: path ?? '' }, // the path may be told later
      setHeader(name: string, value: string) {
        headers[name.toLowerCase()] = value;
      },
      destroy: () => {},
      async end(body: Buffer) {
        const sent = { headers, path: outgoing.path, body: body.toString() };
        const { status, bytes } = await atPort(waitMs(sent), () => {
          const { status, body } = answer(sent);
          return { status, bytes: Buffer.from(JSON.stringify(body)) };
        });
        const incoming = Object.assign(new EventEmitter(), {
          statusCode: status,
          headers: { date: new Date().toUTCString() },
        });
        outgoing.emit('response', incoming);
        incoming.emit('data', bytes);
        incoming.emit('end');
        outgoing.emit('close');
      },
    });
    process.nextTick(() => {
      outgoing.emit('socket', socket);
      socket.emit('connect');
    });
    return outgoing;
  };
  Object.assign(http, { request });
}
