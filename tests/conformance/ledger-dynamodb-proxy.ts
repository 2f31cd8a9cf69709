// Stands between a ledger and DynamoDB and spoils what it is told to spoil, one request at a time.
import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Spoil =
  | 'drop before'
  | 'drop after'
  | '500 before'
  | '500 after'
  | 'HTML 503'
  | 'HTML 200 after'
  | 'half a body after'
  | { readonly refuse: string }
  /** Changes the request, or the answer. */
  | { readonly ask?: (body: Body) => Body; readonly answer?: (body: Body, asked: Body) => Body };
// biome-ignore lint/suspicious/noExplicitAny: whatever DynamoDB's JSON holds
type Body = any;

export interface Seen {
  readonly action: string;
  readonly method: string;
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly raw: string;
  readonly body: Body;
}

export interface SpoilingProxy {
  readonly endpoint: string;
  readonly seen: Seen[];
  /** The next requests, one each; `undefined` lets one pass. */
  spoil(...next: (Spoil | undefined)[]): void;
  /** Each request from now on, the first `times` times that it comes. */
  spoilEach(spoil: Spoil, times: number): void;
  /** Runs `act` once, when that many more requests have come and the next one arrives. */
  between(requests: number, act: () => Promise<unknown>): void;
  actions(): string[];
  stop(): Promise<void>;
}

export async function startProxy(target: string): Promise<SpoilingProxy> {
  const seen: Seen[] = [];
  const plan: (Spoil | undefined)[] = [];
  let each: { spoil: Spoil; times: number; came: Map<string, number> } | undefined;
  const acts = new Map<number, () => Promise<unknown>>();
  const comesAgain = (raw: string) => {
    const came = (each?.came.get(raw) ?? 0) + 1;
    each?.came.set(raw, came);
    return each && came <= each.times ? each.spoil : undefined;
  };
  const server = http.createServer(async (incoming, outgoing) => {
    const one = await read(incoming);
    seen.push(one);
    const act = acts.get(seen.length - 1);
    acts.delete(seen.length - 1);
    const spoil = plan.shift() ?? comesAgain(one.raw);
    await act?.();
    await answer(target, one, spoil, outgoing).catch(() => outgoing.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    spoil: (...next) => void plan.push(...next),
    spoilEach(spoil, times) {
      each = { spoil, times, came: new Map() };
    },
    between: (requests, act) => void acts.set(seen.length + requests, act),
    actions: () => seen.map(({ action }) => action),
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function read(incoming: IncomingMessage): Promise<Seen> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const raw = Buffer.concat(chunks).toString();
  const { method = '', url = '', headers } = incoming;
  return { action: String(headers['x-amz-target']).split('.')[1]!, method, url, headers, raw, body: JSON.parse(raw) };
}

async function answer(target: string, asked: Seen, spoil: Spoil | undefined, to: ServerResponse): Promise<void> {
  const reply = (status: number, body: string, type = 'application/x-amz-json-1.0') => {
    to.writeHead(status, { 'content-type': type, 'x-amzn-requestid': 'REQUEST1' }).end(body);
  };
  const failure = (code: string) =>
    JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${code}`, message: 'web' });
  if (spoil === 'drop before') return void to.destroy();
  if (spoil === '500 before') return reply(500, failure('InternalServerError'));
  if (spoil === 'HTML 503') return reply(503, '<html>web</html>', 'text/html');
  if (typeof spoil === 'object' && 'refuse' in spoil) return reply(400, failure(spoil.refuse));

  const { status, text } = await forward(target, asked, typeof spoil === 'object' ? spoil.ask : undefined);
  if (spoil === 'drop after') return void to.destroy();
  if (spoil === '500 after') return reply(500, failure('InternalServerError'));
  if (spoil === 'HTML 200 after') return reply(200, '<html>web</html>', 'text/html');
  if (spoil === 'half a body after') return reply(200, text.slice(0, text.length / 2));
  const change = typeof spoil === 'object' ? spoil.answer : undefined;
  reply(status, change ? JSON.stringify(change(JSON.parse(text), asked.body)) : text);
}

async function forward(target: string, { headers, raw, body }: Seen, ask?: (body: Body) => Body) {
  const sent = ask ? JSON.stringify(ask(body)) : raw;
  const { host: _, 'content-length': __, ...rest } = headers;
  const outgoing = http.request(target, { method: 'POST', headers: rest });
  outgoing.end(sent);
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return { status: incoming.statusCode ?? 0, text: Buffer.concat(chunks).toString() };
}
