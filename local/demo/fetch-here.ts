// `fetch`, for servers on this machine. Node's own goes through the proxy that it is told of (NODE_USE_ENV_PROXY), which leads to none of them.
import { once } from 'node:events';
import http, { type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';

interface Asked {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
}

/** @param url of plain HTTP */
export async function fetchHere(url: string, { body, ...asked }: Asked): Promise<Response> {
  const request = http.request(url, { ...asked, agent: new http.Agent() }).end(body);
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  return new Response(Buffer.concat(await answer.toArray()), { status: answer.statusCode ?? 0 });
}
