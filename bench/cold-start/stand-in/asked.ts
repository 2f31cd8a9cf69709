// One request, read as all three protocols spell it: AWS JSON, Alibaba's RPC style with its action in a header, Tencent's.
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

export interface Asked {
  /** `CreateSecret`; empty for a plain GET. */
  readonly action: string;
  readonly headers: IncomingHttpHeaders;
  readonly query: URLSearchParams;
  readonly body: Buffer;
  /** The body's JSON, an empty object where there is no body. */
  // biome-ignore lint/suspicious/noExplicitAny: each service has its own shape, and a wrong one fails the bench at once
  readonly fields: any;
}

/** @returns undefined for an action that nobody answers */
export type Answering = (asked: Asked) => object | undefined;

export async function read(request: IncomingMessage): Promise<Asked> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const { headers } = request;
  const target = headers['x-amz-target'] ?? headers['x-acs-action'] ?? headers['x-tc-action'] ?? '';
  const isJson = body.length > 0 && headers['x-answer-bytes'] === undefined;
  return {
    action: String(target).split('.').at(-1) ?? '',
    headers,
    query: new URL(request.url ?? '/', 'https://stand-in').searchParams,
    body,
    fields: isJson ? JSON.parse(body.toString()) : {},
  };
}
