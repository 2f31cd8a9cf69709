// In front of moto: it writes down every call, and asks moto instead what moto gets right.
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { mends } from './moto-faults.ts';

export interface Front {
  readonly endpoint: string;
  /** `cloudformation:CreateStack` and so on, as they come. */
  readonly calls: string[];
  /** The ARN of a backup for each moment that a table may be restored to. */
  readonly backups: Map<string, string>;
  stop(): void;
}

export async function startFront(moto: string): Promise<Front> {
  const calls: string[] = [];
  const backups = new Map<string, string>();
  const mending = mends(backups);
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const { method = 'GET', url = '/', headers } = request;
    const call = callOf(request, body);
    calls.push(call);
    const text = body.toString();
    const asked = mending.map((mend) => mend({ call, path: url, body: text })).find((mended) => mended !== undefined);
    if (asked !== undefined && 'answer' in asked) return void response.end(asked.answer);
    const sent = {
      method,
      headers: headersOf(headers, asked?.call.split(':')[1]),
      ...(body.length > 0 && { body: asked?.body ?? body }),
    };
    const answer = await fetch(`${moto}${url}`, sent);
    const bytes = Buffer.from(await answer.arrayBuffer());
    const length = { 'content-length': bytes.length };
    response.writeHead(answer.status, { ...headersOf(Object.fromEntries(answer.headers)), ...length }).end(bytes);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    backups,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

const ofTheConnection = /^(connection|expect|keep-alive|transfer-encoding|content-(encoding|length))$/;
const headersOf = (headers: NodeJS.Dict<string | string[]>, action?: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => !ofTheConnection.test(name))
      .map(([name, value]) => {
        const text = String(value);
        return [name, name === 'x-amz-target' && action ? text.replace(/\w+$/, action) : text];
      }),
  );

/** The service is in the scope of a signature. Its action is in a header, in the form, or in the path: then it is told by the list. */
function callOf({ method = '', url = '', headers }: IncomingMessage, body: Buffer): string {
  const [, service = '?'] = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? '') ?? [];
  const target = headers['x-amz-target']?.toString().split('.').at(-1);
  const form = target === undefined ? /(?:^|&)Action=(\w+)/.exec(body.subarray(0, 65_536).toString())?.[1] : undefined;
  const path = paths.find(([pattern]) => pattern.test(`${service} ${method} ${url}`))?.[1];
  return `${service}:${target ?? form ?? path ?? `${method} ${url}`}`;
}

const paths: readonly (readonly [RegExp, string])[] = [
  [/^s3 PUT \/[^/?]+\/[^?]/, 'PutObject'],
  [/^s3 HEAD \/[^/?]+\/?$/, 'HeadBucket'],
  [/^s3 GET \/[^/?]+\/?\?list-type=2/, 'ListObjectsV2'],
  [/^s3 POST \/[^/?]+\/?\?delete/, 'DeleteObjects'],
  [/^s3 HEAD /, 'HeadObject'],
  [/^s3 GET /, 'GetObject'],
  [/^lambda GET \/2015-03-31\/functions\/[^/]+$/, 'GetFunction'],
  [/^lambda GET .*\/configuration$/, 'GetFunctionConfiguration'],
  [/^lambda PUT .*\/concurrency$/, 'PutFunctionConcurrency'],
  [/^lambda DELETE .*\/concurrency$/, 'DeleteFunctionConcurrency'],
];
