// Metrics, health and readiness on a port of their own, which is not for the public.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostAndPort } from './address.ts';
import type { Metrics } from './metrics.ts';
import type { Readiness } from './readiness.ts';

/** @param listen empty for nowhere */
export async function startStatus(
  listen: string,
  metrics: Pick<Metrics, 'text' | 'contentType'>,
  ready: Readiness,
): Promise<{ readonly url: string; stop(): Promise<void> } | undefined> {
  if (listen === '') return undefined;
  const pages: Readonly<Record<string, () => Promise<{ status: number; type: string; text: string }>>> = {
    '/metrics': async () => ({ status: 200, type: metrics.contentType, text: await metrics.text() }),
    '/health': async () => ({ status: 200, type: 'application/json', text: '{"status":"ok"}' }),
    '/ready': async () => {
      const look = await ready.look();
      return { status: look.ready ? 200 : 503, type: 'application/json', text: JSON.stringify(look) };
    },
  };
  const server = createServer((request, response) => {
    const page = request.method === 'GET' && Object.hasOwn(pages, request.url ?? '') ? pages[request.url!] : undefined;
    const answer =
      page?.() ?? Promise.resolve({ status: 404, type: 'text/plain', text: 'there is /metrics, /health and /ready' });
    answer.then(
      ({ status, type, text }) => response.writeHead(status, { 'content-type': type }).end(text),
      () => response.writeHead(503).end(), // a queue that cannot be counted
    );
  });
  server.listen(hostAndPort(listen));
  await once(server, 'listening');
  const { address, port, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    async stop() {
      const gone = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await gone;
    },
  };
}
