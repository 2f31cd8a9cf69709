// The HTTP server of a function: the platform is the only one that connects to it, sends one call after another (or several at once,
// where the function's instances may have them), and freezes the process whenever none is under way.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { HttpResponse } from '../../application/http.ts';
import { type Clock, deadlineIn, leftMs } from '../../clock.ts';
import { VendingError } from '../../errors.ts';
import { refusal } from '../refusal.ts';
import { type Call, callersHeaders, callIn, type Kind, kindOf, type Serves } from './received.ts';

/** A call, its body read. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** Without the platform's own. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
  readonly call: Call;
  leftMs(): number;
}

export interface FunctionServerOptions {
  readonly port: number;
  readonly serves: Serves;
  /** How long a call may take before the platform ends the process. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly newId: () => string;
  /** Does all that there is to do: what is left undone when it returns is frozen. */
  answer(received: Received): Promise<HttpResponse>;
  /** What can be done ahead of the first call. */
  initialize(call: Call): Promise<void>;
  /** Gives back what is held; the process is ended after it. */
  stop(call: Call): Promise<void>;
  /** A line around each call, by which the platform's log is split. */
  print(line: string): void;
}

/**
 * A request's own limit is its endpoint's (lib/application/http.ts), which refuses it as it refuses everything: one byte more than the
 * longest that any takes is kept. An event is up to what the platform passes on.
 */
const [LONGEST_REQUEST, LONGEST_EVENT] = [1024 * 1024, 32 * 1024 * 1024];
/** The platform's limit for a caller's is 8 KB; its own come on top, a security token among them. */
const LONGEST_HEADERS = 32 * 1024;
/** The platform has been counting for longer than this process, and the answer has a way to go. */
const RESERVE_MS = 500;

// Not imported: see lib/transport/agent.ts.
const http = process.getBuiltinModule('node:http');

export function startFunctionServer(options: FunctionServerOptions): Promise<Server> {
  const server = http.createServer({
    maxHeaderSize: LONGEST_HEADERS,
    // It is never this end that closes a connection: the platform would write to one that is just being closed, and answer with a 502.
    keepAliveTimeout: 0,
    requestTimeout: 0,
    headersTimeout: 0,
    connectionsCheckingInterval: 2_147_483_647,
  });
  let isUsed = false;
  server.on('request', (request, response) => {
    const kind = kindOf(options.serves, request);
    const isFirst = !isUsed;
    if (kind !== 'perhaps-pre-stop') isUsed = true;
    take(kind === 'perhaps-initialize' ? (isFirst ? 'initialize' : 'request') : kind, request, options).then(
      (said) => send(response, said),
      () => response.destroy(),
    );
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '0.0.0.0', () => resolve(server));
  });
}

async function take(kind: Kind, request: IncomingMessage, options: FunctionServerOptions): Promise<HttpResponse> {
  const { clock, timeoutMs, newId, print } = options;
  const until = deadlineIn(clock, timeoutMs - RESERVE_MS);
  const call = callIn(request.headers, newId);
  if (kind === 'other') return { status: 404, headers: failedEvent, body: '{"code":"ROUTE_UNKNOWN"}' };
  // Nobody outside gets anything done by it, whoever sent it.
  if (kind === 'perhaps-pre-stop') return nothing;
  const what = { initialize: 'Initialize', 'pre-stop': 'PreStop' }[kind as string] ?? 'Invoke';
  print(`FC ${what} Start RequestId: ${call.id}`);
  try {
    if (kind === 'initialize') await options.initialize(call);
    else if (kind === 'pre-stop') await options.stop(call);
    else return await answered(kind === 'event', request, call, () => leftMs(clock, until), options);
    return nothing;
  } finally {
    print(`FC ${what} End RequestId: ${call.id}`);
  }
}

async function answered(
  isEvent: boolean,
  request: IncomingMessage,
  call: Call,
  left: () => number,
  { answer }: FunctionServerOptions,
): Promise<HttpResponse> {
  const { method = '', url = '' } = request;
  const [path = '', query = ''] = url.split(/\?(.*)/s, 2);
  const longest = isEvent ? LONGEST_EVENT : LONGEST_REQUEST;
  const body = await bodyOf(request, longest + 1);
  const identified = (said: HttpResponse) => ({ ...said, headers: { ...said.headers, 'x-request-id': call.id } });
  if (isEvent && body.length > longest)
    return identified(refusal(new VendingError('TOO_LARGE', 'The request is too large')));
  const headers = callersHeaders(request.headers);
  return identified(await answer({ method, path, query, headers, body, call, leftMs: left }));
}

/** All of it is read, and so many bytes are kept. */
async function bodyOf(request: IncomingMessage, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    if (bytes < most) chunks.push(chunk.subarray(0, most - bytes));
    bytes += chunk.length;
  }
  return Buffer.concat(chunks);
}

/** Without this header a call counts as a success, whatever its status is. */
export const failedEvent = { 'content-type': 'application/json', 'x-fc-status': '404' } as const;
const nothing: HttpResponse = { status: 200, headers: {}, body: '' };

function send(response: ServerResponse, { status, headers, body }: HttpResponse): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, { ...headers, 'content-length': bytes.length }).end(bytes);
}
