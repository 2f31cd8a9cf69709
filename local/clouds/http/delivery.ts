// An answer, and the manner in which it leaves: whole, or in one of the ways networks and servers fail.
import type { ServerResponse } from 'node:http';
import { finished } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';

type Manner =
  | { readonly kind: 'whole' }
  /** The connection ends without an answer. */
  | { readonly kind: 'drop' }
  /** Nothing ever comes; the connection stays open until the client or the server's end closes it. */
  | { readonly kind: 'stall' }
  /** The full length is promised, half of it is sent, then the connection ends. */
  | { readonly kind: 'cut-short' }
  | { readonly kind: 'trickle'; readonly bytes: number; readonly everyMs: number };

export interface Delivery {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly manner: Manner;
}

export const json = (status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Delivery => ({
  status,
  headers: { 'content-type': 'application/json;charset=utf-8', ...headers },
  body: JSON.stringify(value),
  manner: { kind: 'whole' },
});

/**
 * Sends it. Resolves once the last byte is handed over or the client is gone, at once for what never ends.
 * @param date the `Date` header: the server's clock may differ from the machine's
 * @param closing ends a trickle early
 */
export async function deliver(
  response: ServerResponse,
  delivery: Delivery,
  date: string,
  closing: AbortSignal,
): Promise<void> {
  const { status, headers, body, manner } = delivery;
  const bytes = Buffer.from(body);
  if (manner.kind === 'stall') return;
  if (manner.kind === 'drop') {
    response.socket?.destroy();
    return;
  }
  response.sendDate = false;
  response.writeHead(status, { ...headers, date, 'content-length': String(bytes.length) });
  if (manner.kind === 'whole') {
    response.end(bytes);
  } else if (manner.kind === 'cut-short') {
    response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.socket?.destroySoon());
  } else {
    for (let sent = 0; sent < bytes.length && !closing.aborted && !response.destroyed; sent += manner.bytes) {
      response.write(bytes.subarray(sent, sent + manner.bytes));
      await wait(manner.everyMs, undefined, { signal: closing }).catch(() => undefined);
    }
    response.end();
  }
  await finished(response).catch(() => undefined);
}
